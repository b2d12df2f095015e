import { readFileSync } from "node:fs";
import { setInterval } from "node:timers";
import { NodeServer } from "#src/network/node/node-server.js";

// A node in a process of its own, which tells its memory, and the CPU time of the longest turn of its event loop: what
// another client has to wait for at most, whatever else this machine does.

const server = new NodeServer({
  port: 0,
  historyPort: 0,
  bidiStreams: true,
  keepaliveMs: 30_000,
  realism: "prompt",
  seed: "xmtp",
});
const ports = await server.start();

let longestTurnMs = 0;
let peakMiB = 0;
let last = cpuMs();
setInterval(() => {
  const now = cpuMs();
  longestTurnMs = Math.max(longestTurnMs, now - last);
  last = now;
  peakMiB = Math.max(peakMiB, process.memoryUsage.rss() / 2 ** 20);
}, 2);

process.on("message", (question) => {
  if (question === "begin") {
    longestTurnMs = 0;
    peakMiB = process.memoryUsage.rss() / 2 ** 20;
  }
  process.send({ longestTurnMs, peakMiB, ...server.stats() });
});
process.on("disconnect", () => process.exit());
process.send(ports);

/** CPU time of this thread; of the whole process where the system tells no more. */
function cpuMs() {
  if (process.platform === "linux") {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}
