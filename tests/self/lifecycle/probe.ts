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
   * What each Playwright process still held open when its last fixture had been torn down, less what a
   * process of the same runner holds that never touched this package.
   */
  readonly resources: readonly string[];
  /** Databases left in the output folder, and folders left in the system's temporary folder. */
  readonly files: readonly string[];
}

/** Put into each inline project: `test` with a probe that is torn down last. */
const probed = `
import { writeFileSync } from "node:fs";
import { test as base } from "playwright-xmtp";
export { expect, typeofStream, typeOfSync, getWorkers } from "playwright-xmtp";
export const test = base.extend<object, { probe: void }>({
  probe: [
    async ({}, use) => {
      await use();
      // What ends by itself, and is said to by the test, is given until this deadline.
      const deadline = Date.now() + Number(process.env.PROBE_PATIENCE_MS ?? 0);
      while (process.getActiveResourcesInfo().includes("Timeout") && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 50));
      writeFileSync(process.env.PROBE_DIR + "/" + process.pid + ".json", JSON.stringify(process.getActiveResourcesInfo()));
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
  const run = await runInlineTest({ "probed.ts": probed, "life.spec.ts": spec }, { ...options, env });
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

/** The runner's own: its pipe to the parent, its standard streams, its file handles and its timeout timer. */
function beyondRunner(resources: readonly string[]): string[] {
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
  const own = new Map([["Timeout", 1]]);
  return resources.filter((name) => {
    const free = own.get(name) ?? 0;
    own.set(name, free - 1);
    return counted.includes(name) && free <= 0;
  });
}
