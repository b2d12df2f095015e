import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { enoughFor, statisticsOf } from "../../../../src/report/statistics.js";

/** The nearest-rank percentile by its definition. */
function reference(values: readonly number[], percentile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percentile * sorted.length) / 100));
  return sorted[rank - 1] ?? NaN;
}

const figure = fc
  .oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 1e9, noNaN: true }))
  .map((value) => Math.round(value * 1000) / 1000);

describe("statistics", () => {
  test("all figures are exact, percentiles those of the nearest rank", () => {
    fc.assert(
      fc.property(fc.array(figure, { minLength: 1, maxLength: 300 }), (values) => {
        const found = statisticsOf(values);
        if (!found) throw new Error("no statistics");
        for (const percentile of [50, 95, 99] as const) {
          expect(found[`p${percentile}`]).toBe(reference(values, percentile));
        }
        expect(found.n).toBe(values.length);
        expect(found.min).toBe(Math.min(...values));
        expect(found.max).toBe(Math.max(...values));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(found.mean).toBeCloseTo(mean, 3);
      }),
    );
  });

  test("percentiles never leave the range of what was measured, and never fall", () => {
    fc.assert(
      fc.property(fc.array(figure, { minLength: 1, maxLength: 50 }), (values) => {
        const found = statisticsOf(values);
        if (!found) throw new Error("no statistics");
        const rising = [found.min, found.p50, found.p95, found.p99, found.max];
        expect([...rising].sort((a, b) => a - b)).toEqual(rising);
      }),
    );
  });

  test("a budget at a measured figure is not crossed by rounding", () => {
    const values = [...Array.from({ length: 95 }, () => 900), ...Array.from({ length: 5 }, () => 1000)];
    expect(statisticsOf(values)?.p95).toBe(900);
    expect(statisticsOf([1000])?.p50).toBe(1000);
  });

  test("no figures, no statistics", () => {
    expect(statisticsOf([])).toBeUndefined();
  });

  test.each([
    ["p95", 20],
    ["p99", 100],
  ] as const)("%s is marked as the maximum below %d samples, and exactly there", (name, enough) => {
    const one = (n: number): number[] => Array.from({ length: n }, (_, i) => (i === 0 ? 1000 : 1));
    expect(statisticsOf(one(enough - 1))?.[name]).toBe(1000);
    expect(enoughFor(name, enough - 1)).toBe(false);
    expect(statisticsOf(one(enough))?.[name]).toBe(1);
    expect(enoughFor(name, enough)).toBe(true);
  });
});
