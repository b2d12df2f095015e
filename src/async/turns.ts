import { throwTogether, toError } from "../errors.js";

const settled = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

/** Work that is done one after the other, by key. What fails does not stop what waits behind it. */
export class Turns<K> {
  readonly #last = new Map<K, Promise<void>>();

  async run<T>(key: K, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work);
    this.#last.set(key, settled(mine));
    return await mine;
  }

  /** The keys that anything was ever done for. */
  get keys(): readonly K[] {
    return [...this.#last.keys()];
  }
}

/**
 * Verbs of one object, in the order in which they are called: shared ones side by side, an exclusive one alone, after
 * all that were called before it and before all that are called later.
 */
export class VerbQueue {
  /** The last exclusive verb. */
  #exclusive: Promise<void> = Promise.resolve();
  /** The shared ones called since. */
  #shared: Promise<void>[] = [];

  async shared<T>(verb: () => Promise<T>): Promise<T> {
    const mine = this.#exclusive.then(verb);
    const over = settled(mine);
    this.#shared.push(over);
    void over.then(() => (this.#shared = this.#shared.filter((one) => one !== over)));
    return await mine;
  }

  async exclusive<T>(verb: () => Promise<T>): Promise<T> {
    const before = [this.#exclusive, ...this.#shared];
    this.#shared = [];
    const mine = Promise.all(before).then(verb);
    this.#exclusive = settled(mine);
    return await mine;
  }
}

/** Ends one after the other, each whatever became of the one before it; then throws together what failed. */
export async function endAll(ends: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: Error[] = [];
  for (const end of ends) await end().catch((error: unknown) => errors.push(toError(error)));
  throwTogether(errors);
}
