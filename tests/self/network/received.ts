/** What a stream brought so far, and who waits for more of it. */
export abstract class Receiving<M> {
  readonly received: M[] = [];
  readonly #waiting = new Set<() => void>();

  protected add(message: M): void {
    this.received.push(message);
    for (const check of this.#waiting) check();
  }

  /** Resolves with everything received once it is at least `count`; the test's own timeout is the deadline. */
  async atLeast(count: number): Promise<readonly M[]> {
    if (this.received.length < count) {
      await new Promise<void>((resolve) => {
        const check = (): void => {
          if (this.received.length < count) return;
          this.#waiting.delete(check);
          resolve();
        };
        this.#waiting.add(check);
      });
    }
    return this.received;
  }
}
