import { expect } from "@playwright/test";
import { codeOf } from "../rig.js";
import type { Check } from "../check.js";
import type { Rig, WireProxy } from "../rig.js";

const patch = async (rig: Rig, body: unknown, method = "PATCH") => {
  const { status, text } = await rig.call(method, "/proxies/p", body);
  return { status, text, ...(JSON.parse(text) as WireProxy) };
};

/** Changing a proxy. */
export const updates: Check[] = [
  {
    name: "update: empty body",
    run: async (rig) => {
      await rig.proxy({ port: 9 });
      return (await rig.call("POST", "/proxies/p", "")).text;
    },
    expected: '{"error":"bad request body: EOF","status":400}\n',
  },
  {
    name: "update: unknown proxy comes before a bad body",
    run: async (rig) => (await rig.call("POST", "/proxies/zz", "")).status,
    expected: 404,
  },
  {
    name: "update: POST and PATCH, {} changes nothing, name is ignored, empty upstream is taken",
    run: async (rig) => {
      const { listen } = await rig.proxy({ port: 9 });
      const seen = [];
      for (const body of [{}, { name: "other" }, { upstream: "" }]) {
        const after = await patch(rig, body, "POST");
        seen.push([after.status, after.name, after.listen === listen, after.upstream]);
      }
      seen.push((await patch(rig, {})).status);
      return seen;
    },
    expected: [[200, "p", true, "127.0.0.1:9"], [200, "p", true, "127.0.0.1:9"], [200, "p", true, ""], 200],
  },
  {
    name: "update: an alias of the same address keeps the connection",
    run: async (rig) => {
      const proxy = await rig.proxy(await rig.upstream());
      const peer = await rig.connect(proxy);
      peer.write("a");
      await peer.got(1);
      const after = await patch(rig, { listen: proxy.listen.replace("127.0.0.1", "localhost") });
      peer.write("b");
      return [after.listen === proxy.listen, (await peer.got(2)).toString()];
    },
    expected: [true, "ab"],
  },
  {
    name: "update: localhost:0 is a new port, and drops connections",
    run: async (rig) => {
      const proxy = await rig.proxy(await rig.upstream());
      const peer = await rig.connect(proxy);
      peer.write("a");
      await peer.got(1);
      const after = await patch(rig, { listen: "localhost:0" });
      return [after.listen === proxy.listen, after.enabled, await peer.ended()];
    },
    expected: [false, true, "FIN"],
  },
  {
    name: "update: another upstream keeps the port",
    run: async (rig) => {
      const proxy = await rig.proxy({ port: 9 });
      const { port } = await rig.upstream();
      const after = await patch(rig, { upstream: `127.0.0.1:${port}` });
      const peer = await rig.connect(after);
      peer.write("hi");
      return [after.listen === proxy.listen, (await peer.got(2)).toString()];
    },
    expected: [true, "hi"],
  },
  {
    name: "update: bad listen changes nothing",
    run: async (rig) => {
      const { listen } = await rig.proxy({ port: 9 });
      const refused = await patch(rig, { listen: "nonsense", upstream: "x:1" });
      const after = (await rig.json("GET", "/proxies/p")) as WireProxy;
      return [refused.status, refused.text, after.listen === listen, after.upstream, after.enabled];
    },
    expected: [
      500,
      '{"error":"address nonsense: missing port in address","status":500}\n',
      true,
      "127.0.0.1:9",
      true,
    ],
  },
  {
    name: "update: a port clash leaves it disabled with the new text; it starts when the port is free",
    run: async (rig) => {
      const other = await rig.proxy({ port: 9 }, { name: "q" });
      await rig.proxy({ port: 9 });
      const refused = await patch(rig, { listen: other.listen });
      const after = (await rig.json("GET", "/proxies/p")) as WireProxy;
      await rig.call("DELETE", "/proxies/q");
      const started = await patch(rig, { enabled: true });
      return [
        refused.status,
        refused.text,
        after.enabled,
        after.listen === other.listen,
        started.status,
        started.enabled,
      ];
    },
    expected: [500, expect.stringContaining("bind: address already in use"), false, true, 200, true],
  },
  {
    name: "disable and enable: same port, refused between, toxics stay, may be added while disabled",
    run: async (rig) => {
      const proxy = await rig.proxy(await rig.upstream());
      await rig.toxic("noop", {});
      await patch(rig, { enabled: false });
      const refused = await rig.connect(proxy).then(() => "open", codeOf);
      await rig.toxic("noop", {}, { name: "t2" });
      const after = await patch(rig, { enabled: true });
      const peer = await rig.connect(after);
      peer.write("hi");
      return [refused, after.listen === proxy.listen, after.toxics.length, (await peer.got(2)).toString()];
    },
    expected: ["ECONNREFUSED", true, 2, "hi"],
  },
  {
    name: "disabling twice, enabling twice",
    run: async (rig) => {
      await rig.proxy({ port: 9 });
      const seen = [];
      for (const enabled of [false, false, true, true]) seen.push((await patch(rig, { enabled })).status);
      return seen;
    },
    expected: [200, 200, 200, 200],
  },
];
