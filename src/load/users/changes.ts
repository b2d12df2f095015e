/** Lets somebody wait until what arrives makes a condition true. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  /** Something has arrived. */
  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * Waits for a condition until a deadline (ms of `performance.now()`). Between, every `everyMs`, `look` is called, for
   * what did not arrive by itself.
   *
   * @returns whether it is true
   */
  async until(
    condition: () => boolean,
    deadline: number,
    look?: { readonly everyMs: number; readonly ask: () => Promise<void> },
  ): Promise<boolean> {
    while (!condition()) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      const timeUp = await this.#changeWithin(condition, Math.min(left, look?.everyMs ?? left));
      if (timeUp && look !== undefined && !condition()) await look.ask();
    }
    return true;
  }

  /** @returns true when the time was up first */
  async #changeWithin(condition: () => boolean, ms: number): Promise<boolean> {
    let done: (timeUp: boolean) => void = () => undefined;
    const first = new Promise<boolean>((resolve) => (done = resolve));
    const timer = setTimeout(() => done(true), ms);
    const listener = (): void => {
      if (condition()) done(false);
    };
    this.#listeners.add(listener);
    try {
      return await first;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
    }
  }
}
