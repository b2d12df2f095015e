import { expect } from "@playwright/test";
import { codeOf, portOf } from "../rig.js";
import { Peer } from "../peer.js";
import type { Check } from "../check.js";
import type { Rig, WireProxy } from "../rig.js";

const up = { name: "p", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" };

/** Creates with `body`: status, type and error text, or status and the proxy. */
const create = (body: unknown) => async (rig: Rig) => {
  const { status, type, text } = await rig.call("POST", "/proxies", body);
  return [status, type, text];
};
const error = (status: number, text: string) => [
  status,
  "text/plain; charset=utf-8",
  `${JSON.stringify({ error: text, status })}\n`,
];
const bad = (text: string) => error(400, `bad request body: ${text}`);

const refusals: readonly (readonly [string, unknown, unknown])[] = [
  ["empty body", "", bad("EOF")],
  ["truncated body", '{"name":', bad("unexpected EOF")],
  ["array body", [], bad("json: cannot unmarshal array into Go value of type toxiproxy.Proxy")],
  ["null body", "null", error(400, "missing required field: name")],
  ["name missing", { upstream: "x:1" }, error(400, "missing required field: name")],
  ["name empty", { name: "", upstream: "x:1" }, error(400, "missing required field: name")],
  ["upstream missing", { name: "p" }, error(400, "missing required field: upstream")],
  ["upstream empty", { name: "p", upstream: "" }, error(400, "missing required field: upstream")],
  [
    "name a number",
    { name: 1 },
    bad("json: cannot unmarshal number into Go struct field Proxy.name of type string"),
  ],
  [
    "enabled a string",
    { ...up, enabled: "x" },
    bad("json: cannot unmarshal string into Go struct field Proxy.enabled of type bool"),
  ],
  ["no colon after key", '{"a" 1}', bad("invalid character '1' after object key")],
  ["bare key", "{a:1}", bad("invalid character 'a' looking for beginning of object key string")],
  ["no comma", '{"a":1 "b":2}', bad("invalid character '\"' after object key:value pair")],
  ["broken literal", '{"a":tru}', bad("invalid character '}' in literal true (expecting 'e')")],
  ["bad escape", String.raw`{"a":"\x"}`, bad("invalid character 'x' in string escape code")],
  ["bad fraction", '{"a":1.}', bad("invalid character '}' after decimal point in numeric literal")],
  ["line break in a string", '{"a":"\n"}', bad(String.raw`invalid character '\n' in string literal`)],
  [
    "listen without port",
    { ...up, listen: "localhost" },
    error(500, "listen tcp: address localhost: missing port in address"),
  ],
  [
    "port too high",
    { ...up, listen: "localhost:99999" },
    error(500, "listen tcp: address 99999: invalid port"),
  ],
  ["port negative", { ...up, listen: "localhost:-1" }, error(500, "listen tcp: address -1: invalid port")],
  [
    "port unknown",
    { ...up, listen: "localhost:foo" },
    error(500, "listen tcp: lookup tcp/foo: unknown port"),
  ],
  [
    "too many colons",
    { ...up, listen: "a:b:c" },
    error(500, "listen tcp: address a:b:c: too many colons in address"),
  ],
  [
    "open bracket",
    { ...up, listen: "[::1:0" },
    error(500, "listen tcp: address [::1:0: missing ']' in address"),
  ],
  [
    "foreign address",
    { ...up, listen: "192.0.2.1:0" },
    error(500, "listen tcp 192.0.2.1:0: bind: cannot assign requested address"),
  ],
];

/** Creating, reading, changing and deleting proxies. */
export const proxies: Check[] = [
  ...refusals.map(([name, body, expected]) => ({ name: `create: ${name}`, run: create(body), expected })),
  {
    name: "create: host that does not resolve",
    run: create({ ...up, listen: "nosuch.invalid:0" }),
    // A real server names its resolver between the two parts.
    expected: [
      500,
      "text/plain; charset=utf-8",
      expect.stringMatching(/"listen tcp: lookup nosuch\.invalid.*: no such host"/),
    ],
  },
  {
    name: "create: a refused one leaves nothing",
    run: async (rig) => {
      await rig.call("POST", "/proxies", { ...up, listen: "localhost" });
      return rig.json("GET", "/proxies");
    },
    expected: {},
  },
  {
    name: "create: answer, key order included",
    run: create(up),
    expected: [
      201,
      "application/json",
      expect.stringMatching(
        /^\{"name":"p","listen":"127\.0\.0\.1:\d+","upstream":"127\.0\.0\.1:9","enabled":true,"Logger":\{\},"toxics":\[\]\}$/,
      ),
    ],
  },
  {
    name: "create: keys in any case, null and unknown keys ignored, text after the value ignored",
    run: async (rig) => {
      const reply = await rig.call(
        "POST",
        "/proxies",
        '{"NAME":"p","Upstream":"u:1","listen":null,"enabled":null,"toxics":[1],"x":{}} trailing',
      );
      return [
        reply.status,
        (JSON.parse(reply.text) as WireProxy).name,
        (JSON.parse(reply.text) as WireProxy).enabled,
      ];
    },
    expected: [201, "p", true],
  },
  {
    name: "create: HTML characters are escaped",
    run: async (rig) => (await rig.call("POST", "/proxies", { ...up, name: "<&>", enabled: false })).text,
    expected: expect.stringContaining(String.raw`{"name":"\u003c\u0026\u003e"`),
  },
  {
    name: "create: duplicate name, free again after delete",
    run: async (rig) => {
      const seen = [];
      seen.push((await create(up)(rig))[0], await create({ ...up, listen: "nonsense" })(rig));
      await rig.call("DELETE", "/proxies/p");
      seen.push((await create(up)(rig))[0]);
      return seen;
    },
    expected: [201, error(409, "proxy already exists"), 201],
  },
  {
    name: "create: port in use, free again after delete",
    run: async (rig) => {
      const { listen } = await rig.proxy({ port: 9 });
      const taken = await create({ ...up, name: "q", listen })(rig);
      await rig.call("DELETE", "/proxies/p");
      const [status] = await create({ ...up, name: "q", listen })(rig);
      return [taken[0], String(taken[2]).replace(/:\d+/, ":PORT"), status];
    },
    expected: [
      500,
      '{"error":"listen tcp 127.0.0.1:PORT: bind: address already in use","status":500}\n',
      201,
    ],
  },
  ...[
    ["localhost:0", /^127\.0\.0\.1:\d+$/],
    ["", /^\[::\]:\d+$/],
    [":0", /^\[::\]:\d+$/],
    ["0.0.0.0:0", /^\[::\]:\d+$/],
    ["[::]:0", /^\[::\]:\d+$/],
    ["[::1]:0", /^\[::1\]:\d+$/],
  ].map(([listen, shown]) => ({
    name: `create: listen ${JSON.stringify(listen)} is shown resolved`,
    run: async (rig: Rig) => (await rig.proxy({ port: 9 }, { listen })).listen,
    expected: expect.stringMatching(shown ?? ""),
  })),
  {
    name: "create: every interface means both families",
    run: async (rig) => {
      const port = portOf(await rig.proxy(await rig.upstream(), { listen: "0.0.0.0:0" }));
      const seen = [];
      for (const host of ["127.0.0.1", "::1"]) {
        const peer = await Peer.connect(port, host);
        peer.write("hi");
        seen.push((await peer.got(2)).toString());
        peer.destroy();
      }
      return seen;
    },
    expected: ["hi", "hi"],
  },
  {
    name: "create: disabled keeps its listen text",
    run: async (rig) => {
      const { listen, enabled } = await rig.proxy({ port: 9 }, { enabled: false, listen: "localhost:0" });
      return [listen, enabled];
    },
    expected: ["localhost:0", false],
  },
  {
    name: "list: by name, in order",
    run: async (rig) => {
      for (const name of ["b", "a", "10", "9"]) await rig.proxy({ port: 9 }, { name });
      const { text } = await rig.call("GET", "/proxies");
      return [...text.matchAll(/"name":"(\w+)"/g)].map(([, name]) => name);
    },
    expected: ["10", "9", "a", "b"],
  },
  {
    name: "get: unknown proxy",
    run: async (rig) => {
      const { status, type, text, headers } = await rig.call("GET", "/proxies/zz");
      return [status, type, text, headers["x-content-type-options"]];
    },
    expected: [...error(404, "proxy not found"), "nosniff"],
  },
  {
    name: "get: name with a space, percent-encoded",
    run: async (rig) => {
      await rig.proxy({ port: 9 }, { name: "a b" });
      return ((await rig.json("GET", "/proxies/a%20b")) as WireProxy).name;
    },
    expected: "a b",
  },
  {
    name: "delete: then unknown",
    run: async (rig) => {
      const proxy = await rig.proxy(await rig.upstream());
      const first = await rig.call("DELETE", "/proxies/p");
      const second = await rig.call("DELETE", "/proxies/p");
      const open = await Peer.connect(portOf(proxy)).then(() => "open", codeOf);
      return [first.status, first.text, first.type, second.status, second.text, open];
    },
    expected: [204, "", undefined, 404, '{"error":"proxy not found","status":404}\n', "ECONNREFUSED"],
  },
];

/** Leaves a proxy that no call can address: to be run last on its server. */
export const unaddressable: Check[] = [
  {
    name: "get: name with a slash cannot be addressed",
    run: async (rig) => {
      await rig.proxy({ port: 9 }, { name: "a/b", enabled: false });
      return (await rig.call("GET", "/proxies/a%2Fb")).status;
    },
    expected: 404,
  },
];
