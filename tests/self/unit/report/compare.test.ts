import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare } from "../../../../src/report/compare.js";
import type { Verdict } from "../../../../src/report/compare.js";
import { SeededRandom } from "../../../../src/random.js";

/** Latencies as they come: skewed, one in twenty far out. */
function latencies(seed: number, n: number, factor = 1): number[] {
  const random = new SeededRandom(seed, "latencies");
  return Array.from({ length: n }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const outlier = random.next() < 0.05 ? 8 : 1;
    return 100 * factor * Math.exp(0.2 * normal) * outlier;
  });
}

function verdicts(factor: number, n: number): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { faster: 0, same: 0, slower: 0, unsure: 0 };
  for (let seed = 0; seed < 100; seed++) {
    const found = compare(latencies(seed, n, factor), latencies(seed + 1000, n), "ms");
    if (found) counts[found.verdict]++;
  }
  return counts;
}

describe("comparison with a baseline", () => {
  test("equal builds are hardly ever called faster or slower, however few the samples", () => {
    for (const n of [8, 30, 100]) {
      const { faster, slower } = verdicts(1, n);
      expect(faster + slower).toBeLessThanOrEqual(1);
    }
    expect(verdicts(1, 100).same).toBeGreaterThanOrEqual(95);
  });

  test("a median outside of the noise whose band reaches into it is unsure, not the same", () => {
    const found = compare(latencies(3, 12, 1.4), latencies(4, 12), "ms");
    expect(found?.ratio).toBeGreaterThan(1.1);
    expect(found?.low).toBeLessThan(1.1);
    expect(found?.verdict).toBe("unsure");
  });

  test("a seeded slow-down is found, and a seeded speed-up", () => {
    expect(verdicts(1.5, 30).slower).toBeGreaterThanOrEqual(95);
    expect(verdicts(1 / 1.5, 30).faster).toBeGreaterThanOrEqual(95);
  });

  test("a change within the noise is none, however many samples show it", () => {
    const found = verdicts(1.05, 300);
    expect(found).toMatchObject({ faster: 0, slower: 0 });
    expect(found.same).toBeGreaterThanOrEqual(90);
  });

  test("the band encloses the true ratio as often as it claims", () => {
    const hits = Array.from({ length: 200 }, (_, seed) => {
      const found = compare(latencies(seed, 40, 1.3), latencies(seed + 5000, 40), "ms");
      return found !== undefined && found.low <= 1.3 && found.high >= 1.3;
    });
    expect(hits.filter(Boolean).length).toBeGreaterThanOrEqual(194);
  });

  test("for rates more is faster", () => {
    expect(compare(latencies(1, 50, 2), latencies(2, 50), "per_second")?.verdict).toBe("faster");
    expect(compare(latencies(1, 50, 0.5), latencies(2, 50), "per_second")?.verdict).toBe("slower");
  });

  test("too few samples on either side are unsure, never a verdict", () => {
    const many = latencies(1, 100);
    expect(compare([900, 901, 902, 903, 904, 905, 906], many, "ms")?.verdict).toBe("unsure");
    expect(compare(many, [1], "ms")?.verdict).toBe("unsure");
  });

  test("nothing can be said against nothing or against 0", () => {
    expect(compare([], [1], "ms")).toBeUndefined();
    expect(compare([1], [], "ms")).toBeUndefined();
    expect(compare([1, 1], [0, 0], "ms")).toBeUndefined();
  });

  test("equal input gives equal output, whatever its order", () => {
    const numbers = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 8, maxLength: 30 });
    fc.assert(
      fc.property(numbers, numbers, (now, then) => {
        expect(compare(now.toReversed(), then, "ms")).toEqual(compare(now, then.toReversed(), "ms"));
      }),
      { numRuns: 20 },
    );
  });
});
