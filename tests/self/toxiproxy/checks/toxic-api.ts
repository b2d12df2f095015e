import type { Check } from "../check.js";
import type { Rig } from "../rig.js";

/** Adds a toxic by `body` to a fresh proxy: status and text. */
const add =
  (body: unknown) =>
  async (rig: Rig): Promise<unknown> => {
    await rig.proxy({ port: 9 });
    const { status, text } = await rig.call("POST", "/proxies/p/toxics", body);
    return [status, text];
  };
const error = (status: number, text: string) => [status, `${JSON.stringify({ error: text, status })}\n`];
const bad = (text: string) => error(400, `bad request body: json: cannot unmarshal ${text}`);
const made = (attributes: string, name: string, type: string, stream = "downstream", toxicity = "1") => [
  200,
  `{"attributes":${attributes},"name":"${name}","type":"${type}","stream":"${stream}","toxicity":${toxicity}}`,
];
const latency = (latency: unknown) => ({ type: "latency", attributes: { latency } });
const field = (value: string, name: string, type: string) =>
  bad(`${value} into Go struct field ${name} of type ${type}`);
const attribute = (value: string) => field(value, "LatencyToxic.attributes.latency", "int64");
const none = '{"latency":0,"jitter":0}';
const stream = error(400, "stream was invalid, can be either upstream or downstream");
const type = error(400, "invalid toxic type");

const table: readonly (readonly [string, unknown, unknown])[] = [
  ["defaults", { type: "latency" }, made(none, "latency_downstream", "latency")],
  ["noop", { type: "noop", attributes: { x: 1 } }, made("{}", "noop_downstream", "noop")],
  [
    "bandwidth",
    { type: "bandwidth", attributes: { rate: 7 } },
    made('{"rate":7}', "bandwidth_downstream", "bandwidth"),
  ],
  ["slow_close", { type: "slow_close" }, made('{"delay":0}', "slow_close_downstream", "slow_close")],
  ["timeout", { type: "timeout" }, made('{"timeout":0}', "timeout_downstream", "timeout")],
  ["reset_peer", { type: "reset_peer" }, made('{"timeout":0}', "reset_peer_downstream", "reset_peer")],
  ["limit_data", { type: "limit_data" }, made('{"bytes":0}', "limit_data_downstream", "limit_data")],
  [
    "slicer",
    { type: "slicer", attributes: { average_size: 9, size_variation: 3, delay: 2 } },
    made('{"average_size":9,"size_variation":3,"delay":2}', "slicer_downstream", "slicer"),
  ],
  [
    "stream in capitals is echoed",
    { type: "latency", stream: "UPSTREAM" },
    made(none, "latency_UPSTREAM", "latency", "UPSTREAM"),
  ],
  ["all attributes null", { type: "latency", attributes: null }, made(none, "latency_downstream", "latency")],
  ["negative attributes", latency(-5), made('{"latency":-5,"jitter":0}', "latency_downstream", "latency")],
  [
    "largest attribute",
    '{"type":"latency","attributes":{"latency":9223372036854775807}}',
    made('{"latency":9223372036854775807,"jitter":0}', "latency_downstream", "latency"),
  ],
  [
    "attribute keys in any case, the last wins, null is not a value",
    '{"type":"latency","attributes":{"latency":5,"LATENCY":7,"latency":null}}',
    made('{"latency":7,"jitter":0}', "latency_downstream", "latency"),
  ],
  ["attribute 1.5", latency(1.5), attribute("number 1.5")],
  ["attribute 100.0", '{"type":"latency","attributes":{"latency":100.0}}', attribute("number 100.0")],
  ["attribute 1e2", '{"type":"latency","attributes":{"latency":1e2}}', attribute("number 1e2")],
  [
    "attribute beyond int64",
    '{"type":"latency","attributes":{"latency":9223372036854775808}}',
    attribute("number 9223372036854775808"),
  ],
  ["attribute a string", latency("a"), attribute("string")],
  ["attribute a boolean", latency(true), attribute("bool")],
  [
    "attributes a string",
    { type: "latency", attributes: "a" },
    field("string", "ToxicWrapper.attributes", "toxics.NoopToxic"),
  ],
  [
    "attributes an array",
    { type: "latency", attributes: [] },
    field("array", "ToxicWrapper.attributes", "toxics.NoopToxic"),
  ],
  [
    "slicer attributes are of type int",
    { type: "slicer", attributes: { average_size: 1, delay: 1.5 } },
    field("number 1.5", "SlicerToxic.attributes.delay", "int"),
  ],
  [
    "toxicity 0.2",
    { type: "latency", toxicity: 0.2 },
    made(none, "latency_downstream", "latency", "downstream", "0.2"),
  ],
  [
    "toxicity 1/3",
    { type: "latency", toxicity: 1 / 3 },
    made(none, "latency_downstream", "latency", "downstream", "0.33333334"),
  ],
  [
    "toxicity -1",
    { type: "latency", toxicity: -1 },
    made(none, "latency_downstream", "latency", "downstream", "-1"),
  ],
  [
    "toxicity 2",
    { type: "latency", toxicity: 2 },
    made(none, "latency_downstream", "latency", "downstream", "2"),
  ],
  [
    "toxicity 1e-9",
    { type: "latency", toxicity: 1e-9 },
    made(none, "latency_downstream", "latency", "downstream", "1e-9"),
  ],
  [
    "toxicity 3e22",
    { type: "latency", toxicity: 3e22 },
    made(none, "latency_downstream", "latency", "downstream", "3e+22"),
  ],
  ["toxicity null", { type: "latency", toxicity: null }, made(none, "latency_downstream", "latency")],
  [
    "toxicity a string",
    { type: "latency", toxicity: "a" },
    field("string", "ToxicWrapper.toxicity", "float32"),
  ],
  [
    "toxicity beyond float32",
    '{"type":"latency","toxicity":1e60}',
    field("number 1e60", "ToxicWrapper.toxicity", "float32"),
  ],
  ["stream empty", { type: "latency", stream: "" }, stream],
  ["stream unknown comes before type unknown", { type: "x", stream: "sideways" }, stream],
  ["type missing", {}, type],
  ["type in capitals", { type: "Latency" }, type],
  ["type down", { type: "down" }, type],
  ["type of every object", { type: "toString" }, type],
  ["null body", "null", type],
  ["empty body", "", error(400, "bad request body: EOF")],
  ["array body", [], bad("array into Go value of type toxics.ToxicWrapper")],
];

