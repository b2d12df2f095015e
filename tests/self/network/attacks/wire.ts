import { connect } from "node:net";
import type { Socket } from "node:net";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const [HEADERS, RST_STREAM, SETTINGS] = [1, 3, 4];
const [END_STREAM, END_HEADERS] = [1, 4];

function h2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header field that HPACK adds to its table, with a name of the static table. */
function indexed(name: number, value: string): Buffer {
  const text = Buffer.from(value);
  return Buffer.concat([Buffer.from([0x40 | name, text.length]), text]);
}

/** An HTTP/2 connection that writes frames as fast as the socket takes them, and looks at nothing that comes back. */
export class FloodConnection {
  readonly socket: Socket;
  readonly #path: string;
  #stream = 1;
  #heard: Buffer = Buffer.alloc(0);
  /** HEADERS frames that came back where the window is 0: one for each answer that begins or fails. */
  answers = 0;

  /** @param initialWindow what the server may send on each stream, bytes */
  constructor(port: number, path: string, initialWindow = 65_535) {
    this.#path = path;
    this.socket = connect(port, "127.0.0.1");
    // Being cut off is an expected answer.
    this.socket.on("error", () => undefined);
    this.socket.on("data", (chunk) => {
      if (initialWindow === 0) this.#hear(chunk);
    });
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(4, 0);
    settings.writeUInt32BE(initialWindow, 2);
    this.socket.write(Buffer.concat([PREFACE, h2Frame(SETTINGS, 0, 0, settings)]));
  }

  /** The bytes of one more call, which ends with `body`; reset at once where `reset`. */
  call(body: Buffer, reset: boolean): Buffer {
    const id = this.#stream;
    this.#stream += 2;
    // 0x83 POST, 0x86 http; then the path, the host and the content type, which later calls find in the table.
    const fields =
      id === 1
        ? [indexed(4, this.#path), indexed(1, "127.0.0.1"), indexed(31, "application/grpc")]
        : [Buffer.from([0xc0, 0xbf, 0xbe])];
    const block = Buffer.concat([Buffer.from([0x83, 0x86]), ...fields]);
    const frames = [
      h2Frame(HEADERS, END_HEADERS, id, block),
      h2Frame(0, END_STREAM, id, body),
      ...(reset ? [h2Frame(RST_STREAM, 0, id, Buffer.from([0, 0, 0, 8]))] : []),
    ];
    return Buffer.concat(frames);
  }

  #hear(chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk]);
    for (;;) {
      const { length } = this.#heard;
      const size = length < 9 ? Infinity : 9 + this.#heard.readUIntBE(0, 3);
      if (length < size) return;
      if (this.#heard[3] === HEADERS) this.answers++;
      this.#heard = this.#heard.subarray(size);
    }
  }

  /** Writes them, in pieces as the socket takes them; resolves at once when the server has ended the connection. */
  async flood(calls: number, body: Buffer, reset: boolean): Promise<void> {
    const BATCH = 1_000;
    for (let sent = 0; sent < calls && !this.socket.destroyed; sent += BATCH) {
      const bytes = Buffer.concat(
        Array.from({ length: Math.min(BATCH, calls - sent) }, () => this.call(body, reset)),
      );
      await write(this.socket, bytes);
    }
  }
}

/** Resolves when the socket has taken the bytes, or is closed. */
export async function write(socket: Socket, bytes: Buffer): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    socket.once("close", resolve);
    socket.write(bytes, () => {
      socket.off("close", resolve);
      resolve();
    });
  });
}
