import { firstAbove } from "./first-above.js";

/** A stored row: its id is unique in its table and grows. */
export interface Row {
  readonly id: bigint;
}

/** What readers of a table use. */
export interface PagedLog<R extends Row> {
  newest(key: string): R | undefined;
  /** Up to `limit` rows with id above `cursor`, ascending. */
  after(key: string, cursor: bigint, limit: number): R[];
  /** Up to `limit` rows with id below `cursor` (0 = from the newest), descending. */
  before(key: string, cursor: bigint, limit: number): R[];
  /** Rows with id above `cursor`, ascending; those that come meanwhile too. */
  above(key: string, cursor: bigint): Iterable<R>;
}

/**
 * One table of the node: rows under a key (a group, an installation, an inbox), ids from one sequence for all keys.
 *
 * Ids start at 1 and may have gaps, as a database sequence has: {@link nextId} is burnt also when the row is refused.
 */
export class KeyedLog<R extends Row> implements PagedLog<R> {
  #rows = new Map<string, R[]>();
  /** Called after each row, with what takes it back while it is the newest. */
  onAppend: ((key: string, row: R, undo: () => void) => void) | undefined;
  #lastId = 0n;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get lastId(): bigint {
    return this.#lastId;
  }

  nextId(): bigint {
    this.#lastId += 1n;
    return this.#lastId;
  }

  /** @param row its id must come from {@link nextId} of this table, or lie above all ids (a restore) */
  append(key: string, row: R): void {
    const rows = this.#rows.get(key);
    if (rows) rows.push(row);
    else this.#rows.set(key, [row]);
    if (row.id > this.#lastId) this.#lastId = row.id;
    this.#size++;
    this.onAppend?.(key, row, () => this.removeNewest(key));
  }

  /** Takes the newest row of a key out again; its id stays burnt. */
  removeNewest(key: string): void {
    const rows = this.#rows.get(key);
    if (!rows?.pop()) return;
    if (rows.length === 0) this.#rows.delete(key);
    this.#size--;
  }

  /** All rows of a key, ascending; a live view. */
  rows(key: string): readonly R[] {
    return this.#rows.get(key) ?? [];
  }

  newest(key: string): R | undefined {
    return this.#rows.get(key)?.at(-1);
  }

  after(key: string, cursor: bigint, limit: number): R[] {
    const rows = this.rows(key);
    const start = startAfter(rows, cursor);
    return rows.slice(start, start + limit);
  }

  *above(key: string, cursor: bigint): Generator<R> {
    const rows = this.rows(key);
    for (let at = startAfter(rows, cursor); at < rows.length; at++) yield rows[at] as R;
  }

  before(key: string, cursor: bigint, limit: number): R[] {
    const rows = this.rows(key);
    const end = cursor === 0n ? rows.length : startAfter(rows, cursor - 1n);
    return rows.slice(Math.max(0, end - limit), end).reverse();
  }

  /** Every row with its key, in no order between keys. */
  *entries(): Generator<[string, R]> {
    for (const [key, rows] of this.#rows) for (const row of rows) yield [key, row];
  }

  /** @returns what takes it back */
  clear(): () => void {
    const [rows, lastId, size] = [this.#rows, this.#lastId, this.#size];
    this.#rows = new Map();
    this.#lastId = 0n;
    this.#size = 0;
    return () => {
      this.#rows = rows;
      this.#lastId = lastId;
      this.#size = size;
    };
  }

  /** Continues the sequence where it stood (a restore). */
  resumeAt(lastId: bigint): void {
    if (lastId > this.#lastId) this.#lastId = lastId;
  }
}

function startAfter(rows: readonly Row[], id: bigint): number {
  return firstAbove(rows.length, (at) => (rows[at] as Row).id, id);
}
