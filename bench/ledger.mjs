/**
 * What streams with a ledger cost beside bare SDK streams: 1,000 messages to 10 receivers each way, in one
 * process on one embedded node, batch by batch in turn. A batch ends when the last receiver has its last
 * message. CPU time is that of the whole process, SDK and node included, and the steadier of the two figures.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { getWorkers, typeofStream } from "../dist/fixtures/index.js";
import { startNode } from "../dist/src/network/index.js";
import { bareClient, bareStream } from "./bare.mjs";
import { processCpuMs } from "./cpu.mjs";
import { median, ratioText } from "./stats.mjs";

const receivers = 10;
const batches = Number(process.env.BENCH_BATCHES ?? 20);
const perBatch = 50;

const node = await startNode();
const folder = await mkdtemp(join(tmpdir(), "playwright-xmtp-bench-"));

const workers = await getWorkers(receivers + 1, "bench", node.url);
const listening = workers.getAllButCreator();
await Promise.all(listening.map(({ worker }) => worker.startStream(typeofStream.Message)));
const ourGroup = await workers.createGroupBetweenAll("ledger");
const ours = {
  group: ourGroup,
  received: () =>
    Promise.all(
      listening.map(({ worker }) => worker.collectMessages(ourGroup.id, total, { timeoutMs: 120_000 })),
    ),
};

const sender = await bareClient(node, folder, "sender");
const others = await Promise.all(
  Array.from({ length: receivers }, (_, at) => bareClient(node, folder, `receiver${at}`)),
);
const streams = await Promise.all(others.map(bareStream));
const bareGroup = await sender.conversations.createGroup(others.map(({ inboxId }) => inboxId));
const bare = {
  group: bareGroup,
  received: () => Promise.all(streams.map((stream) => stream.received(total))),
};

let total = 0;
async function batch({ group, received }) {
  const [cpu, start] = [processCpuMs(), performance.now()];
  for (let at = 0; at < perBatch; at++) await group.sendText(`message ${at}`);
  await received();
  return { ms: performance.now() - start, cpuMs: processCpuMs() - cpu };
}

const pairs = [];
for (let round = -1; round < batches; round++) {
  total += perBatch;
  const order = round % 2 === 0 ? [ours, bare] : [bare, ours];
  const [first, second] = [await batch(order[0]), await batch(order[1])];
  if (round >= 0) pairs.push(round % 2 === 0 ? { ours: first, bare: second } : { ours: second, bare: first });
}

const sum = (values) => values.reduce((a, b) => a + b, 0);
const messages = batches * perBatch;
console.log(`${messages} messages to ${receivers} receivers`);
console.log(
  `time: bare ${median(pairs.map(({ bare: { ms } }) => ms)).toFixed(0)} ms, workers ${median(pairs.map(({ ours: { ms } }) => ms)).toFixed(0)} ms a batch of ${perBatch}`,
);
console.log(
  `time ratio ${ratioText(pairs.map((pair) => pair.ours.ms / pair.bare.ms))}   (must stay under 1.03)`,
);
const cpuRatio =
  sum(pairs.map(({ ours: { cpuMs } }) => cpuMs)) / sum(pairs.map(({ bare: { cpuMs } }) => cpuMs));
console.log(`CPU ratio  ${cpuRatio.toFixed(3)} over all batches`);

await Promise.all(streams.map((stream) => stream.end()));
await workers.terminateAll();
await node.close();
await rm(folder, { recursive: true, force: true });
