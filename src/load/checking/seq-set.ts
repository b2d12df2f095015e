/**
 * A set of sequence numbers from 1 that takes little memory when they come nearly in order: all up to a mark, and
 * what came beyond it.
 */
export class SeqSet {
  #upTo = 0;
  readonly #beyond = new Set<number>();

  /** @returns false when it was in the set already */
  add(seq: number): boolean {
    if (this.has(seq)) return false;
    this.#beyond.add(seq);
    while (this.#beyond.delete(this.#upTo + 1)) this.#upTo += 1;
    return true;
  }

  has(seq: number): boolean {
    return seq <= this.#upTo || this.#beyond.has(seq);
  }

  /** The largest number in the set; 0 for the empty set. */
  get max(): number {
    return this.#beyond.size === 0 ? this.#upTo : Math.max(...this.#beyond);
  }

  get size(): number {
    return this.#upTo + this.#beyond.size;
  }

  /** Numbers from 1 to `to` that are not in the set. */
  missing(to = this.max): number[] {
    const gaps: number[] = [];
    for (let seq = this.#upTo + 1; seq <= to; seq++) if (!this.#beyond.has(seq)) gaps.push(seq);
    return gaps;
  }
}
