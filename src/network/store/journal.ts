/**
 * Keeps what changes step by step: all changes of a step are written together, or taken back together.
 *
 * A step is synchronous, so nobody reads a change before it is written, and nobody is told of one that was refused.
 * A change outside of a step is a step by itself.
 */
export class Journal<C> {
  readonly #write: (changes: readonly C[]) => void;
  #changes: C[] = [];
  #undo: (() => void)[] = [];
  #inStep = false;

  /** @param write keeps the changes for good, or throws and has kept none */
  constructor(write: (changes: readonly C[]) => void) {
    this.#write = write;
  }

  /**
   * A change that was just made, and what takes it back.
   *
   * @throws what `write` throws; the change was then taken back
   */
  tell(change: C, undo: () => void): void {
    this.#changes.push(change);
    this.#undo.push(undo);
    if (!this.#inStep) this.#commit();
  }

  /**
   * Makes several changes together. A step within a step is part of it. What was changed before `work` threw by itself
   * is kept, as the real node inserts a batch without a transaction.
   *
   * @throws what `write` throws, and then nothing has changed; else what `work` throws
   */
  step<T>(work: () => T): T {
    if (this.#inStep) return work();
    this.#inStep = true;
    try {
      return work();
    } finally {
      this.#inStep = false;
      this.#commit();
    }
  }

  #commit(): void {
    const changes = this.#changes;
    const undo = this.#undo;
    if (changes.length === 0) return;
    this.#changes = [];
    this.#undo = [];
    try {
      this.#write(changes);
    } catch (error) {
      for (const back of undo.reverse()) back();
      throw error;
    }
  }
}
