import { expect } from "@playwright/test";
import { between, until } from "../rig.js";
import type { Check } from "../check.js";
import type { Peer } from "../peer.js";
import type { Rig } from "../rig.js";

/** Bounds above are loose on purpose: the machine is shared, and speed is the bench's business. */
const LATE = 150;
const size = (count: number) => Buffer.alloc(count, "x");

/** How long a message takes from `from` to `to`, ms. */
async function trip(from: Peer, to: Peer): Promise<number> {
  const start = performance.now();
  from.write("ping");
  await to.got(to.size + 4);
  return performance.now() - start;
}
const change = (rig: Rig, body: unknown) => rig.call("PATCH", "/proxies/p/toxics/t", body);
/** How long until the end, ms, and how it looked. */
async function end(peer: Peer, start: number): Promise<[number, string]> {
  const how = await peer.ended();
  return [peer.endedAt - start, how];
}

const latency: Check[] = [
  ...(["downstream", "upstream"] as const).map((stream) => ({
    name: `latency: delays its direction only (${stream})`,
    run: async (rig: Rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 100 }, { stream });
      const [from, to] = stream === "downstream" ? [server, client] : [client, server];
      return [between(await trip(from, to), 99.5, 100 + LATE), between(await trip(to, from), 0, 90)];
    },
    expected: ["in time", "in time"],
  })),
  {
    name: "latency: jitter stays within its range",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 20, jitter: 15 });
      const trips = [];
      for (let count = 0; count < 12; count++) trips.push(await trip(server, client));
      return [between(Math.min(...trips), 4.5, 30), between(Math.max(...trips), 12, 35 + LATE)];
    },
    expected: ["in time", "in time"],
  },
  {
    name: "latency: two in a row add up",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 60 });
      await rig.toxic("latency", { latency: 60 }, { name: "t2" });
      return between(await trip(server, client), 119.5, 120 + LATE);
    },
    expected: "in time",
  },
  {
    name: "latency: order is kept under jitter",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 20, jitter: 20 });
      for (let index = 0; index < 200; index++) {
        server.write(String(index).padStart(4));
        if (index % 20 === 0) await client.got(0);
      }
      const text = (await client.got(800)).toString();
      return Array.from({ length: 200 }, (_, index) => String(index).padStart(4)).join("") === text;
    },
    expected: true,
  },
  {
    name: "latency: connecting is not delayed, an idle end neither",
    run: async (rig) => {
      const upstream = await rig.upstream("hold");
      const proxy = await rig.proxy(upstream);
      await rig.toxic("latency", { latency: 2000 });
      const start = performance.now();
      const client = await rig.connect(proxy);
      const server = await upstream.next();
      server.socket.end();
      return between((await end(client, start))[0], 0, 1500);
    },
    expected: "in time",
  },
  {
    name: "latency: the end comes right after the delayed data",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 100 });
      const start = performance.now();
      server.write("last");
      server.socket.end();
      const [took, how] = await end(client, start);
      return [client.received.toString(), between(took, 99, 100 + LATE), how];
    },
    expected: ["last", "in time", "FIN"],
  },
  {
    name: "latency: hold and release without loss, connection kept",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 3_600_000 });
      for (let index = 0; index < 50; index++) server.write(String(index).padStart(3));
      await until("the server has written", () => server.socket.writableLength === 0);
      const before = client.size;
      await rig.removeToxic();
      const text = (await client.got(150)).toString();
      return [
        before,
        text.startsWith("  0  1  2") && text.endsWith(" 49"),
        between(await trip(server, client), 0, LATE),
      ];
    },
    expected: [0, true, "in time"],
  },
  {
    name: "latency: an update lets the head go at once, the rest by the new settings",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 5000 });
      const start = performance.now();
      server.write("head");
      // The next chunk is read on its own, after the first.
      await until("the head is inside", () => performance.now() - start > 60);
      server.write("next");
      await until("the next is inside", () => performance.now() - start > 120);
      await change(rig, { attributes: { latency: 300 } });
      await client.got(8);
      const [head = 0, next = 0] = client.arrivals.map(({ at }) => at - start);
      return [client.arrivals.length, between(head, 119, 120 + LATE), between(next, 355, 360 + LATE)];
    },
    expected: [2, "in time", "in time"],
  },
  {
    name: "latency: negative and absurd values do not delay and do not kill",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: -500, jitter: -5 });
      return between(await trip(server, client), 0, LATE);
    },
    expected: "in time",
  },
];

