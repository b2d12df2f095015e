import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "@playwright/test";
import { startNode } from "#src/network/index.js";
import type { NodeStats } from "#src/network/index.js";
import { runInlineTest } from "../inline-project.js";
import type { InlineOptions, InlineResult } from "../inline-project.js";

/** What an inline run left behind. */
export interface Remains {
  readonly run: InlineResult;
  /** The node's counts when the runner had ended; its `openSubscriptions` and `openConnections` must be 0. */
  readonly stats: NodeStats;
  /**
   * What each Playwright process still held open when its last fixture had been torn down, less what is the runner's;
   * timers with the line that set them.
   */
  readonly resources: readonly string[];
  /** Databases left in the output folder, and folders left in the system's temporary folder. */
  readonly files: readonly string[];
}

/**
 * Put into each inline project: each timer that is still to fire, with the line that set it. What the runner has set
 * is its own: it keeps several, and how many depends on how busy the machine is.
 */
const timers = `
import { createHook } from "node:async_hooks";
const timers = new Map();
createHook({
  init(id, type, _trigger, timer) {
    if (type === "Timeout") timers.set(id, { timer, stack: new Error("set").stack ?? "" });
  },
  destroy(id) { timers.delete(id); },
}).enable();
const setter = (stack) => stack.split("\\n").slice(2).find((line) => !line.includes("node:")) ?? "";
export const timersLeft = () =>
  [...timers.values()]
    .filter(({ timer }) => timer.hasRef())
    .map(({ stack }) => setter(stack).trim())
    .filter((line) => !/[/\\\\]node_modules[/\\\\](playwright|playwright-core|@playwright)[/\\\\]/.test(line));
`;

/** Put into each inline project: `test` with a probe that is torn down last. */
const probed = `
import { timersLeft } from "./timers.js";
import { writeFileSync } from "node:fs";
import { test as base } from "playwright-xmtp";
export { expect, typeofStream, typeOfSync, getWorkers } from "playwright-xmtp";
export const test = base.extend<object, { probe: void }>({
  probe: [
    async ({}, use) => {
      await use();
      // What ends by itself, and is said to by the test, is given until this deadline.
      const deadline = Date.now() + Number(process.env.PROBE_PATIENCE_MS ?? 0);
      // At least one turn: the ports of a thread that has ended close in the next.
      do await new Promise((resolve) => setImmediate(resolve));
      while (timersLeft().length > 0 && Date.now() < deadline);
      const others = process.getActiveResourcesInfo().filter((name) => name !== "Timeout");
      const left = [...others, ...timersLeft().map((line) => "Timeout " + line)];
      writeFileSync(process.env.PROBE_DIR + "/" + process.pid + ".json", JSON.stringify(left));
    },
    { scope: "worker", auto: true },
  ],
});
`;

/** Runs a spec against a node of its own, outside the runner, and counts what is left. */
export async function runAndCount(spec: string, options: InlineOptions = {}): Promise<Remains> {
  await using node = await startNode();
  const probes = test.info().outputPath(`probes-${options.folder ?? "project"}`);
  await mkdir(probes, { recursive: true });
  const env = { XMTP_API_URL: node.url, PROBE_DIR: probes, TMPDIR: probes, ...options.env };
  const run = await runInlineTest(
    { "timers.ts": timers, "probed.ts": probed, "life.spec.ts": spec },
    { ...options, env },
  );
  await node.waitForSubscriptions(0, 5_000);
  const names = await readdir(probes);
  const left = await readdir(run.dir, { recursive: true });
  const lists = names
    .filter((name) => name.endsWith(".json"))
    .map((name) => readFile(join(probes, name), "utf8"));
  return {
    run,
    stats: await node.stats(),
    resources: (await Promise.all(lists)).flatMap((text) => beyondRunner(JSON.parse(text) as string[])),
    files: [
      ...left.filter((name) => name.includes(".db3")),
      ...names.filter((name) => name.startsWith("playwright-xmtp-")),
    ],
  };
}

const counted = [
  "TCPSocketWrap",
  "TCPServerWrap",
  "TCPConnectWrap",
  "MessagePort",
  "Worker",
  "Timeout",
  "ChildProcess",
  "FSEventWrap",
  "UDPWrap",
];

/** Not the runner's own: its pipe to the parent, its standard streams, its file handles. */
function beyondRunner(resources: readonly string[]): string[] {
  return resources.filter((name) => counted.includes(name.split(" ")[0] ?? ""));
}
