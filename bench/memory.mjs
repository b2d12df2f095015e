/**
 * Memory per worker, and of the node per 10,000 messages that workers send, all that comes with them included: resident
 * sets of processes of their own. Then what a stored message itself takes (bench/stored.mjs).
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { getWorkers } from "../dist/fixtures/index.js";

const child = fileURLToPath(new URL("./memory-child.mjs", import.meta.url));
const workerCount = Number(process.env.BENCH_WORKERS_MEMORY ?? 40);
const messages = Number(process.env.BENCH_MESSAGES ?? 2_000);
const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** A process that runs `job`, asked one thing at a time. */
async function start(job) {
  const process = fork(child, [job], { execArgv: ["--expose-gc"] });
  const ask = async (question) => {
    process.send(question);
    return (await once(process, "message"))[0];
  };
  return { ask, ready: (await once(process, "message"))[0], end: () => process.disconnect() };
}

const node = await start("node");
const clients = await start("workers");
await clients.ask({ url: node.ready.url, count: 4 });
const few = await clients.ask("rss");
await clients.ask({ url: node.ready.url, count: workerCount });
const many = await clients.ask("rss");
console.log(
  `memory per worker: ${mb((many - few) / (workerCount - 4))} (${workerCount} workers: ${mb(many)})`,
);
clients.end();

const workers = await getWorkers(["alice", "bob"], "bench", node.ready.url);
const group = await workers.createGroupBetweenAll("stored");
const send = async (count) => {
  for (let left = count; left > 0; left -= 20)
    await Promise.all(
      Array.from({ length: Math.min(20, left) }, () =>
        group.sendText("a message of usual length, say sixty letters or a few more"),
      ),
    );
};
await send(200);
const before = await node.ask("rss");
await send(messages);
const after = await node.ask("rss");
const stored = (await node.ask("stats")).groupMessages;
console.log(
  `memory of the node per 10,000 stored messages: ${mb(((after - before) / messages) * 10_000)} (${stored} stored: ${mb(after)})`,
);
await workers.terminateAll();
node.end();
await import("./stored.mjs");
