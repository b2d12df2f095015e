import { isDeepStrictEqual } from "node:util";
import { expect, test } from "@playwright/test";
import { startToxiproxy } from "#src/toxiproxy/index.js";
import { Rig, codeOf, portOf, until } from "./rig.js";
import { Peer } from "./peer.js";
import { silentPort } from "./silent.js";
import type { EmbeddedToxiproxy } from "#src/toxiproxy/index.js";

/** Threads, sockets and timers of this process, the embedded server's thread included. */
function resources(): Record<string, number> {
  const report = process.report.getReport() as unknown as { workers: unknown[] };
  const names = process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|MessagePort/.test(name));
  const counts: Record<string, number> = { threads: report.workers.length };
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

test("close frees every port, socket, timer and thread, with connections open and toxics waiting", async () => {
  const before = resources();
  const toxiproxy = await startToxiproxy();
  const rig = new Rig(toxiproxy.url);
  const { proxy, client, server } = await rig.pair();
  await rig.toxic("latency", { latency: 3_600_000 });
  await rig.toxic("slow_close", { delay: 3_600_000 }, { name: "t2", stream: "upstream" });
  server.write("held");
  client.socket.end();
  await rig.call("GET", "/version");
  await Promise.all([toxiproxy.close(), toxiproxy.close()]);
  expect(await client.ended()).toBe("FIN");
  expect(await server.ended()).toMatch(/FIN|ECONNRESET/);
  for (const port of [portOf(proxy), Number(new URL(toxiproxy.url).port)]) {
    expect(await Peer.connect(port).then(() => "open", codeOf)).toBe("ECONNREFUSED");
  }
  rig.end();
  await until("nothing is left", () => isDeepStrictEqual(resources(), before));
  await expect(toxiproxy.stats()).rejects.toThrow("THREAD_ENDED: The Toxiproxy thread has been ended.");
});

test("many servers start and stop without leaving anything", async () => {
  const before = resources();
  for (let round = 0; round < 5; round++) {
    await using toxiproxy = await startToxiproxy();
    expect((await toxiproxy.stats()).proxies).toEqual([]);
  }
  await until("nothing is left", () => isDeepStrictEqual(resources(), before));
});

test("a taken port is said when starting", async () => {
  await using first = await startToxiproxy();
  const port = Number(new URL(first.url).port);
  await expect(startToxiproxy({ port })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringContaining(`cannot listen on 127.0.0.1:${port}: the port is taken`),
  });
  await expect(startToxiproxy({ port: 99_999 })).rejects.toMatchObject({ code: "BAD_PORT" });
});

test("bytes and connections are counted while they live, and after", async () => {
  await using toxiproxy = await startToxiproxy();
  const rig = new Rig(toxiproxy.url);
  const { client, server } = await rig.pair();
  await rig.toxic("limit_data", { bytes: 3 });
  await rig.toxic("noop", {}, { name: "up", stream: "upstream" });
  client.write("question");
  await server.got(8);
  const bytes = { upstream: { received: 8, sent: 8 }, downstream: { received: 0, sent: 0 } };
  expect(await toxiproxy.connections()).toEqual([
    {
      id: 1,
      proxy: "p",
      client: `127.0.0.1:${client.socket.localPort}`,
      established: true,
      bytes,
      toxics: ["up", "t"],
    },
  ]);
  server.write("answer");
  expect(await client.ended()).toBe("FIN");
  await until("the connection is over", async () => (await toxiproxy.stats()).open === 0);
  expect(await toxiproxy.stats()).toMatchObject({
    toxics: 2,
    open: 0,
    proxies: [{ name: "p", accepted: 1, open: 0, bytes: { ...bytes, downstream: { received: 6, sent: 3 } } }],
  });
  rig.end();
});

/** Which of 40 connections a toxicity of 0.5 hits, as a row of 0 and 1. */
async function lots(toxiproxy: EmbeddedToxiproxy, unrelated: boolean): Promise<string> {
  const rig = new Rig(toxiproxy.url);
  const proxy = await rig.proxy(await rig.upstream());
  await rig.toxic("noop", {}, { toxicity: 0.5 });
  if (unrelated) await rig.toxic("latency", { latency: 0, jitter: 3 }, { name: "other" });
  for (let count = 0; count < 40; count++) {
    const peer = await rig.connect(proxy);
    peer.write("x");
    await peer.got(1);
  }
  const connections = await toxiproxy.connections();
  rig.end();
  return connections.map(({ toxics }) => (toxics.includes("t") ? "1" : "0")).join("");
}

test("the seed fixes who is hit, whatever else draws; another seed hits others", async () => {
  const seen = [];
  for (const [seed, unrelated] of [
    [7, false],
    [7, true],
    [8, false],
  ] as const) {
    await using toxiproxy = await startToxiproxy({ seed });
    seen.push(await lots(toxiproxy, unrelated));
  }
  const [first, again, other] = seen;
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  expect(first).toMatch(/0/);
  expect(first).toMatch(/1/);
});

test("raising toxicity only adds connections, lowering it only takes some away", async () => {
  await using toxiproxy = await startToxiproxy();
  const rig = new Rig(toxiproxy.url);
  const proxy = await rig.proxy(await rig.upstream());
  await rig.toxic("noop", {}, { toxicity: 0 });
  await Promise.all(Array.from({ length: 30 }, () => rig.connect(proxy)));
  await until(
    "all are established",
    async () => (await toxiproxy.connections()).filter(({ established }) => established).length === 30,
  );
  let hit = new Set<number>();
  for (const toxicity of [0.3, 0.6, 1]) {
    await rig.call("PATCH", "/proxies/p/toxics/t", { toxicity });
    const now = new Set(
      (await toxiproxy.connections()).filter(({ toxics }) => toxics.length > 0).map(({ id }) => id),
    );
    expect([...hit].every((id) => now.has(id))).toBe(true);
    hit = now;
  }
  expect(hit.size).toBe(30);
  rig.end();
});

test("an upstream that does not answer is given up after the dial timeout", async () => {
  test.skip(process.platform !== "linux", "needs /proc/net/tcp");
  const silent = await silentPort();
  await using toxiproxy = await startToxiproxy({ dialTimeoutMs: 200 });
  const rig = new Rig(toxiproxy.url);
  const client = await rig.connect(await rig.proxy(silent));
  expect(await client.ended(2000)).toBe("FIN");
  await until("the connection is over", async () => (await toxiproxy.stats()).open === 0);
  rig.end();
  await silent.close();
});
