/** Counts by bucket: what a {@link Histogram} is in a file. */
export type Buckets = readonly (readonly [bucket: number, count: number])[];

/** Each bucket is 1 % wider than the one before: a percentile is off by half of that at most. */
const growth = Math.log(1.01);
/** Below this all values are one: a microsecond, where values are ms. */
const least = 0.001;

/**
 * Values as counts of logarithmic buckets. Histograms of several processes add up, and the percentiles of the sum
 * are those of all values; the mean of percentiles would be nobody's.
 */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #n = 0;

  static of(buckets: Buckets): Histogram {
    const made = new Histogram();
    made.addAll(buckets);
    return made;
  }

  get n(): number {
    return this.#n;
  }

  get buckets(): Buckets {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }

  add(value: number): void {
    this.#count(bucketOf(value), 1);
  }

  addAll(buckets: Buckets): void {
    for (const [bucket, count] of buckets) this.#count(bucket, count);
  }

  /**
   * The value at the nearest rank, within 0.5 %; undefined of no values.
   *
   * @param percentile 0 to 100
   */
  percentile(percentile: number): number | undefined {
    if (this.#n === 0) return undefined;
    let left = Math.max(1, Math.ceil((percentile * this.#n) / 100));
    for (const [bucket, count] of this.buckets) {
      left -= count;
      if (left <= 0) return valueOf(bucket);
    }
    return undefined;
  }

  #count(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.#n += count;
  }
}

function bucketOf(value: number): number {
  return Math.round(Math.log(Math.max(value, least)) / growth);
}

function valueOf(bucket: number): number {
  return Math.exp(bucket * growth);
}
