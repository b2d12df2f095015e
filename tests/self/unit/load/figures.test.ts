import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeqSet } from "../../../../src/load/checking/seq-set.js";
import { Histogram } from "../../../../src/load/measuring/histogram.js";
import { phasesOf } from "../../../../src/load/running/phases.js";
import { sendTimes } from "../../../../src/load/users/pace.js";
import { SeededRandom } from "../../../../src/random.js";
import { statisticsOf } from "../../../../src/report/statistics.js";

describe("histograms", () => {
  it("of several processes have the percentiles of all their values, within half a percent", () => {
    const values = fc.array(fc.double({ min: 0.01, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 5 }), (parts) => {
        const merged = new Histogram();
        for (const part of parts) {
          const one = new Histogram();
          for (const value of part) one.add(value);
          // As it is written and read.
          merged.addAll(JSON.parse(JSON.stringify(one.buckets)) as typeof one.buckets);
        }
        const exact = statisticsOf(parts.flat());
        for (const [percentile, value] of [
          [50, exact?.p50],
          [95, exact?.p95],
          [99, exact?.p99],
          [100, exact?.max],
        ] as const) {
          const found = merged.percentile(percentile) ?? NaN;
          expect(Math.abs(found / (value ?? NaN) - 1)).toBeLessThan(0.0051);
        }
      }),
    );
  });

  it("of nothing have no percentile", () => {
    expect(new Histogram().percentile(50)).toBeUndefined();
  });
});

describe("a set of sequence numbers", () => {
  it("is the set it is a model of", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 })), (numbers) => {
        const set = new SeqSet();
        const model = new Set<number>();
        for (const one of numbers) {
          expect(set.add(one)).toBe(!model.has(one));
          model.add(one);
        }
        const most = Math.max(0, ...model);
        expect([set.size, set.max]).toEqual([model.size, most]);
        const missing = Array.from({ length: most }, (_, at) => at + 1).filter((one) => !model.has(one));
        expect(set.missing()).toEqual(missing);
      }),
    );
  });
});

describe("the pace", () => {
  it("of many users together is the rate of the phases, ramps included", () => {
    const users = 400;
    const phases = [
      { seconds: 10, rate: 0, to: 40 },
      { seconds: 5, rate: 100 },
      { seconds: 10, rate: 40, to: 0 },
    ];
    const all = Array.from({ length: users }, (_, user) => [
      ...sendTimes(phases, 1 / users, new SeededRandom("pace", String(user))),
    ]);
    for (const times of all) expect(times).toEqual([...times].sort((a, b) => a - b));
    const between = (from: number, to: number): number =>
      all.flat().filter((at) => at >= from && at < to).length;
    // Expected: 50, 150, 500, 150, 50; a Poisson count is within 5 standard deviations.
    for (const [from, to, expected] of [
      [0, 5, 50],
      [5, 10, 150],
      [10, 15, 500],
      [15, 20, 150],
      [20, 25, 50],
    ] as const)
      expect(Math.abs(between(from, to) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    expect(between(25, Infinity)).toBe(0);
  });

  it("of a rate of nothing sends nothing, and ends", () => {
    expect([...sendTimes([{ seconds: 5, rate: 0 }], 1, new SeededRandom("a", "b"))]).toEqual([]);
  });
});

describe("the arrivals of shards", () => {
  it("add up to those of the script", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 40 }), (count, total) => {
        const parts = Array.from({ length: total }, (_, at) =>
          phasesOf([{ duration: 9, arrivalCount: count, arrivalRate: "8", name: "x" }], {
            current: at + 1,
            total,
          }),
        ).flat();
        expect(parts.reduce((sum, one) => sum + Number(one["arrivalCount"]), 0)).toBe(count);
        expect(parts.reduce((sum, one) => sum + Number(one["arrivalRate"]), 0)).toBeCloseTo(8);
        for (const one of parts) expect(one).toMatchObject({ duration: 9, name: "x" });
      }),
    );
  });
});
