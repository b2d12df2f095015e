/** The figures of one series. */
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

/**
 * Statistics of `values`; `undefined` for none.
 *
 * A percentile is the value at the nearest rank: one that was measured, exactly. So p95 of fewer than 20 values and p99 of fewer than
 * 100 are their maximum: a report that shows them must show n too.
 */
export function statisticsOf(values: readonly number[]): Statistics | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (percentile: number): number => sorted[Math.ceil((percentile * sorted.length) / 100) - 1] ?? NaN;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    n: sorted.length,
    min: sorted[0] ?? NaN,
    ...{ p50: at(50), p95: at(95), p99: at(99), max: at(100) },
    mean: sum / sorted.length,
  };
}

/** From how many values on a percentile can differ from the maximum by its definition. */
export function enoughFor(name: StatisticName, n: number): boolean {
  if (name === "p99") return n >= 100;
  if (name === "p95") return n >= 20;
  return true;
}
