/** A stretch of time on the monotonic clock; `to` is absent while it lasts. */
export interface Stretch {
  readonly from: number;
  readonly to?: number;
}

/** Stretches that can be asked often: each question takes the logarithm of their number. */
export class Spans {
  readonly #from: readonly number[];
  /** The latest end among this stretch and all that began before it. */
  readonly #reach: readonly number[];

  constructor(stretches: readonly Stretch[]) {
    const sorted = [...stretches].sort((a, b) => a.from - b.from);
    let reach = -Infinity;
    this.#from = sorted.map((one) => one.from);
    this.#reach = sorted.map((one) => (reach = Math.max(reach, one.to ?? Infinity)));
  }

  /** The end of the longest-lasting stretch that holds all of `[from, to]`; `Infinity` while it lasts. */
  covering(from: number, to: number): number | undefined {
    const end = this.#reachOf(from);
    return end !== undefined && end >= to ? end : undefined;
  }

  /** The latest end of those that share a moment with `[from, to]`. */
  touching(from: number, to: number): number | undefined {
    const end = this.#reachOf(to);
    return end !== undefined && end >= from ? end : undefined;
  }

  /** The latest end of those that began at `moment` or before. */
  #reachOf(moment: number): number | undefined {
    let [low, high] = [0, this.#from.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#from[middle] ?? Infinity) <= moment) low = middle + 1;
      else high = middle;
    }
    return this.#reach[low - 1];
  }
}
