import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  baselineFor,
  readBaseline,
  updatedBaseline,
  writeBaseline,
} from "../../../../src/report/measuring/baseline.js";
import { decodeSamples, encodeSamples } from "../../../../src/report/attachments.js";
import { decodeFacts, encodeFacts } from "../../../../src/report/facts-attachment.js";
import { curvesOf } from "../../../../src/report/curves.js";
import { timelineFacts } from "../../../../src/report/timeline-facts.js";
import { toJson } from "../../../../src/report/to-json.js";
import type { LedgerEvent } from "../../../../src/ledger/events.js";
import { series } from "./records.js";

describe("baseline file", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "xmtp-baseline-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("is read as it was written, one entry a line", async () => {
    const file = join(folder, "deep/base.json");
    const written = updatedBaseline([series("sync", 1, [3, 1, 2]), series("send", 50, [9])]);
    await writeBaseline(file, written);
    expect(await readBaseline(file)).toEqual(written);
    expect((await readFile(file, "utf8")).split("\n")).toHaveLength(5);
    expect(written.entries.map((entry) => entry.values)).toEqual([[9], [1, 2, 3]]);
  });

  test("an update keeps what this run did not measure, and drops nothing for a run without figures", () => {
    const old = updatedBaseline([series("send", 1, [1]), series("sync", 1, [1])]);
    const now = updatedBaseline([series("send", 1, [2]), series("sync", 1, [], { warmUps: [7] })], old);
    expect(now.entries.map((entry) => [entry.operation, entry.values])).toEqual([
      ["send", [2]],
      ["sync", [1]],
    ]);
  });

  test("of many figures 200 are kept, with both ends and the same median", () => {
    const many = Array.from({ length: 10_001 }, (_, i) => 10_000 - i);
    const [entry] = updatedBaseline([series("send", 1, many)]).entries;
    expect(entry?.values).toHaveLength(200);
    expect(entry?.values[0]).toBe(0);
    expect(entry?.values.at(-1)).toBe(10_000);
    expect(entry?.statistics.n).toBe(10_001);
    expect(Math.abs((entry?.values[99] ?? 0) - 5_000)).toBeLessThan(50);
  });

  test("another SDK version is compared with the one that is stored, unless two are", () => {
    const old = series("send", 1, [1], { sdkVersion: "4.6.0" });
    const key = series("send", 1, [2]);
    expect(baselineFor(updatedBaseline([old]), key)?.sdkVersion).toBe("4.6.0");
    const older = series("send", 1, [1], { sdkVersion: "4.5.0" });
    expect(baselineFor(updatedBaseline([old, older]), key)).toBeUndefined();
    expect(baselineFor(updatedBaseline([old, older, key]), key)?.sdkVersion).toBe("5.5.0");
    expect(baselineFor(updatedBaseline([series("send", 2, [1])]), key)).toBeUndefined();
  });

  test.each([
    ["{"],
    ['{"version":2,"entries":[]}'],
    ['{"version":1,"entries":[{"operation":"x"}]}'],
    ["null"],
  ])("%s is refused, and the error names the file", async (text) => {
    const file = join(folder, "base.json");
    await writeFile(file, text);
    await expect(readBaseline(file)).rejects.toThrow(`The baseline cannot be read (${file}: `);
  });
});

describe("attachments", () => {
  test("samples come back as they were", () => {
    const samples = {
      version: 1,
      testId: "x",
      series: [series("send", 1, [1.5])],
      budgets: { send: 9 },
    } as const;
    expect(decodeSamples(encodeSamples(samples))).toEqual(samples);
  });

  test("facts come back as they were, thinned to what a curve shows", () => {
    const base = { wall: 0, worker: "alice", installationId: "", inboxId: "" };
    const events = Array.from({ length: 1000 }, (_, i) => [
      {
        ...base,
        kind: "send",
        seq: 2 * i,
        at: i * 10,
        messageId: `m${i}`,
        outcome: i === 0 ? "unknown" : "ok",
      },
      { ...base, kind: "receive", seq: 2 * i + 1, at: i * 10 + 1 + i, source: "stream", messageId: `m${i}` },
    ]).flat() as unknown as LedgerEvent[];
    const facts = decodeFacts(encodeFacts(events, ["a timer"]) ?? "");
    expect(facts).toMatchObject({ sent: 1000, sendFailures: 1, received: 1000, leaks: ["a timer"] });
    expect(facts.delays).toHaveLength(400);
    expect([facts.delays[0], facts.delays.at(-1)]).toEqual([1, 1000]);
    // 1,000 receipts in one test, and one of 5 s in another: the curve is that of 1,001, not of 401.
    const slow = { ...timelineFacts([]), delays: [5_000], delayCount: 1 };
    const [curve] = curvesOf([], [facts, slow]);
    expect(curve?.arrived).toBe(1_001);
    expect(curve?.points.at(-1)).toEqual([5_000, 1]);
    for (const [ms, share] of curve?.points.slice(0, -1) ?? [])
      expect(Math.abs(share - ms / 1_001), `${ms} ms`).toBeLessThan(0.01);
  });

  test("a test without messages, faults or leaks leaves no facts", () => {
    expect(encodeFacts([])).toBeUndefined();
    expect(encodeFacts([], ["a timer"])).toBeDefined();
  });

  test.each(["null", '{"version":2}', '{"version":1}', '{"version":1,"facts":{"sent":1}}'])(
    "facts %s are refused",
    (text) => {
      expect(() => decodeFacts(text)).toThrow(/unknown version|malformed/);
    },
  );

  test("a message read on demand is not a delivery, and one that someone else sent has no delay", () => {
    const base = { wall: 0, worker: "bob", installationId: "", inboxId: "", kind: "receive" };
    const events = [
      { ...base, kind: "send", at: 0, messageId: "m", outcome: "ok" },
      { ...base, at: 5, source: "query", messageId: "m" },
      { ...base, at: 6, source: "stream", messageId: "other" },
      { ...base, at: 7, source: "gap", messageId: "m" },
    ] as unknown as LedgerEvent[];
    expect(timelineFacts(events)).toMatchObject({ sent: 1, received: 3, delays: [7], faultDelays: [] });
  });
});

test("JSON keeps lists of figures on one line, and texts as they are", () => {
  const value = { values: [1, 2.5, -3], text: "[1, 2]\n[\n 1\n]", nested: [[1], ["a"]], empty: [] };
  const text = toJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text).toContain('"values": [1,2.5,-3]');
});
