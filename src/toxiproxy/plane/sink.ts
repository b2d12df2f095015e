import type { Socket } from "node:net";
import type { Chunk, Receiver, Sender } from "../toxics/stage.js";

/** The end of a direction: writes to the destination's socket, and closes it when the data has ended. */
export class Sink implements Receiver {
  readonly #socket: Socket;
  readonly #onEnd: () => void;
  previous: Sender | undefined;
  bytes = 0;
  #ended = false;

  constructor(socket: Socket, onEnd: () => void) {
    this.#socket = socket;
    this.#onEnd = onEnd;
    socket.on("drain", () => this.previous?.pump());
  }

  isOver(): boolean {
    return this.#ended;
  }

  get full(): boolean {
    return this.#socket.writableNeedDrain;
  }

  push(chunk: Chunk): void {
    this.write(chunk.data);
  }

  /** @returns false when the socket asks to wait */
  write(data: Buffer): boolean {
    if (this.#ended || !this.#socket.writable) return true;
    this.bytes += data.length;
    return this.#socket.write(data);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const socket = this.#socket;
    // Closing waits only for bytes that are already the socket's; the peer sees them, then the end.
    socket.end(() => socket.destroy());
    this.#onEnd();
  }
}
