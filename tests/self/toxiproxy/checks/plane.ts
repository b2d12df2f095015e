import { between, until } from "../rig.js";
import { silentPort } from "../silent.js";
import type { Check } from "../check.js";

const bytes = (size: number) => Buffer.alloc(size, "0123456789abcdef");

/** A proxy without toxics: data, closing, disabling. */
export const plane: Check[] = [
  {
    name: "data: a message there and back",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      client.write("ping");
      const there = (await server.got(4)).toString();
      server.write("pong");
      return [there, (await client.got(4)).toString()];
    },
    expected: ["ping", "pong"],
  },
  {
    name: "data: 1 MiB, unchanged",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      client.write(bytes(1 << 20));
      return (await server.got(1 << 20)).equals(bytes(1 << 20));
    },
    expected: true,
  },
  {
    name: "data: two parts",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      client.write("one ");
      await server.got(4);
      client.write("two");
      return (await server.got(7)).toString();
    },
    expected: "one two",
  },
  {
    name: "upstream down: the client is accepted, then closed",
    run: async (rig) => {
      const upstream = await rig.upstream();
      const port = upstream.port;
      upstream.close();
      return (await rig.connect(await rig.proxy({ port }))).ended(1500);
    },
    expected: "FIN",
  },
  {
    name: "upstream without a port: the client is accepted, then closed",
    run: async (rig) =>
      (await rig.connect(await rig.proxy({ port: 9 }, { upstream: "nonsense" }))).ended(1500),
    expected: "FIN",
  },
  {
    name: "close by the client reaches the upstream, and comes back",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      client.write("last");
      client.socket.end();
      return [(await server.got(4)).toString(), await server.ended(), await client.ended()];
    },
    expected: ["last", "FIN", "FIN"],
  },
  {
    name: "close by the upstream reaches the client, and comes back",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      server.write("last");
      server.socket.end();
      return [(await client.got(4)).toString(), await client.ended(), await server.ended()];
    },
    expected: ["last", "FIN", "FIN"],
  },
  {
    name: "half-close: an answer after the client's end is lost",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      client.write("question");
      client.socket.end();
      await server.ended();
      await client.ended();
      server.write("answer");
      await server.ended();
      return client.size;
    },
    expected: 0,
  },
  {
    name: "reset by the client reaches the upstream as an end",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      client.write("x");
      await server.got(1);
      client.socket.resetAndDestroy();
      return server.ended();
    },
    expected: "FIN",
  },
  {
    name: "disable drops open connections, delete too",
    run: async (rig) => {
      const seen = [];
      for (const cut of [
        () => rig.call("PATCH", "/proxies/p", { enabled: false }),
        () => rig.call("DELETE", "/proxies/p"),
      ]) {
        const { client, server } = await rig.pair();
        const start = performance.now();
        await cut();
        seen.push(await client.ended(), await server.ended(), between(performance.now() - start, 0, 500));
        await rig.clean();
      }
      return seen;
    },
    expected: ["FIN", "FIN", "in time", "FIN", "FIN", "in time"],
  },
  {
    name: "disable loses what toxics hold",
    run: async (rig) => {
      const { client, server } = await rig.pair();
      await rig.toxic("latency", { latency: 60_000 });
      server.write("held");
      await rig.call("PATCH", "/proxies/p", { enabled: false });
      return [await client.ended(), client.size];
    },
    expected: ["FIN", 0],
  },
  {
    name: "100 connections at once",
    run: async (rig) => {
      const proxy = await rig.proxy(await rig.upstream());
      const peers = await Promise.all(Array.from({ length: 100 }, () => rig.connect(proxy)));
      for (const [index, peer] of peers.entries()) peer.write(String(index).padStart(3));
      const got = await Promise.all(peers.map((peer) => peer.got(3)));
      return got.every((text, index) => text.toString() === String(index).padStart(3));
    },
    expected: true,
  },
  {
    name: "a slow reader slows its writer down, and loses nothing",
    run: async (rig) => {
      const upstream = await rig.upstream("deaf");
      const client = await rig.connect(await rig.proxy(upstream));
      const size = 24 << 20;
      client.write(bytes(size));
      const server = await upstream.next();
      const drained = client.socket.writableLength;
      server.read();
      server.socket.resume();
      const got = await server.got(size, 15_000);
      return [drained > 0, got.length, got.subarray(-16).equals(bytes(16))];
    },
    expected: [true, 24 << 20, true],
  },
  {
    name: "an upstream that does not answer holds up neither other clients nor the control API",
    run: async (rig) => {
      const silent = await silentPort();
      try {
        const first = await rig.connect(await rig.proxy(silent));
        await until("the proxy dials", async () => (await silent.hanging()) > 0);
        const start = performance.now();
        await rig.call("PATCH", "/proxies/p", { enabled: false });
        return [between(performance.now() - start, 0, 1000), await first.ended()];
      } finally {
        await silent.close();
      }
    },
    expected: ["in time", "FIN"],
    documented: { row: "D4" },
    linux: true,
  },
];
