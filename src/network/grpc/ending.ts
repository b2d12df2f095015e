/** Tells once that something is over, also those who ask late. */
export class Ending {
  readonly #listeners: (() => void)[] = [];
  #over = false;

  on(listener: () => void): void {
    if (this.#over) listener();
    else this.#listeners.push(listener);
  }

  tell(): void {
    if (this.#over) return;
    this.#over = true;
    for (const listener of this.#listeners) listener();
  }
}
