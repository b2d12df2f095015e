/** What a figure counts. `ms` and `bytes` are better small, `per_second` is better large. */
export const units = ["ms", "bytes", "per_second"] as const;
export type Unit = (typeof units)[number];

/** What makes two samples comparable: all five must be equal. */
export interface SeriesKey {
  /** For example "newGroup". One name means one thing over the whole run: its samples are pooled over tests. */
  readonly operation: string;
  /** Members, conversations or another count; 1 where size has no meaning. */
  readonly size: number;
  readonly unit: Unit;
  /** For example "5.5.0". */
  readonly sdkVersion: string;
  /** The network, for example "embedded", "local", "dev". */
  readonly backend: string;
}

/** One measured figure. */
export interface Sample extends SeriesKey {
  /** In the sample's unit; for a timeout the time waited, which enters no statistic. */
  readonly value: number;
  /** Kept and counted, but in no statistic. */
  readonly warmUp: boolean;
  /** What was waited for never came. Counted apart: a deadline is not a latency. */
  readonly timedOut: boolean;
  /** True for the time from a send to one receipt: these make the delivery curves. */
  readonly delivery: boolean;
}

/** All samples of one key. */
export interface Series extends SeriesKey {
  /** Counted figures, in the order they were taken. */
  readonly values: readonly number[];
  readonly warmUps: readonly number[];
  readonly timedOut: number;
  readonly delivery: boolean;
}

/** One text per key, equal only for equal keys. */
export function seriesId(key: SeriesKey): string {
  return JSON.stringify([key.operation, key.size, key.unit, key.sdkVersion, key.backend]);
}

/** Just the key of anything that has one. */
export function keyOf({ operation, size, unit, sdkVersion, backend }: SeriesKey): SeriesKey {
  return { operation, size, unit, sdkVersion, backend };
}

/** Order of keys wherever they are listed: operation, unit, size, SDK version, backend. */
export function compareKeys(a: SeriesKey, b: SeriesKey): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.unit, b.unit) ||
    a.size - b.size ||
    compareText(a.sdkVersion, b.sdkVersion) ||
    compareText(a.backend, b.backend)
  );
}

/** Order by code units: unlike `localeCompare` the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Samples as series, sorted by key; values keep their order and are rounded to 3 decimals. */
export function toSeries(samples: readonly Sample[]): Series[] {
  return poolSeries(
    samples.map((sample) => {
      const value = Math.round(sample.value * 1000) / 1000;
      return {
        ...keyOf(sample),
        values: sample.timedOut || sample.warmUp ? [] : [value],
        warmUps: sample.warmUp && !sample.timedOut ? [value] : [],
        timedOut: sample.timedOut && !sample.warmUp ? 1 : 0,
        delivery: sample.delivery,
      };
    }),
  );
}

/** Series of several tests as one list with one entry a key, sorted by key. */
export function poolSeries(all: readonly Series[]): Series[] {
  const byKey = new Map<
    string,
    SeriesKey & { values: number[]; warmUps: number[]; timedOut: number; delivery: boolean }
  >();
  for (const one of all) {
    const id = seriesId(one);
    let pooled = byKey.get(id);
    if (!pooled) {
      pooled = { ...keyOf(one), values: [], warmUps: [], timedOut: 0, delivery: false };
      byKey.set(id, pooled);
    }
    for (const value of one.values) pooled.values.push(value);
    for (const value of one.warmUps) pooled.warmUps.push(value);
    pooled.timedOut += one.timedOut;
    pooled.delivery ||= one.delivery;
  }
  return [...byKey.values()].sort(compareKeys);
}
