const BLOCK_BYTES = 1 << 20;
/** A record from this size up has a block to itself, so that no more than this of a block stays unused. */
const LARGE_BYTES = BLOCK_BYTES >> 3;

/** Where a record begins; a number, because a million of them are kept. */
export type Position = number;

/**
 * Bytes in large blocks, one record after the other: a million small buffers would take several times what is in them.
 * What was written stays as it is and where it is, so that views of it can be handed out.
 */
export class ByteBlocks {
  readonly #blocks: Buffer[] = [];
  /** The block that is being filled; -1 before the first. */
  #current = -1;
  #used = BLOCK_BYTES;

  /** Room for a record, to be filled at once. */
  take(size: number): { position: Position; bytes: Buffer } {
    if (size >= LARGE_BYTES) {
      this.#blocks.push(Buffer.allocUnsafeSlow(size));
      const position = (this.#blocks.length - 1) * BLOCK_BYTES;
      return { position, bytes: this.from(position) };
    }
    if (this.#used + size > BLOCK_BYTES) {
      this.#current = this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES)) - 1;
      this.#used = 0;
    }
    const position = this.#current * BLOCK_BYTES + this.#used;
    this.#used += size;
    return { position, bytes: this.from(position).subarray(0, size) };
  }

  /** Gives back the record that was taken last. */
  giveBack(position: Position): void {
    const block = Math.floor(position / BLOCK_BYTES);
    if (block === this.#current) this.#used = position % BLOCK_BYTES;
    else if (block === this.#blocks.length - 1) this.#blocks.pop();
  }

  /** The bytes from a position to the end of its block. */
  from(position: Position): Buffer {
    const block = this.#blocks[Math.floor(position / BLOCK_BYTES)];
    if (block === undefined) throw new Error(`Nothing is kept at ${position}.`);
    return block.subarray(position % BLOCK_BYTES);
  }
}
