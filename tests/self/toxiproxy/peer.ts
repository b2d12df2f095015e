import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import type { Socket } from "node:net";

/** How a connection looked over to one end: a FIN, or an error such as ECONNRESET. */
export type End = "FIN" | (string & {});

/** One end of a TCP connection in a check: collects what comes, and remembers when and how it ended. */
export class Peer {
  readonly socket: Socket;
  readonly #parts: Buffer[] = [];
  readonly #arrivals: { at: number; size: number }[] = [];
  #size = 0;
  #waiting: (() => void)[] = [];
  #end: End | undefined;
  endedAt = 0;

  constructor(socket: Socket, paused = false) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", (error: NodeJS.ErrnoException) => this.#finish(error.code ?? error.message));
    socket.on("end", () => this.#finish("FIN"));
    socket.on("close", () => this.#finish("closed"));
    if (!paused) this.read();
  }

  /** Connects to `port` and resolves when the connection stands. */
  static connect(port: number, host = "127.0.0.1"): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, allowHalfOpen: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new Peer(socket));
      });
    });
  }

  /** Starts reading; a peer that was made paused reads nothing before. */
  read(): void {
    this.socket.on("data", (part: Buffer) => {
      this.#parts.push(part);
      this.#size += part.length;
      this.#arrivals.push({ at: performance.now(), size: part.length });
      this.#wake();
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.#parts);
  }

  get size(): number {
    return this.#size;
  }

  get arrivals(): readonly { at: number; size: number }[] {
    return this.#arrivals;
  }

  get end(): End | undefined {
    return this.#end;
  }

  write(data: string | Buffer): void {
    this.socket.write(data);
  }

  /** Resolves once `size` bytes in total have come. */
  async got(size: number, ms = 5000): Promise<Buffer> {
    await this.#until(
      () => this.#size >= size,
      ms,
      () => `${size} bytes (got ${this.#size}, end ${this.#end})`,
    );
    return this.received;
  }

  /** Resolves with how the connection ended for this end. */
  async ended(ms = 5000): Promise<End> {
    await this.#until(
      () => this.#end !== undefined,
      ms,
      () => `the end (got ${this.#size} bytes)`,
    );
    return this.#end ?? "";
  }

  destroy(): void {
    this.socket.destroy();
  }

  #finish(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.endedAt = performance.now();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #until(condition: () => boolean, ms: number, what: () => string): Promise<void> {
    const deadline = performance.now() + ms;
    while (!condition()) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`not within ${ms} ms: ${what()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}
