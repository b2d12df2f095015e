/**
 * From 10 workers to many in one process: creation and one message to all, per worker.
 * `BENCH_WORKERS=10-50-100-200-400` for the whole series.
 *
 * The creator reaches the others through groups of 10: in one group of all, every member checks the identity
 * of every other (the SDK's own square, 160,000 checks at 400), which would hide what a worker costs here.
 */
import { performance } from "node:perf_hooks";
import { getWorkers, typeofStream } from "../dist/fixtures/index.js";
import { startNode } from "../dist/src/network/index.js";
import { processCpuMs } from "./cpu.mjs";
import { median } from "./stats.mjs";

const counts = (process.env.BENCH_WORKERS ?? "10-40").split("-").map(Number);
const messages = 10;
const groupSize = 10;
const rows = [];
for (const count of counts) {
  const node = await startNode();
  const [start, cpu] = [performance.now(), processCpuMs()];
  const workers = await getWorkers(count, "bench", node.url);
  await workers.startStream(typeofStream.Message);
  const [createMs, createCpu] = [performance.now() - start, processCpuMs() - cpu];
  const creator = workers.getCreator();
  const others = workers.getAllButCreator();
  const groups = [];
  for (let at = 0; at < others.length; at += groupSize - 1) {
    const members = others.slice(at, at + groupSize - 1);
    const group = await creator.client.conversations.createGroup(members.map(({ inboxId }) => inboxId));
    groups.push({ group, members });
  }
  const deliveries = [];
  const nodeBefore = (await node.stats()).cpuMs;
  const sendCpu = processCpuMs();
  for (let at = 0; at < messages; at++) {
    const content = `message ${at}`;
    for (const { group, members } of groups) {
      const sent = performance.now();
      await group.sendText(content);
      const all = await Promise.all(
        members.map(({ worker }) => worker.collectMessages(group.id, 1, { content, timeoutMs: 120_000 })),
      );
      deliveries.push(Math.max(...all.flat().map((event) => event.at)) - sent);
    }
  }
  const nodeCpu = (await node.stats()).cpuMs - nodeBefore;
  rows.push({
    workers: count,
    "create+stream ms each": +(createMs / count).toFixed(1),
    "CPU ms each": +(createCpu / count).toFixed(1),
    "last delivery ms": +median(deliveries).toFixed(1),
    "CPU ms per delivery": +((processCpuMs() - sendCpu) / (messages * (count - 1))).toFixed(2),
    "node CPU ms per delivery": +(nodeCpu / (messages * (count - 1))).toFixed(3),
    "RSS MB": Math.round(process.memoryUsage().rss / 1e6),
  });
  await workers.terminateAll();
  await node.close();
}
console.table(rows);
const [first, last] = [rows[0], rows.at(-1)];
const growth = (key) => (last[key] / first[key]).toFixed(2);
console.log(
  `from ${first.workers} to ${last.workers} workers, per delivery: the node's CPU x${growth("node CPU ms per delivery")}, all CPU x${growth("CPU ms per delivery")} (1 is linear)`,
);
