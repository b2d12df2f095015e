/**
 * Bytes that are not the MLS structure they should be. The text is the one of tls_codec's error, which clients of the
 * real node see: `EndOfStream`, `InvalidVectorLength`, `TrailingData`, `UnknownValue(66)`, `DecodingError("…")`.
 */
export class MlsFormatError extends Error {
  override readonly name = "MlsFormatError";
}

/** An enumeration's value that OpenMLS does not know. */
export function unknownValue(value: number): MlsFormatError {
  return new MlsFormatError(`UnknownValue(${value})`);
}

/** What OpenMLS itself refuses while it decodes. */
export function decodingError(why: string): MlsFormatError {
  return new MlsFormatError(`DecodingError(${JSON.stringify(why)})`);
}

/**
 * Reads the TLS presentation language as MLS uses it (RFC 9420 section 2.1): big-endian integers, and vectors with a
 * length of 1, 2 or 4 bytes in the smallest encoding that fits. It never reads past the end of its bytes.
 */
export class TlsReader {
  readonly #bytes: Buffer;
  #at = 0;
  /** Where the bytes end that may be read now: those of all, or of the list that is being read. */
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = this.#bytes.length;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  /** A view of the bytes between two positions. */
  slice(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  /** An opaque vector: a view, not a copy. */
  vector(): Uint8Array {
    const length = this.#length();
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  /**
   * A vector of structures; `read` is called until the vector's bytes are used up. As in tls_codec from 0.5 on, no
   * structure reaches past the vector's end; a length beyond all bytes is told by the structure that misses them.
   */
  list<T>(read: () => T): T[] {
    const stop = this.#length() + this.#at;
    const outer = this.#end;
    this.#end = Math.min(outer, stop);
    const items: T[] = [];
    while (this.#at < stop) items.push(read());
    this.#end = outer;
    return items;
  }

  /** @throws MlsFormatError when bytes are left over. */
  end(): void {
    if (this.remaining > 0) throw new MlsFormatError("TrailingData");
  }

  #length(): number {
    const first = this.u8();
    const low = first & 0x3f;
    switch (first >> 6) {
      case 0:
        return low;
      case 1:
        return minimal(low * 0x100 + this.u8(), 0x40);
      case 2:
        return minimal(low * 0x1000000 + this.u8() * 0x10000 + this.u16(), 0x4000);
      default:
        // Eight bytes: MLS has no such length, which tls_codec knows once it has read it.
        this.#take(7);
        throw invalidLength();
    }
  }

  #take(length: number): number {
    const from = this.#at;
    if (length > this.remaining) throw new MlsFormatError("EndOfStream");
    this.#at = from + length;
    return from;
  }
}

function minimal(length: number, atLeast: number): number {
  if (length < atLeast) throw invalidLength();
  return length;
}

function invalidLength(): MlsFormatError {
  return new MlsFormatError("InvalidVectorLength");
}
