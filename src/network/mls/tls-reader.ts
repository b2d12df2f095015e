/** Bytes that are no MLS structure. The text says which field, and where. */
export class MlsFormatError extends Error {
  override readonly name = "MlsFormatError";
}

/**
 * Reads the TLS presentation language as MLS uses it (RFC 9420 section 2.1): big-endian integers, and vectors with a
 * length of 1, 2 or 4 bytes in the smallest encoding that fits. It never reads past the end of its bytes.
 */
export class TlsReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of the bytes between two positions. */
  slice(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  u8(field: string): number {
    return this.#bytes.readUInt8(this.#take(1, field));
  }

  u16(field: string): number {
    return this.#bytes.readUInt16BE(this.#take(2, field));
  }

  u32(field: string): number {
    return this.#bytes.readUInt32BE(this.#take(4, field));
  }

  u64(field: string): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8, field));
  }

  /** An opaque vector: a view, not a copy. */
  vector(field: string): Uint8Array {
    const length = this.#length(field);
    const from = this.#take(length, field);
    return this.#bytes.subarray(from, from + length);
  }

  /** A vector of structures; `read` is called until the vector is used up. */
  list<T>(field: string, read: (reader: TlsReader) => T): T[] {
    const reader = new TlsReader(this.vector(field));
    const items: T[] = [];
    while (reader.remaining > 0) items.push(read(reader));
    return items;
  }

  /** @throws MlsFormatError when bytes are left over. */
  end(structure: string): void {
    if (this.remaining > 0)
      throw new MlsFormatError(
        `${this.remaining} bytes follow the ${structure}, which ends at byte ${this.#at}`,
      );
  }

  #length(field: string): number {
    const start = this.#at;
    const first = this.u8(`length of ${field}`);
    const low = first & 0x3f;
    switch (first >> 6) {
      case 0:
        return low;
      case 1: {
        const length = low * 0x100 + this.u8(`length of ${field}`);
        return this.#minimal(length, 0x40, field, start);
      }
      case 2: {
        const length =
          low * 0x1000000 + this.u8(`length of ${field}`) * 0x10000 + this.u16(`length of ${field}`);
        return this.#minimal(length, 0x4000, field, start);
      }
      default:
        throw new MlsFormatError(`the length of ${field} at byte ${start} has the reserved prefix 11`);
    }
  }

  #minimal(length: number, atLeast: number, field: string, start: number): number {
    if (length < atLeast)
      throw new MlsFormatError(
        `the length of ${field} at byte ${start} (${length}) is not in its smallest encoding`,
      );
    return length;
  }

  #take(length: number, field: string): number {
    const from = this.#at;
    if (length > this.remaining)
      throw new MlsFormatError(`${field} at byte ${from} needs ${length} bytes, ${this.remaining} are left`);
    this.#at = from + length;
    return from;
  }
}
