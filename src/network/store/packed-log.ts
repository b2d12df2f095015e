import { ByteBlocks } from "./byte-blocks.js";
import { firstAbove } from "./first-above.js";
import type { Position } from "./byte-blocks.js";
import type { PagedLog, Row } from "./keyed-log.js";
import { FRAME_HEADER_BYTES } from "../grpc/frame.js";

/** A record is the row's id as a double, then its frame. */
const ID_BYTES = 8;

/** A row and its gRPC frame, which holds all that is known of it. */
export interface PackedRow extends Row {
  readonly frame: Buffer;
}

/**
 * A table like {@link KeyedLog}, for many rows: they are kept as the frames that streams are sent, and made anew when
 * somebody reads them. Beside its frame a row takes 16 bytes.
 */
export class PackedLog implements PagedLog<PackedRow> {
  #rows = new Map<string, Position[]>();
  #blocks = new ByteBlocks();
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

  /** @param id from {@link nextId}, or above all ids (a restore) */
  append(key: string, id: bigint, message: Uint8Array): { row: PackedRow; position: Position } {
    const size = ID_BYTES + FRAME_HEADER_BYTES + message.length;
    const { position, bytes } = this.#blocks.take(size);
    bytes.writeDoubleLE(Number(id), 0);
    bytes.writeUInt8(0, ID_BYTES);
    bytes.writeUInt32BE(message.length, ID_BYTES + 1);
    bytes.set(message, ID_BYTES + FRAME_HEADER_BYTES);
    const rows = this.#rows.get(key);
    if (rows) rows.push(position);
    else this.#rows.set(key, [position]);
    if (id > this.#lastId) this.#lastId = id;
    this.#size++;
    return { row: { id, frame: bytes.subarray(ID_BYTES) }, position };
  }

  /** Takes the newest row of a key out again, which is the newest of all; its id stays burnt. */
  removeNewest(key: string): void {
    const rows = this.#rows.get(key);
    const position = rows?.pop();
    if (rows === undefined || position === undefined) return;
    if (rows.length === 0) this.#rows.delete(key);
    this.#blocks.giveBack(position);
    this.#size--;
  }

  at(position: Position): PackedRow {
    const bytes = this.#blocks.from(position);
    const end = ID_BYTES + FRAME_HEADER_BYTES + bytes.readUInt32BE(ID_BYTES + 1);
    return { id: BigInt(bytes.readDoubleLE(0)), frame: bytes.subarray(ID_BYTES, end) };
  }

  newest(key: string): PackedRow | undefined {
    const position = this.#rows.get(key)?.at(-1);
    return position === undefined ? undefined : this.at(position);
  }

  after(key: string, cursor: bigint, limit: number): PackedRow[] {
    const rows = this.#rows.get(key) ?? [];
    const start = this.#startAfter(rows, cursor);
    return rows.slice(start, start + limit).map((position) => this.at(position));
  }

  before(key: string, cursor: bigint, limit: number): PackedRow[] {
    const rows = this.#rows.get(key) ?? [];
    const end = cursor === 0n ? rows.length : this.#startAfter(rows, cursor - 1n);
    return rows
      .slice(Math.max(0, end - limit), end)
      .reverse()
      .map((position) => this.at(position));
  }

  *above(key: string, cursor: bigint): Generator<PackedRow> {
    const rows = this.#rows.get(key);
    if (rows === undefined) return;
    for (let at = this.#startAfter(rows, cursor); at < rows.length; at++) yield this.at(rows[at] as Position);
  }

  /** The rows of a key, newest first. */
  *downwards(key: string): Generator<PackedRow> {
    const rows = this.#rows.get(key) ?? [];
    for (let at = rows.length - 1; at >= 0; at--) yield this.at(rows[at] as Position);
  }

  /** Every row, in no order between keys. */
  *entries(): Generator<PackedRow> {
    for (const rows of this.#rows.values()) for (const position of rows) yield this.at(position);
  }

  /** @returns what takes it back */
  clear(): () => void {
    const [rows, blocks, lastId, size] = [this.#rows, this.#blocks, this.#lastId, this.#size];
    this.#rows = new Map();
    this.#blocks = new ByteBlocks();
    this.#lastId = 0n;
    this.#size = 0;
    return () => {
      this.#rows = rows;
      this.#blocks = blocks;
      this.#lastId = lastId;
      this.#size = size;
    };
  }

  /** Continues the sequence where it stood (a restore). */
  resumeAt(lastId: bigint): void {
    if (lastId > this.#lastId) this.#lastId = lastId;
  }

  #startAfter(rows: readonly Position[], id: bigint): number {
    return firstAbove(rows.length, (at) => this.at(rows[at] as Position).id, id);
  }
}
