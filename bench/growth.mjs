/**
 * From 10 workers to many in one process: creation and one message to all, per worker.
 * `BENCH_WORKERS=10-50-100-200-400` for the whole series.
 */
import { performance } from "node:perf_hooks";
import { getWorkers, typeofStream } from "../dist/fixtures/index.js";
import { startNode } from "../dist/src/network/index.js";
import { processCpuMs } from "./cpu.mjs";
import { median } from "./stats.mjs";

const counts = (process.env.BENCH_WORKERS ?? "10-40").split("-").map(Number);
const messages = 10;
const rows = [];
for (const count of counts) {
  const node = await startNode();
  const [start, cpu] = [performance.now(), processCpuMs()];
  const workers = await getWorkers(count, "bench", node.url);
  await workers.startStream(typeofStream.Message);
  const [createMs, createCpu] = [performance.now() - start, processCpuMs() - cpu];
  const group = await workers.createGroupBetweenAll("growth");
  const listening = workers.getAllButCreator();
  const deliveries = [];
  const nodeBefore = (await node.stats()).cpuMs;
  const sendCpu = processCpuMs();
  for (let at = 0; at < messages; at++) {
    const sent = performance.now();
    await group.sendText(`message ${at}`);
    const all = await Promise.all(
      listening.map(({ worker }) =>
        worker.collectMessages(group.id, 1, { content: `message ${at}`, timeoutMs: 120_000 }),
      ),
    );
    deliveries.push(Math.max(...all.flat().map((event) => event.at)) - sent);
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
