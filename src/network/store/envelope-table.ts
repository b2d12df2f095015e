import { createHash } from "node:crypto";
import { encodeFrame } from "../grpc/frame.js";
import { Feed } from "./feed.js";
import { KeyedLog } from "./keyed-log.js";
import type { Row } from "./keyed-log.js";

/** A group message or a welcome: the message the node answers with, and its frame once it has been streamed. */
export interface Envelope<M> extends Row {
  readonly message: M;
  frame?: Buffer;
}

/** Lower-case hex: how groups, installations and inboxes are named inside the node. */
export function hexKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/**
 * Group messages or welcomes: a log without duplicates, and the live feed of what is inserted.
 *
 * A duplicate (same key, same payload) is skipped silently: the first row and its id stay, an id is burnt
 * (the real table's unique hash with "on conflict do nothing").
 */
export class EnvelopeTable<M> {
  readonly log = new KeyedLog<Envelope<M>>();
  readonly feed: Feed<Envelope<M>>;
  /** Called after each row, with what takes it back while it is the newest of its key. */
  onInsert: ((message: M, undo: () => void) => void) | undefined;
  #hashes = new Set<string>();
  readonly #encode: (message: M) => Uint8Array;
  #encodes = 0;

  constructor(encode: (message: M) => Uint8Array, feed = new Feed<Envelope<M>>()) {
    this.#encode = encode;
    this.feed = feed;
  }

  /** How many messages were encoded for streams: one per message, however many subscribers. */
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
    const id = this.log.nextId();
    const hash = createHash("sha256").update(key).update(payload).digest("base64");
    if (this.#hashes.has(hash)) return undefined;
    this.#hashes.add(hash);
    const name = hexKey(key);
    const row: Envelope<M> = { id, message: build(id) };
    this.log.append(name, row);
    const published = this.feed.publish(name, row);
    this.onInsert?.(row.message, () => {
      this.log.removeNewest(name);
      this.#hashes.delete(hash);
      this.feed.retract(row);
    });
    told?.(row);
    return published;
  }

  /** Puts back a row of a snapshot: no feed, no new id. */
  restore(key: Uint8Array, payload: Uint8Array, id: bigint, message: M): void {
    const hash = createHash("sha256").update(key).update(payload).digest("base64");
    const name = hexKey(key);
    this.#hashes.add(hash);
    this.log.append(name, { id, message });
    this.onInsert?.(message, () => {
      this.log.removeNewest(name);
      this.#hashes.delete(hash);
    });
  }

  /** @returns what takes it back */
  clear(): () => void {
    const hashes = this.#hashes;
    const back = this.log.clear();
    this.#hashes = new Set();
    this.feed.clear();
    return () => {
      this.#hashes = hashes;
      back();
    };
  }

  /** The row as a gRPC frame; encoded at first use, then shared by all streams. */
  frameOf(row: Envelope<M>): Buffer {
    if (!row.frame) {
      this.#encodes++;
      row.frame = encodeFrame(this.#encode(row.message));
    }
    return row.frame;
  }
}
