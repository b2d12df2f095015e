/** How many of the last acknowledged sends of a conversation are kept, for the check over processes. */
const kept = 16;

/** The send side of one user in one conversation: its count, and what was never acknowledged. */
export class Outbox {
  #seq = 0;
  #failed: number[] = [];
  readonly #acknowledged: (readonly [seq: number, at: number])[] = [];

  /** The last acknowledged sends with when they were, Unix ms. */
  get acknowledged(): readonly (readonly [seq: number, at: number])[] {
    return this.#acknowledged;
  }

  /** The next attempt's number, and the earlier ones whose failure nobody has been told of. */
  next(): { seq: number; failed: readonly number[] } {
    this.#seq += 1;
    return { seq: this.#seq, failed: [...this.#failed] };
  }

  /** @param told the failures that the acknowledged message named */
  succeeded(seq: number, at: number, told: readonly number[]): void {
    this.#failed = this.#failed.filter((one) => !told.includes(one));
    this.#acknowledged.push([seq, at]);
    if (this.#acknowledged.length > kept) this.#acknowledged.shift();
  }

  failed(seq: number): void {
    this.#failed.push(seq);
  }
}
