import { SeededRandom } from "#src/random.js";

/** What the fuzz draws its bytes with: the same seed gives the same run. */
export class Draw {
  readonly #random: SeededRandom;

  constructor(seed: number | string) {
    this.#random = new SeededRandom(seed, "fuzz");
  }

  /** 0 to `n` − 1. */
  below(n: number): number {
    return this.#random.int(0, n - 1);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return this.#random.pick(items);
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at++) bytes[at] = this.below(256);
    return bytes;
  }
}
