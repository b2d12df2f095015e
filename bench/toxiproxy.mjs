/**
 * Embedded Toxiproxy beside a real one, in one run: throughput without toxics, and the error of injected
 * latency while the main thread is busy, as a test's is. Figures of a shared machine are noisy; ratios hold.
 *
 *     npm run bench:toxiproxy
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { URL } from "node:url";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { connectToxiproxy, startToxiproxy } from "../dist/src/toxiproxy/index.js";
import { REAL_VERSION, installRealToxiproxy, startRealToxiproxy } from "../scripts/real-toxiproxy.mjs";

const ROUNDS = 5;
const BULK = [
  { connections: 1, total: 512 << 20 },
  { connections: 16, total: 32 << 20 },
  { connections: 100, total: 5 << 20 },
];
const DELAYS = [0, 1, 10, 50, 100, 250, 500];
/** The main thread computes this long, then is free as long: half of its time is gone. */
const BUSY_MS = 30;

const sink = loader();
const client = loader();
const embedded = await startToxiproxy();
const found = await installRealToxiproxy();
const real = found.path ? await startRealToxiproxy(found.path) : undefined;
const controls = [{ name: "embedded", control: embedded.control(), pid: process.pid }];
if (real)
  controls.push({
    name: `real ${REAL_VERSION}`,
    control: (await connectToxiproxy(real.url)).control(),
    pid: real.pid,
  });
else process.stdout.write(`real server: skipped (${found.missing})\n`);

try {
  await throughput();
  await latency();
} finally {
  for (const { control } of controls) await control.close();
  await embedded.close();
  await real?.stop();
  await sink.end();
  await client.end();
}

async function throughput() {
  for (const { connections, total } of BULK) {
    const port = await sink.call({ role: "serve", echo: false, total });
    const ways = [{ name: "direct", port, speeds: [], cpu: [] }];
    for (const { name, control, pid } of controls) {
      const proxy = await control.createProxy("bulk", `127.0.0.1:${port}`);
      ways.push({ name, port: proxy.port, pid, speeds: [], cpu: [] });
    }
    const bytes = connections * total;
    // Taking turns, so that a slow moment of the machine falls on all of them.
    for (let round = 0; round < ROUNDS; round++) {
      for (const { port: to, pid, speeds, cpu } of ways) {
        const before = pid && cpuSeconds(pid);
        const seconds = await client.call({ role: "bulk", port: to, connections, total });
        speeds.push(bytes / seconds / 1e6);
        if (before !== undefined) cpu.push((cpuSeconds(pid) - before) / (bytes / 1e9));
      }
    }
    for (const { control } of controls) await control.close();
    await sink.call({ role: "close" });
    for (const way of ways) {
      const cpu = way.cpu.length > 0 ? `, ${median(way.cpu).toFixed(2)} CPU s/GB` : "";
      print(
        `throughput, ${connections} connection(s)`,
        `${way.name}: ${median(way.speeds).toFixed(0)} MB/s${cpu}`,
      );
    }
    const [, ours, theirs] = ways;
    if (theirs) {
      print(
        "",
        `embedded / real: ${(median(ours.speeds) / median(theirs.speeds)).toFixed(2)} in speed, ${(median(ours.cpu) / median(theirs.cpu)).toFixed(2)} in CPU`,
      );
    }
  }
}

async function latency() {
  const port = await sink.call({ role: "serve", echo: true });
  const bare = new Map();
  for (const asked of DELAYS) {
    const ways = [];
    for (const { name, control } of controls) {
      const proxy = await control.createProxy("latency", `127.0.0.1:${port}`);
      await proxy.addToxic({ type: "latency", attributes: { latency: asked, jitter: 0 } });
      ways.push({ name, port: proxy.port, errors: [] });
    }
    const count = Math.max(2, Math.min(10, Math.ceil(600 / (asked + 1))));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { port: to, errors } of ways) {
        const times = await whileBusy(client.call({ role: "trips", port: to, connections: 4, count }));
        errors.push(...times.map((time) => time - asked));
      }
    }
    for (const { control } of controls) await control.close();
    for (const { name, errors } of ways) {
      // What is left at 0 ms is the round trip itself; the rest was injected.
      if (asked === 0) bare.set(name, median(errors));
      const injected = median(errors) - bare.get(name);
      const round = `round trip p50 +${median(errors).toFixed(2)}, p99 +${percentile(errors, 0.99).toFixed(2)}`;
      const rest = `least +${Math.min(...errors).toFixed(2)} ms, n ${errors.length}`;
      print(
        `latency ${asked} ms, main thread busy`,
        `${name}: error p50 ${injected.toFixed(2)} (${round}, ${rest})`,
      );
    }
  }
  await sink.call({ role: "close" });
}

/** Keeps this thread busy half of the time until `work` is done. */
async function whileBusy(work) {
  let done = false;
  const result = work.finally(() => (done = true));
  while (!done) {
    const until = performance.now() + BUSY_MS;
    while (performance.now() < until);
    await delay(BUSY_MS);
  }
  return result;
}

function percentile(list, share) {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

function median(list) {
  return percentile(list, 0.5);
}

function print(label, figures) {
  process.stdout.write(`${label.padEnd(32)} ${figures}\n`);
}

/** CPU seconds of process `pid` so far, from the kernel (1/100 s steps); undefined where there is no /proc. */
function cpuSeconds(pid) {
  if (!existsSync("/proc/self/stat")) return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function loader() {
  const child = fork(new URL("./toxiproxy-load.mjs", import.meta.url));
  return {
    call: (message) =>
      new Promise((resolve, reject) => {
        child.once("message", ({ value, error }) => (error ? reject(new Error(error)) : resolve(value)));
        child.send(message);
      }),
    async end() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}
