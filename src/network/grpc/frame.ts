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

/** Unpacks a message whose frame says that it is compressed. */
export type Unpack = (message: Buffer) => Buffer;

/**
 * Cuts a byte stream into gRPC messages.
 *
 * @throws StatusError from {@link FrameReader.push}: RESOURCE_EXHAUSTED for a message over `maxBytes`, told by its
 *   header alone so that the body is never buffered; INTERNAL for a flag that is unknown, or that says "compressed" in
 *   a call without compression, told once the message is complete, as grpc-go does
 */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #unpack: Unpack | undefined;
  #chunks: Buffer[] = [];
  #buffered = 0;

  constructor({
    maxBytes = MAX_MESSAGE_BYTES,
    unpack,
  }: { maxBytes?: number; unpack?: Unpack | undefined } = {}) {
    this.#maxBytes = maxBytes;
    this.#unpack = unpack;
  }

  /** Bytes of an unfinished message. */
  get pending(): number {
    return this.#buffered;
  }

  /** Takes bytes. @returns the messages that are now complete, at most `limit` */
  push(chunk: Buffer, limit = Infinity): Buffer[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const messages: Buffer[] = [];
    while (messages.length < limit) {
      const size = this.#frameSize();
      if (size === undefined || this.#buffered < size) break;
      messages.push(this.#message(this.#take(size)));
    }
    return messages;
  }

  /** Size of the first frame in the buffer, header included; undefined until its header is complete. */
  #frameSize(): number | undefined {
    if (this.#buffered < FRAME_HEADER_BYTES) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < FRAME_HEADER_BYTES) this.#join();
    const head = this.#chunks[0] as Buffer;
    const length = head.readUInt32BE(1);
    if (length > this.#maxBytes) {
      throw new StatusError(
        Code.RESOURCE_EXHAUSTED,
        `grpc: received message larger than max (${length} vs. ${this.#maxBytes})`,
      );
    }
    return FRAME_HEADER_BYTES + length;
  }

  #message(frame: Buffer): Buffer {
    const flag = frame[0];
    const message = frame.subarray(FRAME_HEADER_BYTES);
    if (flag === 0) return message;
    if (flag !== 1) {
      throw new StatusError(Code.INTERNAL, `grpc: received unexpected payload format ${flag}`);
    }
    if (this.#unpack) return this.#unpack(message);
    throw new StatusError(Code.INTERNAL, "grpc: compressed flag set with identity or empty encoding");
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
