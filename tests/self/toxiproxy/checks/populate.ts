import { expect } from "@playwright/test";
import type { Check } from "../check.js";
import type { Rig, WireProxy } from "../rig.js";

const one = { name: "a", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" };
const two = { ...one, name: "b" };

interface Population {
  readonly error?: string;
  readonly status?: number;
  readonly proxies: readonly WireProxy[] | null;
}
async function populate(rig: Rig, body: unknown) {
  const { status, type, text } = await rig.call("POST", "/populate", body);
  const answer = JSON.parse(text) as Population;
  return { status, type, text, answer, names: answer.proxies?.map(({ name }) => name) };
}
const refusal = (body: unknown) => async (rig: Rig) => {
  const { status, type, answer } = await populate(rig, body);
  return [status, type, answer.error, answer.status, await rig.json("GET", "/proxies")];
};
const refused = (text: string) => [400, "application/json", text, 400, {}];
const entry = String.raw`struct { toxiproxy.Proxy; Enabled *bool "json:\"enabled\"" }`;

/** /populate and /reset. */
export const populating: Check[] = [
  {
    name: "populate: two, in order, both up",
    run: async (rig) => {
      const { status, type, names, answer } = await populate(rig, [two, one]);
      return [status, type, names, answer.proxies?.map(({ enabled }) => enabled)];
    },
    expected: [201, "application/json", ["b", "a"], [true, true]],
  },
  {
    name: "populate: one down",
    run: async (rig) =>
      (await populate(rig, [one, { ...two, enabled: false }])).answer.proxies?.map(({ enabled }) => enabled),
    expected: [true, false],
  },
  {
    name: "populate: empty list",
    run: async (rig) => (await rig.call("POST", "/populate", [])).text,
    expected: '{"proxies":[]}',
    documented: { row: "D1", real: '{"proxies":null}' },
  },
  {
    name: "populate: errors with nothing made",
    run: async (rig) => (await rig.call("POST", "/populate", "")).text,
    expected: '{"error":"bad request body: EOF","status":400,"proxies":[]}',
    documented: { row: "D1", real: '{"error":"bad request body: EOF","status":400,"proxies":null}' },
  },
  { name: "populate: empty body", run: refusal(""), expected: refused("bad request body: EOF") },
  {
    name: "populate: an object",
    run: refusal({}),
    expected: refused(`bad request body: json: cannot unmarshal object into Go value of type []${entry}`),
  },
  {
    name: "populate: a list of numbers",
    run: refusal([1]),
    expected: refused(`bad request body: json: cannot unmarshal number into Go value of type ${entry}`),
  },
  {
    name: "populate: wrong type of a field",
    run: refusal([{ name: 1 }]),
    expected: refused(
      "bad request body: json: cannot unmarshal number into Go struct field .Proxy.name of type string",
    ),
  },
  {
    name: "populate: wrong type of enabled",
    run: refusal([{ ...one, enabled: "x" }]),
    expected: refused(
      "bad request body: json: cannot unmarshal string into Go struct field .enabled of type bool",
    ),
  },
  {
    name: "populate: null entry",
    run: refusal([null]),
    expected: refused("missing required field: name at proxy 1"),
  },
  {
    name: "populate: a bad name anywhere makes nothing",
    run: refusal([one, { upstream: "x" }]),
    expected: refused("missing required field: name at proxy 2"),
  },
  {
    name: "populate: a bad upstream anywhere makes nothing",
    run: refusal([one, { name: "x" }]),
    expected: refused("missing required field: upstream at proxy 2"),
  },
  {
    name: "populate: first start failure keeps what is done, skips the rest",
    run: async (rig) => {
      const { status, names, answer } = await populate(rig, [
        one,
        { ...two, listen: "nonsense" },
        { ...one, name: "c" },
      ]);
      const after = Object.keys((await rig.json("GET", "/proxies")) as object);
      return [status, names, answer.error, after];
    },
    expected: [500, ["a"], "listen tcp: address nonsense: missing port in address", ["a"]],
  },
  {
    name: "populate: the same is kept with its toxics, and its enabled flag untouched; another is replaced",
    run: async (rig) => {
      const { listen } = await rig.proxy({ port: 9 });
      await rig.toxic("noop", {});
      const alias = { name: "p", listen: listen.replace("127.0.0.1", "localhost"), upstream: "127.0.0.1:9" };
      const kept = await populate(rig, [{ ...alias, enabled: false }]);
      const replaced = await populate(rig, [{ ...alias, upstream: "127.0.0.1:10" }]);
      return [kept, replaced].map(({ answer }) =>
        answer.proxies?.map((proxy) => [
          proxy.listen === listen,
          proxy.enabled,
          proxy.toxics.length,
          proxy.upstream,
        ]),
      );
    },
    expected: [[[true, true, 1, "127.0.0.1:9"]], [[true, true, 0, "127.0.0.1:10"]]],
  },
  {
    name: "populate: port 0 always replaces",
    run: async (rig) => {
      const first = await populate(rig, [one]);
      const second = await populate(rig, [one]);
      return first.answer.proxies?.[0]?.listen === second.answer.proxies?.[0]?.listen;
    },
    expected: false,
  },
  {
    name: "populate: duplicate names, the second replaces the first",
    run: async (rig) => {
      const { names } = await populate(rig, [one, { ...one, upstream: "127.0.0.1:10" }]);
      const all = (await rig.json("GET", "/proxies")) as Record<string, WireProxy>;
      return [names, Object.keys(all), all["a"]?.upstream];
    },
    expected: [["a", "a"], ["a"], "127.0.0.1:10"],
  },
  {
    name: "populate: a replaced proxy whose successor fails stays, stopped",
    run: async (rig) => {
      const taken = await rig.proxy({ port: 9 }, { name: "q" });
      await rig.proxy({ port: 9 });
      const { status, answer } = await populate(rig, [{ ...one, name: "p", listen: taken.listen }]);
      const after = (await rig.json("GET", "/proxies/p")) as WireProxy;
      return [status, answer.error, after.enabled, after.listen === taken.listen];
    },
    expected: [500, expect.stringContaining("address already in use"), false, false],
  },
  {
    name: "reset: starts proxies, removes toxics, keeps connections",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.proxy({ port: 9 }, { name: "down", enabled: false });
      await rig.toxic("latency", { latency: 60_000 });
      server.write("held");
      const { status, text } = await rig.call("POST", "/reset", "not json");
      const got = (await client.got(4)).toString();
      const all = Object.values((await rig.json("GET", "/proxies")) as Record<string, WireProxy>);
      return [status, text, got, all.map(({ enabled, toxics }) => [enabled, toxics.length])];
    },
    expected: [
      204,
      "",
      "held",
      [
        [true, 0],
        [true, 0],
      ],
    ],
  },
  {
    name: "reset: a proxy that cannot start",
    run: async (rig) => {
      const taken = await rig.proxy({ port: 9 });
      await rig.proxy({ port: 9 }, { name: "q", enabled: false, listen: taken.listen });
      const { status, text } = await rig.call("POST", "/reset");
      return [status, text];
    },
    expected: [500, expect.stringContaining("address already in use")],
  },
];