const patch = (body: unknown) => async (rig: Rig) => {
  await rig.proxy({ port: 9 });
  await rig.toxic("latency", { latency: 10, jitter: 2 }, { toxicity: 0.5 });
  const { status, text } = await rig.call("PATCH", "/proxies/p/toxics/t", body);
  return [status, text];
};
const patched = (attributes: string, toxicity: string) =>
  made(attributes, "t", "latency", "downstream", toxicity);
const list = async (rig: Rig) =>
  ((await rig.json("GET", "/proxies/p/toxics")) as { name: string; stream: string }[]).map(
    ({ name }) => name,
  );

/** The toxics of the control API. */
export const toxicApi: Check[] = [
  ...table.map(([name, body, expected]) => ({ name: `add: ${name}`, run: add(body), expected })),
  {
    name: "add: to an unknown proxy",
    run: async (rig) => (await rig.call("POST", "/proxies/zz/toxics", "")).text,
    expected: '{"error":"proxy not found","status":404}\n',
  },
  {
    name: "add: names are unique across streams; default names are not alike",
    run: async (rig) => {
      await rig.proxy({ port: 9 });
      const seen = [];
      for (const body of [
        { type: "latency", name: "n" },
        { type: "latency", name: "n" },
        { type: "bandwidth", name: "n", stream: "upstream" },
        { type: "latency" },
        { type: "latency", stream: "upstream" },
        { type: "latency", name: "n", attributes: "bad" },
      ]) {
        seen.push((await rig.call("POST", "/proxies/p/toxics", body)).status);
      }
      return seen;
    },
    expected: [200, 409, 409, 200, 200, 400],
  },
  {
    name: "list: empty",
    run: async (rig) => {
      await rig.proxy({ port: 9 });
      return (await rig.call("GET", "/proxies/p/toxics")).text;
    },
    expected: "[]",
  },
  {
    name: "list: upstream first, each in order of creation; the proxy shows the same",
    run: async (rig) => {
      await rig.proxy({ port: 9 });
      for (const [name, direction] of [
        ["d1", "downstream"],
        ["u1", "upstream"],
        ["d0", "downstream"],
        ["u0", "upstream"],
      ]) {
        await rig.toxic("noop", {}, { name, stream: direction });
      }
      const { toxics } = (await rig.json("GET", "/proxies/p")) as { toxics: { name: string }[] };
      return [await list(rig), toxics.map(({ name }) => name)];
    },
    expected: [
      ["u1", "u0", "d1", "d0"],
      ["u1", "u0", "d1", "d0"],
    ],
  },
  {
    name: "update: one attribute",
    run: patch({ attributes: { jitter: 3 } }),
    expected: patched('{"latency":10,"jitter":3}', "0.5"),
  },
  {
    name: "update: toxicity",
    run: patch({ toxicity: 0.25 }),
    expected: patched('{"latency":10,"jitter":2}', "0.25"),
  },
  { name: "update: {}", run: patch({}), expected: patched('{"latency":10,"jitter":2}', "0.5") },
  { name: "update: null", run: patch("null"), expected: patched('{"latency":10,"jitter":2}', "0.5") },
  {
    name: "update: name, type and stream are ignored",
    run: patch({ name: "x", type: "noop", stream: "upstream" }),
    expected: patched('{"latency":10,"jitter":2}', "0.5"),
  },
  { name: "update: empty body", run: patch(""), expected: error(400, "bad request body: EOF") },
  {
    name: "update: toxicity a string",
    run: patch({ toxicity: "a" }),
    expected: field("string", ".toxicity", "float32"),
  },
  {
    name: "update: attributes a string",
    run: patch({ attributes: "x" }),
    expected: field("string", ".attributes", "toxics.LatencyToxic"),
  },
  {
    name: "update: array body",
    run: patch([]),
    expected: bad(
      String.raw`array into Go value of type struct { Attributes interface {} "json:\"attributes\""; Toxicity float32 "json:\"toxicity\"" }`,
    ),
  },
  {
    name: "update: a half-bad body changes nothing",
    run: async (rig) => {
      const refused = await patch({ attributes: { jitter: 7, latency: "a" } })(rig);
      const after = (await rig.json("GET", "/proxies/p/toxics/t")) as { attributes: { jitter: number } };
      return [refused[0], after.attributes.jitter];
    },
    expected: [400, 2],
    documented: { row: "D8", real: [400, 7] },
  },
  {
    name: "get, update and delete: unknown toxic",
    run: async (rig) => {
      await rig.proxy({ port: 9 });
      const seen = [];
      for (const method of ["GET", "PATCH", "DELETE"]) {
        seen.push((await rig.call(method, "/proxies/p/toxics/zz", method === "PATCH" ? "" : undefined)).text);
      }
      return new Set(seen);
    },
    expected: new Set(['{"error":"toxic not found","status":404}\n']),
  },
  {
    name: "delete: gone from the list, name free again",
    run: async (rig) => {
      await rig.proxy({ port: 9 });
      await rig.toxic("noop", {});
      await rig.toxic("noop", {}, { name: "t2" });
      await rig.removeToxic();
      const left = await list(rig);
      await rig.toxic("noop", {});
      return [left, await list(rig)];
    },
    expected: [["t2"], ["t2", "t"]],
  },
  ...(
    [
      ["average_size 0", { average_size: 0 }],
      ["average_size negative", { average_size: -1 }],
      ["size_variation above average_size", { average_size: 10, size_variation: 11 }],
      ["size_variation negative", { average_size: 10, size_variation: -1 }],
    ] as const
  ).map(([name, attributes]) => ({
    name: `add: slicer with ${name} is refused`,
    run: async (rig: Rig) => {
      await rig.proxy({ port: 9 });
      const { status } = await rig.call("POST", "/proxies/p/toxics", { type: "slicer", attributes });
      return [status, await list(rig)];
    },
    expected: [400, []],
    documented: { row: "D7" as const, real: [200, ["slicer_downstream"]] },
  })),
];
