import { createHash } from "node:crypto";

/**
 * Seeded randomness: the same seed and purpose give the same draws on every machine.
 *
 * Each purpose ("receiver", "schedule", …) gets a generator of its own, so that one more draw for one
 * purpose never shifts the draws of another. The generator is sfc32, seeded by sha256.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #count: number;

  constructor(seed: number | string, purpose: string) {
    const digest = createHash("sha256").update(`${seed}\u0000${purpose}`).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    this.#count = digest.readInt32LE(12);
  }

  /** A number in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** One of `items`. Throws RangeError when there is none. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined) throw new RangeError("pick() needs at least one item.");
    return item;
  }

  /** `count` different items, in drawn order (all of them when there are fewer). */
  sample<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    const drawn: T[] = [];
    while (drawn.length < count && left.length > 0)
      drawn.push(...left.splice(this.int(0, left.length - 1), 1));
    return drawn;
  }
}
