import { between, until } from "../rig.js";
import { Peer } from "../peer.js";
import type { Check } from "../check.js";
import type { Rig } from "../rig.js";

/** Whether the server still answers, and how fast, ms. */
async function alive(rig: Rig): Promise<string> {
  const start = performance.now();
  const { status } = await rig.call("GET", "/version");
  return status === 200 ? between(performance.now() - start, 0, 1000) : `status ${status}`;
}

/** A toxic that kills or hangs servers up to 2.12 once data flows; this one passes the data. */
const survives = (name: string, type: string, attributes: string): Check => ({
  name: `survives: ${name}`,
  run: async (rig) => {
    const { client, server } = await rig.pair();
    const body = `{"type":"${type}","name":"t","attributes":${attributes}}`;
    const added = await rig.call("POST", "/proxies/p/toxics", body);
    const start = performance.now();
    server.write("x".repeat(100_000));
    await until("the toxic has met the data", () => client.size > 0 || performance.now() - start > 200);
    if (added.status === 200) {
      await rig.removeToxic();
      await client.got(100_000);
    }
    return alive(rig);
  },
  expected: "in time",
  documented: { row: "D7" },
});

const stuck =
  (mutate: (rig: Rig) => Promise<unknown>, type: string, attributes: Record<string, number>) =>
  async (rig: Rig): Promise<unknown> => {
    // Upstream traffic to a peer that does not read: every buffer on the way fills.
    const upstream = await rig.upstream("deaf");
    const proxy = await rig.proxy(upstream);
    await rig.toxic(type, attributes, { stream: "upstream" });
    const client = await rig.connect(proxy);
    const block = Buffer.alloc(1 << 20);
    for (let count = 0; count < 48; count++) client.write(block);
    let before = -1;
    await until(
      "the pipeline is full",
      async () => {
        const now = client.socket.bytesWritten - client.socket.writableLength;
        const same = now === before;
        before = now;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return same;
      },
      8000,
    );
    const start = performance.now();
    await mutate(rig);
    return [between(performance.now() - start, 0, 1000), await alive(rig)];
  };

/** Inputs that kill or hang servers up to 2.12. */
export const robustness: Check[] = [
  survives("bandwidth with a negative rate", "bandwidth", '{"rate":-5}'),
  survives("slicer without attributes", "slicer", "{}"),
  survives("slicer with a variation above its average", "slicer", '{"average_size":10,"size_variation":500}'),
  survives("jitter near the largest integer", "latency", '{"jitter":9223372036854775807}'),
  {
    ...survives("latency at the largest integer", "latency", '{"latency":9223372036854775807}'),
    documented: undefined,
  },
  ...(
    [
      ["noop", {}],
      ["latency", { latency: 1 }],
      ["bandwidth", { rate: 1_000_000 }],
      ["slicer", { average_size: 4096, size_variation: 0, delay: 0 }],
    ] as const
  ).map(([type, attributes]): Check => ({
    name: `a peer that does not read: add, update, remove and reset answer (${type})`,
    run: stuck(
      async (rig) => {
        await rig.toxic("noop", {}, { name: "t2", stream: "upstream" });
        await rig.call("PATCH", "/proxies/p/toxics/t", {});
        await rig.removeToxic();
        await rig.call("POST", "/reset");
      },
      type,
      attributes,
    ),
    expected: ["in time", "in time"],
    documented: { row: "D5" },
  })),
  {
    name: "reset_peer removed during its wait gives the data back",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("reset_peer", { timeout: 60_000 });
      const start = performance.now();
      server.write("held");
      // Nothing tells from outside when a real server has read it.
      await until("the data is inside", () => performance.now() - start > 150);
      await rig.removeToxic();
      return (await client.got(4)).toString();
    },
    expected: "held",
    documented: { row: "D5" },
  },
  {
    name: "a connection that broke inside its toxics does not hang their removal",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 60_000 });
      server.write("held");
      client.socket.resetAndDestroy();
      await server.ended();
      const start = performance.now();
      await rig.removeToxic();
      return between(performance.now() - start, 0, 1000);
    },
    expected: "in time",
  },
  {
    name: "timeout after latency: removing the latency first does not hang",
    run: async (rig) => {
      const { server } = await rig.pair();
      await rig.toxic("latency", { latency: 10 });
      await rig.toxic("timeout", { timeout: 700 }, { name: "t2" });
      server.write("x");
      const start = performance.now();
      await rig.removeToxic();
      return between(performance.now() - start, 0, 1000);
    },
    expected: "in time",
  },
  {
    name: "200 connections come and go while a latency is added and removed",
    run: async (rig) => {
      const proxy = await rig.proxy(await rig.upstream());
      const toggling = new AbortController();
      const toggle = (async () => {
        while (!toggling.signal.aborted) {
          await rig.toxic("latency", { latency: 10 });
          await rig.removeToxic();
        }
      })();
      for (let round = 0; round < 10; round++) {
        const peers = await Promise.all(Array.from({ length: 20 }, () => rig.connect(proxy)));
        for (const peer of peers) peer.write("hi");
        await Promise.all(peers.map((peer) => peer.got(2)));
        for (const peer of peers) peer.destroy();
      }
      toggling.abort();
      await toggle;
      return alive(rig);
    },
    expected: "in time",
  },
  {
    name: "garbage on the control port is answered and forgotten",
    run: async (rig) => {
      const peer = await Peer.connect(Number(new URL(rig.url).port));
      peer.write("\u0000\u0001 garbage\r\n\r\n");
      await peer.ended();
      const status = peer.received.toString().split("\r\n")[0];
      peer.destroy();
      return [status, await alive(rig)];
    },
    expected: ["HTTP/1.1 400 Bad Request", "in time"],
  },
  {
    name: "a body nested 5,000 deep",
    run: async (rig) => {
      const { status } = await rig.call("POST", "/proxies", "[".repeat(5000) + "]".repeat(5000));
      return [status, await alive(rig)];
    },
    expected: [400, "in time"],
  },
];
