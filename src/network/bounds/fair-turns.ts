/** Calls run as they come in a turn of the event loop that is younger than this, ms; later ones wait for its end. */
const YOUNG_MS = 20;

/**
 * The order in which calls run. A call runs at once if it is the first of its connection in this turn of the event loop.
 * Else it waits, and one call runs at the end of each turn: in turns the first call of a connection that had nothing waiting, and the
 * next of those that ask for much at once, which take turns too. So such a client waits for itself, and the others
 * between its calls.
 */
export class FairTurns {
  /** Connections with one call waiting that had none before, and the others, each in the order they came. */
  readonly #fresh = new Map<object, Work[]>();
  readonly #busy = new Map<object, Work[]>();
  readonly #ran = new Set<object>();
  /** When the turn that is now under way saw its first call; undefined while it has seen none. */
  #beganMs: number | undefined;
  #freshFirst = true;

  /**
   * @param connection whose work it is; a connection's works run in the order they came
   * @param work returns false when there was nothing left to do: the turn then has room for another
   */
  run(connection: object, work: Work): void {
    const young = performance.now() - this.#begin() < YOUNG_MS;
    const before = this.#busy.get(connection) ?? this.#fresh.get(connection);
    if (before) {
      before.push(work);
    } else if (young && this.#fresh.size === 0 && !this.#ran.has(connection)) {
      this.#ran.add(connection);
      work();
    } else {
      (this.#ran.has(connection) ? this.#busy : this.#fresh).set(connection, [work]);
    }
  }

  #begin(): number {
    if (this.#beganMs === undefined) {
      this.#beganMs = performance.now();
      setImmediate(() => this.#end());
    }
    return this.#beganMs;
  }

  /** One call only, then the sockets are looked at: what a call does after its first await counts in its turn too. */
  #end(): void {
    this.#beganMs = undefined;
    this.#ran.clear();
    for (;;) {
      const work = this.#next();
      if (!work) return;
      // Before the work, which may throw: the rest must not be forgotten.
      if (this.#fresh.size + this.#busy.size > 0) this.#begin();
      if (work() !== false) return;
    }
  }

  #next(): Work | undefined {
    this.#freshFirst = !this.#freshFirst;
    const [first, second] = this.#freshFirst ? [this.#fresh, this.#busy] : [this.#busy, this.#fresh];
    const from = first.size > 0 ? first : second;
    const [next] = from;
    if (!next) return undefined;
    const [connection, works] = next;
    from.delete(connection);
    const work = works.shift();
    if (works.length > 0) this.#busy.set(connection, works);
    return work;
  }
}

type Work = () => unknown;