const bandwidth: Check[] = [
  {
    name: "bandwidth: size over rate, 1 KB is 1000 bytes",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("bandwidth", { rate: 1000 });
      const start = performance.now();
      server.write(size(300_000));
      await client.got(300_000);
      return between(performance.now() - start, 295, 300 + LATE);
    },
    expected: "in time",
  },
  {
    name: "bandwidth: slow links send a slice each 100 ms",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("bandwidth", { rate: 100 });
      const start = performance.now();
      server.write(size(30_000));
      await client.got(30_000);
      const first = client.arrivals[0];
      return [
        first?.size,
        between((first?.at ?? 0) - start, 98, 100 + LATE),
        between(performance.now() - start, 297, 300 + LATE),
      ];
    },
    expected: [10_000, "in time", "in time"],
  },
  {
    name: "bandwidth: each connection has its own",
    run: async (rig) => {
      const upstream = await rig.upstream("hold");
      const proxy = await rig.proxy(upstream);
      await rig.toxic("bandwidth", { rate: 50 });
      const clients = [await rig.connect(proxy), await rig.connect(proxy)];
      const servers = [await upstream.next(), await upstream.next()];
      const start = performance.now();
      for (const server of servers) server.write(size(10_000));
      await Promise.all(clients.map((client) => client.got(10_000)));
      return between(performance.now() - start, 197, 200 + LATE);
    },
    expected: "in time",
  },
  {
    name: "bandwidth: removal sends the rest at once",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("bandwidth", { rate: 1 });
      server.write(size(20_000));
      await until("the first slice has come", () => client.size > 0);
      const start = performance.now();
      await rig.removeToxic();
      await client.got(20_000);
      return between(performance.now() - start, 0, 1000);
    },
    expected: "in time",
  },
  {
    name: "bandwidth: rate 0 does not throttle",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("bandwidth", { rate: 0 });
      server.write(size(5000));
      return client.got(5000, 1000).then(
        () => "passes",
        () => "stalls",
      );
    },
    expected: "passes",
    documented: { row: "D6", real: "stalls" },
  },
];

const closing: Check[] = [
  {
    name: "slow_close: delays the end, not the data",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("slow_close", { delay: 200 });
      const start = performance.now();
      server.write("data");
      await client.got(4);
      const data = performance.now() - start;
      server.socket.end();
      return [between(data, 0, 150), between((await end(client, start))[0], 199, 200 + LATE)];
    },
    expected: ["in time", "in time"],
  },
  {
    name: "slow_close: a client that closes waits for its own end, the upstream does not",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("slow_close", { delay: 200 });
      const start = performance.now();
      client.socket.end();
      const [there] = await end(server, start);
      const [back] = await end(client, start);
      return [between(there, 0, 150), between(back, 199, 200 + LATE)];
    },
    expected: ["in time", "in time"],
  },
  {
    name: "slow_close: removal closes at once",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("slow_close", { delay: 60_000 });
      server.socket.end();
      server.write = () => undefined;
      await until("the end is inside", () => server.socket.writableFinished);
      await rig.removeToxic();
      return client.ended(1000);
    },
    expected: "FIN",
  },
  {
    name: "timeout: closes an idle connection, both ends",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      const start = performance.now();
      await rig.toxic("timeout", { timeout: 150 });
      const [took, how] = await end(client, start);
      return [between(took, 149, 150 + LATE), how, await server.ended()];
    },
    expected: ["in time", "FIN", "FIN"],
  },
  {
    name: "timeout: drops data, and each chunk starts the wait again; the other direction works",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("timeout", { timeout: 250 });
      const start = performance.now();
      let last = 0;
      for (let count = 0; count < 4; count++) {
        last = performance.now();
        server.write("lost");
        client.write("kept");
        await until("100 ms have passed", () => performance.now() - last > 100);
      }
      const [took] = await end(client, start);
      return [client.size, server.size, between(took, last - start + 249, last - start + 250 + LATE)];
    },
    expected: [0, 16, "in time"],
  },
  {
    name: "timeout 0: never closes; removal closes both ends",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("timeout", { timeout: 0 });
      server.write("lost");
      client.write("kept");
      await server.got(4);
      const before = [client.size, client.end];
      await rig.removeToxic();
      return [before, await client.ended(), await server.ended(), client.size];
    },
    expected: [[0, undefined], "FIN", "FIN", 0],
  },
  {
    name: "timeout: the peer's close passes",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("timeout", { timeout: 0 });
      server.socket.end();
      return client.ended(1000);
    },
    expected: "FIN",
  },
  {
    name: "reset_peer: a new connection is reset on its first data, both ends, after the timeout",
    run: async (rig) => {
      const upstream = await rig.upstream("hold");
      const proxy = await rig.proxy(upstream);
      await rig.toxic("reset_peer", { timeout: 100 }, { stream: "upstream" });
      const client = await rig.connect(proxy);
      const server = await upstream.next();
      const start = performance.now();
      client.write("x");
      const [took, how] = await end(client, start);
      return [between(took, 99, 100 + LATE), how, await server.ended(), server.size];
    },
    expected: ["in time", "ECONNRESET", "ECONNRESET", 0],
  },
  {
    name: "reset_peer: an idle connection is left alone",
    run: async (rig) => {
      const upstream = await rig.upstream("hold");
      const proxy = await rig.proxy(upstream);
      await rig.toxic("reset_peer", { timeout: 0 });
      const client = await rig.connect(proxy);
      const server = await upstream.next();
      client.write("asks");
      await server.got(4);
      const idle = client.end;
      server.write("answers");
      return [idle, await client.ended(), client.size];
    },
    expected: [undefined, "ECONNRESET", 0],
  },
  {
    name: "reset_peer: an existing connection is reset too",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("reset_peer", { timeout: 60 });
      server.write("x");
      return client.ended();
    },
    expected: "ECONNRESET",
    // A normal end, which the kernel turns into a reset if the byte is still unread then.
    documented: { row: "D2", real: expect.stringMatching(/^(FIN|ECONNRESET)$/) },
  },
  {
    name: "limit_data: exactly its bytes, then the end",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("limit_data", { bytes: 10 });
      server.write(size(25));
      return [await client.ended(), client.size, await server.ended()];
    },
    expected: ["FIN", 10, "FIN"],
  },
  {
    name: "limit_data: reaching the limit closes, over several chunks",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("limit_data", { bytes: 8 });
      server.write("1234");
      await client.got(4);
      const open = client.end;
      server.write("5678");
      return [open, await client.ended(), client.received.toString()];
    },
    expected: [undefined, "FIN", "12345678"],
  },
  {
    name: "limit_data 0: closes on the first data",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("limit_data", { bytes: 0 });
      server.write("x");
      return [await client.ended(), client.size];
    },
    expected: ["FIN", 0],
  },
  {
    name: "limit_data: the count survives an update",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("limit_data", { bytes: 100 });
      server.write("1234");
      await client.got(4);
      await change(rig, { attributes: { bytes: 6 } });
      server.write("5678");
      return [await client.ended(), client.received.toString()];
    },
    expected: ["FIN", "123456"],
  },
];

