import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import type { Socket } from "node:net";
import { FrameReader, ballast, preface, settings, settingsAck } from "./frames.js";

/** Where a worker's proxy listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** How an exchange ended: all answered, nothing more until the deadline, or the connection gone. */
export interface Exchange {
  readonly how: "answered" | "silent" | "closed";
  readonly ms: number;
  /** For `closed`: ECONNRESET, ECONNREFUSED, … or "end". */
  readonly code: string;
}

/** How much an exchange moves, beyond the one frame each way that it needs. */
export interface Volume {
  /** Ignorable bytes sent ahead. Default 0. */
  readonly upBytes?: number;
  /** How many frames the server shall answer; 9 bytes each, up to 500. Default 1. */
  readonly answers?: number;
}

/**
 * One connection through a worker's own proxy to the node, beside the worker's: the same toxics act on it.
 * It speaks just enough HTTP/2 to be answered.
 */
export class ProbeConnection {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #wanted = 0;
  #closed: string | undefined;
  #wake: () => void = () => undefined;
  /** Bytes received so far. */
  received = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (data) => this.#take(data));
    // An error is a finding, not a failure: "close" follows, and the exchange under way reports it.
    socket.on("error", (error: NodeJS.ErrnoException) => (this.#closed ??= error.code ?? error.message));
    socket.on("end", () => (this.#closed ??= "end"));
    socket.on("close", () => {
      this.#closed ??= "end";
      this.#wake();
    });
    socket.write(preface);
  }

  /** Connects. @returns undefined and the error's code when refused or not there within `timeoutMs` */
  static open(place: Place, timeoutMs: number): Promise<ProbeConnection | string> {
    return new Promise((resolve) => {
      const socket = connect({ host: place.host, port: place.port, timeout: timeoutMs });
      const give = (code: string): void => {
        socket.destroy();
        resolve(code);
      };
      const onError = (error: NodeJS.ErrnoException): void => give(error.code ?? error.message);
      socket.once("error", onError);
      socket.once("timeout", () => give("ETIMEDOUT"));
      socket.once("connect", () => {
        socket.removeAllListeners("timeout").setTimeout(0).off("error", onError);
        resolve(new ProbeConnection(socket));
      });
    });
  }

  /** Sends, and waits until all is answered, the connection closes, or `timeoutMs` have passed. */
  async exchange(volume: Volume, timeoutMs: number): Promise<Exchange> {
    const { upBytes = 0, answers = 1 } = volume;
    this.#wanted += answers;
    if (this.#closed === undefined) this.#socket.write(Buffer.concat([ballast(upBytes), settings(answers)]));
    return await this.answered(timeoutMs);
  }

  /** Waits for what has been asked and not been answered. */
  async answered(timeoutMs: number): Promise<Exchange> {
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#reader.acks >= this.#wanted || this.#closed !== undefined) resolve();
      };
      this.#wake = look;
      timer = afterReading(timeoutMs, resolve);
      look();
    });
    clearTimeout(timer);
    const ms = performance.now() - start;
    if (this.#reader.acks >= this.#wanted) return { how: "answered", ms, code: "" };
    return this.#closed === undefined
      ? { how: "silent", ms, code: "" }
      : { how: "closed", ms, code: this.#closed };
  }

  /** Waits until the other side has closed. */
  async closed(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = () => {
        if (this.#closed !== undefined) resolve();
      };
      timer = afterReading(timeoutMs, resolve);
      this.#wake();
    });
    clearTimeout(timer);
    return this.#closed !== undefined;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.received += data.length;
    const toAcknowledge = this.#reader.take(data);
    for (let count = 0; count < toAcknowledge; count++) this.#socket.write(settingsAck);
    this.#wake();
  }
}

/**
 * Calls back once that many ms have passed and what has arrived by then is read: after a stall of the event loop, timers
 * run before sockets are looked at.
 */
function afterReading(ms: number, then: () => void): NodeJS.Timeout {
  return setTimeout(() => setImmediate(then), ms);
}

/** One exchange on a connection of its own. */
export async function probe(place: Place, volume: Volume, timeoutMs: number): Promise<Exchange> {
  const start = performance.now();
  const opened = await ProbeConnection.open(place, timeoutMs);
  if (typeof opened === "string") return { how: "closed", ms: performance.now() - start, code: opened };
  try {
    return await opened.exchange(volume, timeoutMs);
  } finally {
    opened.destroy();
  }
}
