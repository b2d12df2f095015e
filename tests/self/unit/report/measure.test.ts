import { describe, expect, test } from "vitest";
import { Measure } from "../../../../src/report/measuring/measure.js";
import { Progress } from "../../../../src/report/measuring/progress.js";

const defaults = { sdkVersion: "5.5.0", backend: "embedded" };

describe("measure", () => {
  test("time gives back the result and records one sample, none when the function throws", async () => {
    const measure = new Measure(defaults);
    expect(await measure.time("send", { size: 3 }, () => Promise.resolve("sent"))).toBe("sent");
    await expect(measure.time("send", {}, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(measure.samples).toMatchObject([{ operation: "send", size: 3, unit: "ms", ...defaults }]);
  });

  test("repeat runs warmups first, prepares outside of the measured time, and sums up", async () => {
    const measure = new Measure(defaults);
    const calls: string[] = [];
    const before = (run: number): string => {
      calls.push(`before ${run}`);
      return `prepared ${run}`;
    };
    const row = await measure.repeat("send", { n: 2, warmup: 2, before }, (run, prepared) => {
      calls.push(`${run} ${prepared}`);
    });
    expect(calls).toEqual([
      ...["before -2", "-2 prepared -2", "before -1", "-1 prepared -1"],
      ...["before 0", "0 prepared 0", "before 1", "1 prepared 1"],
    ]);
    expect(row).toMatchObject({ operation: "send", size: 1, statistics: { n: 2 }, warmUps: 2, timedOut: 0 });
    expect(measure.summary()).toEqual([row]);
  });

  test("the time of `before` is not in the sample", async () => {
    const measure = new Measure(defaults);
    const busy = (ms: number): void => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    };
    const row = await measure.repeat("send", { n: 3, before: () => busy(40) }, () => undefined);
    expect(row.statistics?.p50).toBeLessThan(20);
  });

  test("what never came is counted apart", () => {
    const measure = new Measure(defaults);
    measure.delivery("stream", [5, undefined, 7], { size: 40, waitedMs: 1000 });
    measure.timedOut("stream", 1000, { size: 40 });
    expect(measure.series).toMatchObject([{ values: [5, 7], timedOut: 2, delivery: true }]);
  });

  test.each([
    ["", 1, {}, "has no operation"],
    ["send", NaN, {}, '"send" was measured as NaN'],
    ["send", -1, {}, '"send" was measured as -1'],
    ["send", 1, { size: 1.5 }, '"send" was measured at size 1.5'],
    ["send", 1, { unit: "s" as "ms" }, '"send" was measured in "s"'],
  ])("%j = %d with %j is refused", (operation, value, options, text) => {
    expect(() => new Measure(defaults).record(operation, value, options)).toThrow(text);
  });

  test.each([
    [0, 1],
    [1.5, 1],
    [1, -1],
  ])("repeat refuses n = %d, warmup = %d", async (n, warmup) => {
    const measure = new Measure(defaults);
    await expect(measure.repeat("send", { n, warmup }, () => undefined)).rejects.toThrow(`n = ${n}`);
  });
});

describe("progress", () => {
  function setUp(): { measure: Measure; lines: string[]; clock: { ms: number } } {
    const lines: string[] = [];
    const clock = { ms: 0 };
    const progress = new Progress({ write: (line) => lines.push(line), now: () => clock.ms });
    return { measure: new Measure({ ...defaults, progress }), lines, clock };
  }

  test("a short test stays silent", () => {
    const { measure, lines, clock } = setUp();
    clock.ms = 4_999;
    for (const operation of ["a", "b", "c"]) measure.record(operation, 1);
    expect(lines).toEqual([]);
  });

  test("a line when the next operation begins, and when repeat is done", async () => {
    const { measure, lines, clock } = setUp();
    clock.ms = 5_000;
    measure.record("send", 12, { size: 50 });
    expect(lines).toEqual([]);
    measure.timedOut("send", 900, { size: 50 });
    measure.record("sync", 1);
    expect(lines).toEqual(["send, size 50 (SDK 5.5.0, embedded): p50 12 ms, p95 12 ms, n 1, 1 timeout"]);
    clock.ms = 7_000;
    await measure.repeat("sync", { n: 1, warmup: 0 }, () => undefined);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^sync, size 1 .* n 2$/);
  });

  test("at most one line a second; what is held back is counted", () => {
    const { measure, lines, clock } = setUp();
    clock.ms = 5_000;
    for (const operation of ["a", "b", "c", "d"]) measure.record(operation, 1);
    expect(lines).toHaveLength(1);
    clock.ms = 6_000;
    measure.record("e", 1);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^d, size 1 .*\(\+ 2 more lines since the last\)$/);
  });
});