const slicer: Check[] = [
  {
    name: "slicer: same bytes, in pieces between half and all of the average",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("slicer", { average_size: 100, size_variation: 0, delay: 5000 });
      const text = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
      const start = performance.now();
      server.write(text);
      const got = await client.got(1000);
      const sizes = client.arrivals.map((arrival) => arrival.size);
      return [
        got.equals(text),
        Math.min(...sizes) >= 50,
        // Sixteen pieces with 5 ms after each; TCP may join pieces, never split these.
        between(performance.now() - start, 74, 80 + 2 * LATE),
      ];
    },
    expected: [true, true, "in time"],
  },
  {
    name: "slicer: a large message with variation is unchanged",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("slicer", { average_size: 1024, size_variation: 512, delay: 0 });
      const text = Buffer.from(Array.from({ length: 480_000 }, (_, index) => (index * 7) % 251));
      server.write(text);
      return (await client.got(480_000)).equals(text);
    },
    expected: true,
  },
  {
    name: "slicer: removal sends the rest at once",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("slicer", { average_size: 10, size_variation: 0, delay: 200_000 });
      server.write(size(500));
      await until("the first piece has come", () => client.size > 0);
      await rig.removeToxic();
      return (await client.got(500, 1500)).length;
    },
    expected: 500,
  },
];

const toxicity: Check[] = [
  {
    name: "toxicity 0: acts on no connection; raised to 1, on the same one",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("timeout", { timeout: 100 }, { toxicity: 0 });
      const before = await trip(server, client);
      await change(rig, { toxicity: 1 });
      return [between(before, 0, LATE), await client.ended(1000)];
    },
    expected: ["in time", "FIN"],
  },
  {
    name: "toxicity 0.5: about half of the connections, and each keeps its lot",
    run: async (rig) => {
      const proxy = await rig.proxy(await rig.upstream());
      // Far more than what a busy machine adds to a trip by itself: only the delay tells who is hit.
      await rig.toxic("latency", { latency: 1_500 }, { toxicity: 0.5 });
      const peers = await Promise.all(Array.from({ length: 60 }, () => rig.connect(proxy)));
      const slow = async (): Promise<string> => {
        const trips = await Promise.all(peers.map((peer) => trip(peer, peer)));
        return trips.map((ms) => (ms > 1_400 ? "1" : "0")).join("");
      };
      const first = await slow();
      await rig.toxic("noop", {}, { name: "t2" });
      await change(rig, {});
      const hit = first.replaceAll("0", "").length;
      return [hit > 12 && hit < 48 ? "about half" : hit, (await slow()) === first ? "kept" : "drawn again"];
    },
    expected: ["about half", "kept"],
    documented: { row: "D3", real: ["about half", "drawn again"] },
  },
  {
    name: "timeout at toxicity 0: removal leaves connections alone",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("timeout", { timeout: 0 }, { toxicity: 0 });
      await rig.removeToxic();
      const end = client.ended(1000);
      const echoed = trip(server, client).then(() => "open");
      return Promise.race([end, echoed]);
    },
    expected: "open",
    documented: { row: "D3", real: "FIN" },
  },
  {
    name: "adding a toxic leaves what waits in others alone",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 400 });
      const start = performance.now();
      server.write("wait");
      await until("the data is inside", () => performance.now() - start > 100);
      await rig.toxic("noop", {}, { name: "t2" });
      await client.got(4);
      return performance.now() - start > 390 ? "waits on" : "goes at once";
    },
    expected: "waits on",
    documented: { row: "D9", real: "goes at once" },
  },
];

/** What each toxic does to a connection. */
export const effects: Check[] = [...latency, ...bandwidth, ...closing, ...slicer, ...toxicity];
