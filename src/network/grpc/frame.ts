import { Code, StatusError } from "./status.js";

/** Flag byte and 4-byte big-endian length in front of every gRPC message. */
export const FRAME_HEADER_BYTES = 5;
/** The real node's `--api.max-msg-size`: 50 MiB. */
export const MAX_MESSAGE_BYTES = 52_428_800;

/** `message` with its frame header, in one buffer: the same bytes serve HTTP/2 gRPC and grpc-web. */
export function encodeFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_HEADER_BYTES);
  return frame;
}

/**
 * Cuts a byte stream into gRPC messages.
 *
 * @throws StatusError from {@link FrameReader.push}: RESOURCE_EXHAUSTED for a message over `maxBytes`, told by its
 *   header alone so that the body is never buffered; INTERNAL for a compressed message (no client compresses)
 */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #buffered = 0;

  constructor(maxBytes: number = MAX_MESSAGE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of an unfinished message. */
  get pending(): number {
    return this.#buffered;
  }

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const messages: Buffer[] = [];
    for (
      let size = this.#frameSize();
      size !== undefined && this.#buffered >= size;
      size = this.#frameSize()
    ) {
      messages.push(this.#take(size).subarray(FRAME_HEADER_BYTES));
    }
    return messages;
  }

  /** Size of the first frame in the buffer, header included; undefined until its header is complete. */
  #frameSize(): number | undefined {
    if (this.#buffered < FRAME_HEADER_BYTES) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < FRAME_HEADER_BYTES) this.#join();
    const head = this.#chunks[0] as Buffer;
    if (head[0] !== 0) {
      throw new StatusError(
        Code.INTERNAL,
        head[0] === 1
          ? "grpc: compressed flag set with identity or empty encoding"
          : `grpc: received unexpected payload format ${head[0]}`,
      );
    }
    const length = head.readUInt32BE(1);
    if (length > this.#maxBytes) {
      throw new StatusError(
        Code.RESOURCE_EXHAUSTED,
        `grpc: received message larger than max (${length} vs. ${this.#maxBytes})`,
      );
    }
    return FRAME_HEADER_BYTES + length;
  }

  #take(size: number): Buffer {
    if ((this.#chunks[0]?.length ?? 0) < size) this.#join();
    const head = this.#chunks[0] as Buffer;
    if (head.length === size) this.#chunks.shift();
    else this.#chunks[0] = head.subarray(size);
    this.#buffered -= size;
    return head.subarray(0, size);
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks, this.#buffered)];
  }
}
