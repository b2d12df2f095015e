/**
 * Things that begin in one turn of the event loop. Time plays no part: how long a turn takes is the machine's affair, how
 * much a client asks for at once its own.
 */
export class TurnCount {
  readonly #most: number;
  #count = 0;

  /** @param most how many may begin in one turn */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one more. @returns whether they are still few enough */
  admit(): boolean {
    if (this.#count++ === 0) setImmediate(() => (this.#count = 0));
    return this.#count <= this.#most;
  }
}
