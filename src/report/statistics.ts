import { build } from "hdr-histogram-js";

/** The figures of one series. Percentiles are within 0.1 % of the true ones; the rest is exact. */
export interface Statistics {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
}

/** The statistics that a budget or a table can name. */
export const statisticNames = ["min", "p50", "p95", "p99", "max", "mean"] as const;
export type StatisticName = (typeof statisticNames)[number];

/** HdrHistogram counts whole numbers: a thousandth of the unit is its smallest step. */
const scale = 1000;

/**
 * Statistics of `values` (each at least 0) by HdrHistogram with three significant digits; `undefined` for none.
 *
 * A percentile is the value at the nearest rank, so p95 of fewer than 20 values and p99 of fewer than
 * 100 are their maximum: a report that shows them must show n too.
 */
export function statisticsOf(values: readonly number[]): Statistics | undefined {
  if (values.length === 0) return undefined;
  const histogram = build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 });
  let min = Infinity;
  let max = 0;
  let sum = 0;
  for (const value of values) {
    histogram.recordValue(Math.round(value * scale));
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  const at = (percentile: number): number => {
    // The histogram answers with the top of a bucket, which can lie just outside of what was measured.
    const found = histogram.getValueAtPercentile(percentile) / scale;
    return Math.min(max, Math.max(min, found));
  };
  return { n: values.length, min, p50: at(50), p95: at(95), p99: at(99), max, mean: sum / values.length };
}

/** From how many values on a percentile can differ from the maximum by its definition. */
export function enoughFor(name: StatisticName, n: number): boolean {
  if (name === "p99") return n >= 100;
  if (name === "p95") return n >= 20;
  return true;
}
