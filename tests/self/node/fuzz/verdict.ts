import { expect, test } from "@playwright/test";
import type { FuzzReport } from "./run.js";

/**
 * What the node may hold more of at the end than after the warmup, in bytes: caches, compiled code and the sessions of
 * the two SDK clients, which have their connections until they are collected. A million calls that each lost the
 * smallest object would be three times this.
 */
const GROWTH_BYTES = 16 << 20;

/** Reads a run's report: alive, no heavier, nobody left behind, nobody disturbed. Prints it with its seed. */
export function expectUnharmed(report: FuzzReport, seed: number | string): void {
  const { memory, sent, received } = report;
  const [before, after] = memory.map((bytes) => (bytes / 2 ** 20).toFixed(1));
  const text = `seed ${JSON.stringify(seed)}: ${report.calls} calls, ${report.frames} broken frames, ${report.inProcess} in process, ${report.seconds} s; memory ${before} → ${after} MiB; ${received.length} of ${sent.length} texts`;
  test.info().annotations.push({ type: "fuzz", description: text });
  console.log(`fuzz: ${text}`);
  expect(report.unexpected, "thrown, but no status").toEqual([]);
  expect(received, "in order, each once").toEqual(sent);
  expect(sent.length).toBeGreaterThan(10);
  expect(memory[1] - memory[0], "bytes that the node holds more of").toBeLessThan(GROWTH_BYTES);
  expect(report.openSubscriptions).toBe(0);
  expect(report.openConnections, "connections that nobody holds any more").toBe(0);
}
