import { Toxiproxy } from "toxiproxy-node-client";
import type { Check } from "../check.js";

/** The public client library against the server. */
export const client: Check[] = [
  {
    name: "client: create, list, get, update, remove",
    run: async (rig) => {
      const toxiproxy = new Toxiproxy(rig.url);
      const proxy = await toxiproxy.createProxy({
        name: "p",
        listen: "localhost:0",
        upstream: "127.0.0.1:9",
      });
      const names = Object.keys(await toxiproxy.getAll());
      const { listen, upstream } = await toxiproxy.get("p");
      const off = await proxy.update({ enabled: false, listen, upstream });
      await proxy.remove();
      return [proxy.listen === listen, names, off.enabled, Object.keys(await toxiproxy.getAll())];
    },
    expected: [true, ["p"], false, []],
  },
  {
    name: "client: toxic added, read, updated, removed",
    run: async (rig) => {
      const toxiproxy = new Toxiproxy(rig.url);
      const proxy = await toxiproxy.createProxy({
        name: "p",
        listen: "localhost:0",
        upstream: "127.0.0.1:9",
      });
      const toxic = await proxy.addToxic({
        name: "t",
        type: "latency",
        stream: "upstream",
        toxicity: 0.5,
        attributes: { latency: 5, jitter: 1 },
      });
      const updated = await toxic.update({ ...toxic.toJson(), attributes: { latency: 6, jitter: 1 } });
      const read = await proxy.getToxic("t");
      await toxic.remove();
      return [updated.toJson(), read.toJson()];
    },
    expected: Array.from({ length: 2 }, () => ({
      name: "t",
      type: "latency",
      stream: "upstream",
      toxicity: 0.5,
      attributes: { latency: 6, jitter: 1 },
    })),
  },
  {
    name: "client: version, reset",
    run: async (rig) => {
      const toxiproxy = new Toxiproxy(rig.url);
      await toxiproxy.reset();
      return /"version"/.test(await toxiproxy.getVersion());
    },
    expected: true,
  },
  {
    name: "client: populate",
    run: async (rig) => {
      const made = await new Toxiproxy(rig.url).populate([
        { name: "p", listen: "localhost:0", upstream: "127.0.0.1:9" },
      ]);
      return Object.keys(made);
    },
    expected: ["p"],
  },
  {
    name: "client: populate with an empty list",
    run: async (rig) =>
      new Toxiproxy(rig.url).populate([]).then(
        (made) => Object.keys(made).length,
        (failure: unknown) => (failure instanceof TypeError ? "TypeError" : failure),
      ),
    expected: 0,
    documented: { row: "D1", real: "TypeError" },
  },
];
