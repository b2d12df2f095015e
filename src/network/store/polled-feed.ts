import type { SeededRandom } from "../../random.js";
import { Feed } from "./feed.js";
import type { Row } from "./keyed-log.js";

/** The real node's: how often its live feed asks the store, in ms, and how many rows it takes at once. */
const POLL_MS = 25;
const POLL_ROWS = 500;
/**
 * How long a transaction takes, in ms: a real node's send takes 2.4 ms longer than a prompt one here (measured, p50).
 * A few take longer. So many, and by so much, that of 2,400 messages of 16 writers in 8 groups some ten are lost,
 * and of 600 in 20 groups by writers who pause hardly one: 2 to 18, and none, on the real node (measured).
 */
const COMMIT_MS = 2;
const SLOW_SHARE = 0.02;
const SLOW_MS = { min: 1, max: 10 } as const;

/**
 * The live feed as a real node has it: a poll for rows above the last id it saw.
 *
 * Ids are drawn before rows are committed, and transactions of different keys overlap: a row that commits after one
 * with a higher id that a poll has seen lies below the poll's mark, and is never streamed. A query still finds it.
 * Transactions of one key follow one another, so within a key, and with one key alone, nothing is lost.
 */
export class PolledFeed<R extends Row> extends Feed<R> {
  readonly #random: SeededRandom;
  /** The last transaction of each key, those that wait for it included. */
  readonly #running = new Map<string, Promise<void>>();
  #committed: [key: string, row: R][] = [];
  #mark = 0n;
  /** Refused after they were published. */
  readonly #retracted = new WeakSet<R>();
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(random: SeededRandom) {
    super();
    this.#random = random;
  }

  override get lost(): number {
    return this.#lost;
  }

  override write(key: string, insert: () => Promise<void> | undefined): Promise<void> {
    const before = this.#running.get(key);
    const turn = (async () => {
      // Whoever wrote it is told.
      await before?.catch(() => undefined);
      await insert();
    })();
    this.#running.set(key, turn);
    return turn.finally(() => {
      if (this.#running.get(key) === turn) this.#running.delete(key);
    });
  }

  /** @returns resolves when the row is committed */
  override async publish(key: string, row: R): Promise<void> {
    const slow = this.#random.next() < SLOW_SHARE;
    const ms = COMMIT_MS + (slow ? this.#random.int(SLOW_MS.min, SLOW_MS.max) : 0);
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (this.#retracted.has(row)) return;
    this.#committed.push([key, row]);
    if (this.#timer === undefined) this.#pollIn(POLL_MS - (performance.now() % POLL_MS));
  }

  override retract(row: R): void {
    this.#retracted.add(row);
  }

  override clear(): void {
    this.#mark = 0n;
  }

  #poll(): void {
    this.#timer = undefined;
    const rows = this.#committed.sort(([, a], [, b]) => (a.id < b.id ? -1 : 1));
    this.#committed = [];
    let taken = 0;
    for (const [key, row] of rows) {
      if (row.id <= this.#mark) {
        this.#lost++;
      } else if (taken < POLL_ROWS) {
        taken++;
        this.#mark = row.id;
        this.deliver(key, row);
      } else {
        this.#committed.push([key, row]);
      }
    }
    if (this.#committed.length > 0) this.#pollIn(POLL_MS);
  }

  #pollIn(ms: number): void {
    this.#timer = setTimeout(() => this.#poll(), ms);
  }
}
