import type { TestLedger } from "./ledger.js";

type SwitchListener = (from: TestLedger, to: TestLedger) => void;

/**
 * Where a party's events go: to the ledger of its test, or, for a party that outlives a test, to that of the test
 * under way. A `TestLedger` is such a place itself.
 */
export interface LedgerPort {
  readonly current: TestLedger;
  /** Calls `listener` when another ledger has become the current one; returns the unsubscriber. */
  onSwitch(listener: SwitchListener): () => void;
}

/** The ledger of parties that outlive a test: `switchTo` gives them the next test's. */
export class LedgerSwitch implements LedgerPort {
  readonly #listeners = new Set<SwitchListener>();
  #current: TestLedger;

  constructor(first: TestLedger) {
    this.#current = first;
  }

  get current(): TestLedger {
    return this.#current;
  }

  /** From now on events go to `next`. Streams that are live tell it so, for its oracles. */
  switchTo(next: TestLedger): void {
    const before = this.#current;
    if (next === before) return;
    this.#current = next;
    for (const listener of [...this.#listeners]) listener(before, next);
  }

  onSwitch(listener: SwitchListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
