import type { Row } from "./keyed-log.js";

/** Hears rows of the keys it listens to, ascending in each key. */
export type FeedListener<R extends Row> = (key: string, row: R) => void;

/**
 * Live rows of one table, to whoever subscribed to their key.
 *
 * Rows go out in the next turn of the event loop, so that a publisher has its reply before subscribers have the row
 * (the real node's feed polls every 25 ms), and a burst is handed on in one go.
 */
export class Feed<R extends Row> {
  readonly #listeners = new Map<string, Set<FeedListener<R>>>();
  #queue: [string, R][] = [];

  /** @returns a function that ends the listening */
  listen(keys: Iterable<string>, listener: FeedListener<R>): () => void {
    const mine = new Set(keys);
    for (const key of mine) {
      const listeners = this.#listeners.get(key);
      if (listeners) listeners.add(listener);
      else this.#listeners.set(key, new Set([listener]));
    }
    return () => {
      for (const key of mine) {
        const listeners = this.#listeners.get(key);
        listeners?.delete(listener);
        if (listeners?.size === 0) this.#listeners.delete(key);
      }
    };
  }

  /** Runs an insert under a key, after those before it. @returns what the writer has to wait for, if anything */
  write(_key: string, insert: () => Promise<void> | undefined): Promise<void> | undefined {
    return insert();
  }

  /** @returns what a writer has to wait for before it may answer, if anything */
  publish(key: string, row: R): Promise<void> | undefined {
    if (!this.#listeners.has(key)) return undefined;
    if (this.#queue.length === 0) setImmediate(() => this.#flush());
    this.#queue.push([key, row]);
    return undefined;
  }

  /** Rows that were stored and never reached those who listened. */
  get lost(): number {
    return 0;
  }

  /** Forgets where it stood; for an emptied store, whose ids begin anew. */
  clear(): void {
    // Nothing is remembered here.
  }

  protected deliver(key: string, row: R): void {
    for (const listener of this.#listeners.get(key) ?? []) listener(key, row);
  }

  /** Takes a row back that has not gone out yet. */
  retract(row: R): void {
    this.#queue = this.#queue.filter(([, queued]) => queued !== row);
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const [key, row] of queue) this.deliver(key, row);
  }
}
