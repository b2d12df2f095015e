import { gunzipSync, gzipSync } from "node:zlib";
import type { ZlibOptions } from "node:zlib";
import { FRAME_HEADER_BYTES, MAX_MESSAGE_BYTES } from "./frame.js";
import { Code, StatusError } from "./status.js";

/** The only compression of messages that the real node knows. */
export const GZIP = "gzip";
/** Flag of a frame whose message is compressed. */
const COMPRESSED = 1;
/** Ten bytes before any name or comment (RFC 1952). */
const HEADER_BYTES = 10;
const MAGIC = Buffer.from([0x1f, 0x8b, 8]);

/** What zlib says, and Go. */
const TEXTS: Readonly<Record<string, string>> = {
  "unexpected end of file": "unexpected EOF",
  "incorrect data check": "gzip: invalid checksum",
  "incorrect length check": "gzip: invalid checksum",
  "incorrect header check": "gzip: invalid header",
};

/**
 * @throws StatusError as grpc-go: INTERNAL for what is not gzip; RESOURCE_EXHAUSTED for more than 50 MiB, of which no
 *   more is unpacked
 */
export function unzip(bytes: Buffer): Buffer {
  const start = headerError(bytes);
  if (start !== undefined) throw internal(`grpc: failed to decompress the message: ${start}`);
  try {
    // Of @types/node's overloads none knows that `info` changes the result.
    const options: ZlibOptions & { info: true } = { info: true, maxOutputLength: MAX_MESSAGE_BYTES };
    const { buffer, engine } = gunzipSync(bytes, options) as unknown as Unzipped;
    // Zeros after the last member are skipped by zlib, and are not a header to Go.
    const rest = bytes.subarray(engine.bytesWritten);
    const end = rest.length === 0 ? undefined : headerError(rest);
    if (end !== undefined) throw internal(`grpc: failed to read decompressed data: ${end}`);
    return buffer;
  } catch (error) {
    if (error instanceof StatusError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      const text = `grpc: received message after decompression larger than max ${MAX_MESSAGE_BYTES}`;
      throw new StatusError(Code.RESOURCE_EXHAUSTED, text);
    }
    throw internal(`grpc: failed to read decompressed data: ${TEXTS[message] ?? "flate: corrupt input"}`);
  }
}

interface Unzipped {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** The same frame compressed; an empty message stays as it is. */
export function zipFrame(frame: Buffer): Buffer {
  if (frame.length === FRAME_HEADER_BYTES) return frame;
  const zipped = gzipSync(frame.subarray(FRAME_HEADER_BYTES));
  const head = Buffer.alloc(FRAME_HEADER_BYTES);
  head[0] = COMPRESSED;
  head.writeUInt32BE(zipped.length, 1);
  return Buffer.concat([head, zipped]);
}

function headerError(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return "EOF";
  if (bytes.length < HEADER_BYTES) return "unexpected EOF";
  return bytes.subarray(0, MAGIC.length).equals(MAGIC) ? undefined : "gzip: invalid header";
}

function internal(text: string): StatusError {
  return new StatusError(Code.INTERNAL, text);
}
