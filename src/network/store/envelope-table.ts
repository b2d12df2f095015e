import { hash } from "node:crypto";
import { FRAME_HEADER_BYTES } from "../grpc/frame.js";
import type { Position } from "./byte-blocks.js";
import { Feed } from "./feed.js";
import { Fingerprints } from "./fingerprints.js";
import type { PagedLog, Row } from "./keyed-log.js";
import { PackedLog } from "./packed-log.js";
import type { PackedRow } from "./packed-log.js";

/** A group message or a welcome: the message the node answers with, and the frame that streams are sent. */
export interface Envelope<M> extends Row {
  readonly message: M;
  readonly frame: Buffer;
}

/** Lower-case hex: how groups, installations and inboxes are named inside the node. */
export function hexKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** What a table has to know of its messages. */
export interface EnvelopeKind<M> {
  encode(message: M): Uint8Array;
  decode(bytes: Uint8Array): M;
  /** Its id and key, and what the duplicate check is taken over beside the key; undefined for what cannot be stored. */
  place(message: M): { id: bigint; key: Uint8Array; payload: Uint8Array } | undefined;
}

/** What a table's readers need. */
export interface EnvelopeLog<M> extends PagedLog<Envelope<M>> {
  readonly size: number;
  readonly lastId: bigint;
  /** The rows of a key, newest first. */
  downwards(key: string): Iterable<Envelope<M>>;
  /** Every row; those of a key ascending, in no order between keys. */
  entries(): Iterable<Envelope<M>>;
}

/**
 * Group messages or welcomes: a log without duplicates, and the live feed of what is inserted.
 *
 * A duplicate (same key, same payload) is skipped silently: the first row and its id stay, an id is burnt
 * (the real table's unique hash with "on conflict do nothing").
 */
export class EnvelopeTable<M> {
  readonly feed: Feed<Envelope<M>>;
  readonly log: EnvelopeLog<M>;
  /** Called after each row with its message's bytes, and with what takes it back while it is the newest of its key. */
  onInsert: ((message: Uint8Array, undo: () => void) => void) | undefined;
  readonly #rows = new PackedLog();
  #prints = new Fingerprints();
  readonly #kind: EnvelopeKind<M>;
  #encodes = 0;

  constructor(kind: EnvelopeKind<M>, feed = new Feed<Envelope<M>>()) {
    this.#kind = kind;
    this.feed = feed;
    this.log = readable(this.#rows, (row) => this.#envelope(row));
  }

  /** How many messages were encoded: each once, however many read it. */
  get encodes(): number {
    return this.#encodes;
  }

  /**
   * @param payload what the hash is taken over, beside the key
   * @param build makes the message with its id
   * @param told called with the row if it is new
   * @returns what the writer has to wait for before it may answer, if anything
   */
  insert(
    key: Uint8Array,
    payload: Uint8Array,
    build: (id: bigint) => M,
    told?: (row: Envelope<M>) => void,
  ): Promise<void> | undefined {
    const id = this.#rows.nextId();
    const print = fingerprint(key, payload);
    if (this.#holds(print, key, payload)) return undefined;
    const message = build(id);
    const bytes = this.#kind.encode(message);
    this.#encodes++;
    const name = hexKey(key);
    const { row: packed, takeBack } = this.#append(name, id, print, bytes);
    const row: Envelope<M> = { ...packed, message };
    const published = this.feed.publish(name, row);
    this.onInsert?.(bytes, () => {
      takeBack();
      this.feed.retract(row);
    });
    told?.(row);
    return published;
  }

  /** Puts back a row that was kept: no feed, no new id. */
  restore(bytes: Uint8Array): void {
    const place = this.#kind.place(this.#kind.decode(bytes));
    if (place === undefined) return;
    const { id, key, payload } = place;
    const { takeBack } = this.#append(hexKey(key), id, fingerprint(key, payload), bytes);
    this.onInsert?.(bytes, takeBack);
  }

  /** Continues the ids where they stood (a restore). */
  resumeAt(lastId: bigint): void {
    this.#rows.resumeAt(lastId);
  }

  /** @returns what takes it back */
  clear(): () => void {
    const prints = this.#prints;
    const back = this.#rows.clear();
    this.#prints = new Fingerprints();
    this.feed.clear();
    return () => {
      this.#prints = prints;
      back();
    };
  }

  #append(
    name: string,
    id: bigint,
    print: number,
    bytes: Uint8Array,
  ): { row: PackedRow; takeBack: () => void } {
    const { row, position } = this.#rows.append(name, id, bytes);
    this.#prints.add(print, position);
    return {
      row,
      takeBack: () => {
        this.#prints.remove(print, position);
        this.#rows.removeNewest(name);
      },
    };
  }

  #holds(print: number, key: Uint8Array, payload: Uint8Array): boolean {
    for (const position of this.#prints.find(print)) {
      if (this.#isAt(position, key, payload)) return true;
    }
    return false;
  }

  /** The real node hashes key and payload as one, so that is what is compared. */
  #isAt(position: Position, key: Uint8Array, payload: Uint8Array): boolean {
    const place = this.#kind.place(this.#envelope(this.#rows.at(position)).message);
    return (
      place !== undefined && Buffer.concat([place.key, place.payload]).equals(Buffer.concat([key, payload]))
    );
  }

  #envelope({ id, frame }: PackedRow): Envelope<M> {
    const kind = this.#kind;
    let message: M | undefined;
    return {
      id,
      frame,
      get message() {
        return (message ??= kind.decode(frame.subarray(FRAME_HEADER_BYTES)));
      },
    };
  }
}

function fingerprint(key: Uint8Array, payload: Uint8Array): number {
  // As text, which costs half of what bytes do.
  return Number.parseInt(hash("sha256", Buffer.concat([key, payload])).slice(0, 8), 16);
}

/** A log of packed rows as one of envelopes. */
function readable<M>(rows: PackedLog, envelope: (row: PackedRow) => Envelope<M>): EnvelopeLog<M> {
  function* each(packed: Iterable<PackedRow>): Generator<Envelope<M>> {
    for (const row of packed) yield envelope(row);
  }
  return {
    get size() {
      return rows.size;
    },
    get lastId() {
      return rows.lastId;
    },
    newest: (key) => {
      const row = rows.newest(key);
      return row && envelope(row);
    },
    after: (key, cursor, limit) => rows.after(key, cursor, limit).map(envelope),
    before: (key, cursor, limit) => rows.before(key, cursor, limit).map(envelope),
    above: (key, cursor) => each(rows.above(key, cursor)),
    downwards: (key) => each(rows.downwards(key)),
    entries: () => each(rows.entries()),
  };
}
