import { connect } from "node:net";
import type { Socket } from "node:net";

/** HTTP/2 frame types, flags and settings that the fuzz needs (RFC 9113). */
const TYPE = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
} as const;
const END_STREAM = 1;
const END_HEADERS = 4;
const ACK = 1;
const MAX_WINDOW = 0x7fffffff;
/** How long the node may leave a batch, or a lump of noise, without an answer. */
const ANSWER_MS = 20_000;
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** One call as it goes over the wire. */
export interface WireCall {
  readonly path: string;
  /** All bytes of the request, gRPC frame header included, or whatever is in its place. */
  readonly bytes: Buffer;
  /** Cancel it at once: for streams, which would stay open. */
  readonly reset: boolean;
}

export function http2Frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.allocUnsafe(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

const blocks = new Map<string, Buffer>();

/** HPACK without Huffman and without the table: what a gRPC client's headers are, the simplest way. */
function headerBlock(path: string): Buffer {
  const known = blocks.get(path);
  if (known) return known;
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const block = Buffer.concat([
    Buffer.from([0x83, 0x86, 0x04]),
    text(path),
    Buffer.from([0x01]),
    text("127.0.0.1"),
    Buffer.from([0x0f, 0x10]),
    text("application/grpc"),
    Buffer.from([0x00]),
    text("te"),
    text("trailers"),
  ]);
  blocks.set(path, block);
  return block;
}

/**
 * A client connection that writes HTTP/2 by hand: many calls in one write, each awaited to its end, at a fraction of
 * what an HTTP/2 library costs.
 */
export class WireClient {
  readonly #socket: Socket;
  #buffered: Buffer = Buffer.alloc(0);
  #nextStream = 1;
  #open = new Set<number>();
  #settled: (() => void) | undefined;
  #windowOpen = false;
  #ended: Error | undefined;
  sentBytes = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("the node closed the connection")));
  }

  /** Resolves once the node's flow-control window is open, so that a whole batch may be written at once. */
  static async open(port: number): Promise<WireClient> {
    const client = new WireClient(await openSocket(port));
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(4, 0);
    settings.writeUInt32BE(MAX_WINDOW, 2);
    const window = Buffer.alloc(4);
    window.writeUInt32BE(MAX_WINDOW - 65_535);
    client.#socket.write(
      Buffer.concat([
        PREFACE,
        http2Frame(TYPE.SETTINGS, 0, 0, settings),
        http2Frame(TYPE.WINDOW_UPDATE, 0, 0, window),
      ]),
    );
    await client.#until(() => client.#windowOpen);
    return client;
  }

  /** Sends all calls at once; resolves when each one that was not cancelled has ended. */
  async exchange(calls: readonly WireCall[]): Promise<void> {
    const parts: Buffer[] = [];
    for (const { path, bytes, reset } of calls) {
      const id = this.#nextStream;
      this.#nextStream += 2;
      parts.push(http2Frame(TYPE.HEADERS, END_HEADERS, id, headerBlock(path)));
      // The default largest frame: longer requests take several.
      let at = 0;
      for (; bytes.length - at > 16_384; at += 16_384) {
        parts.push(http2Frame(TYPE.DATA, 0, id, bytes.subarray(at, at + 16_384)));
      }
      parts.push(http2Frame(TYPE.DATA, END_STREAM, id, bytes.subarray(at)));
      if (reset) parts.push(http2Frame(TYPE.RST_STREAM, 0, id, Buffer.from([0, 0, 0, 8])));
      else this.#open.add(id);
    }
    const all = Buffer.concat(parts);
    this.sentBytes += all.length;
    this.#socket.write(all);
    await this.#until(() => this.#open.size === 0);
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.resetAndDestroy();
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.#ended) throw this.#ended;
      const heard = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), ANSWER_MS);
        this.#settled = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (!heard)
        throw new Error(`No answer within ${ANSWER_MS} ms to streams ${[...this.#open].join(", ")}.`);
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#settled?.();
  }

  #read(chunk: Buffer): void {
    let bytes = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    while (bytes.length >= 9) {
      const length = bytes.readUIntBE(0, 3);
      if (bytes.length < 9 + length) break;
      this.#frame(
        bytes[3] ?? 0,
        bytes[4] ?? 0,
        bytes.readUInt32BE(5) & MAX_WINDOW,
        bytes.subarray(9, 9 + length),
      );
      bytes = bytes.subarray(9 + length);
    }
    this.#buffered = bytes;
    this.#settled?.();
  }

  #frame(type: number, flags: number, streamId: number, payload: Buffer): void {
    const ends = (type === TYPE.DATA || type === TYPE.HEADERS) && (flags & END_STREAM) !== 0;
    if (ends || type === TYPE.RST_STREAM) this.#open.delete(streamId);
    else if (type === TYPE.WINDOW_UPDATE && streamId === 0) this.#windowOpen = true;
    else if (type === TYPE.SETTINGS && (flags & ACK) === 0)
      this.#socket.write(http2Frame(TYPE.SETTINGS, ACK, 0, Buffer.alloc(0)));
    else if (type === TYPE.PING && (flags & ACK) === 0)
      this.#socket.write(http2Frame(TYPE.PING, ACK, 0, payload));
    else if (type === TYPE.GOAWAY) this.#end(new Error(`the node sent GOAWAY ${payload.readUInt32BE(4)}`));
  }
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket;
}

/** Writes bytes that are not good HTTP/2, and leaves once the node has answered, or ended the connection. */
export async function throwBytes(port: number, bytes: Buffer): Promise<void> {
  const socket = await openSocket(port);
  // Being cut off, by a reset too, is the answer that such bytes deserve.
  socket.on("error", () => undefined);
  const answered = new Promise<boolean>((resolve) => {
    socket.once("data", () => resolve(true));
    socket.once("close", () => resolve(true));
    socket.setTimeout(ANSWER_MS, () => resolve(false));
  });
  // Too few bytes to tell a protocol by wait for more: only the end of them is an answer's reason.
  if (bytes.length < 24) socket.end(bytes);
  else socket.write(bytes);
  const came = await answered;
  socket.resetAndDestroy();
  if (!came) throw new Error(`The node did not answer within ${ANSWER_MS} ms: ${bytes.toString("hex")}`);
}

export const preface = PREFACE;
