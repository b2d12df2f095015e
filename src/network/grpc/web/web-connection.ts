import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { HeldByCall, HeldByConnection, HeldBytes } from "../../bounds/held-bytes.js";
import type { WebReply } from "./web-reply.js";

export interface WebLimits {
  /** How long a connection may be without a call, a half-sent one included, in ms. Default 60,000. */
  readonly idleMs: number;
  /** How long a client may take to send a request's body, or to read the end of an answer, in ms. Default 300,000. */
  readonly transferMs: number;
}

/** Node's `headersTimeout` and `requestTimeout`. */
const DEFAULTS: WebLimits = { idleMs: 60_000, transferMs: 300_000 };

/** One HTTP/1.1 connection: the calls under way on it, and its deadlines. */
export class WebConnection {
  readonly #socket: Socket;
  readonly #limits: WebLimits;
  readonly #calls = new Set<WebReply>();
  readonly #held: HeldByConnection;
  #idle: NodeJS.Timeout;
  #leaving = false;

  constructor(socket: Socket, held: HeldBytes, limits: Partial<WebLimits>) {
    this.#socket = socket;
    this.#held = held.connection(() => socket.destroy());
    this.#limits = { ...DEFAULTS, ...limits };
    this.#idle = this.#expire(this.#limits.idleMs);
    socket.once("close", () => {
      clearTimeout(this.#idle);
      for (const call of this.#calls) call.leave();
      this.#held.close();
    });
  }

  get calls(): number {
    return this.#calls.size;
  }

  /** @returns what a new call holds; undefined when there is no room for one */
  hold(): HeldByCall | undefined {
    return this.#held.call();
  }

  /** A call has begun: its headers are here. */
  begin(request: IncomingMessage, response: ServerResponse, reply: WebReply): void {
    clearTimeout(this.#idle);
    this.#calls.add(reply);
    const sending = this.#expire(this.#limits.transferMs);
    request.once("close", () => clearTimeout(sending));
    let reading: NodeJS.Timeout | undefined;
    reply.onOver(() => {
      if (!this.#socket.destroyed) reading = this.#expire(this.#limits.transferMs);
    });
    response.once("close", () => {
      clearTimeout(sending);
      reply.leave();
      clearTimeout(reading);
      this.#calls.delete(reply);
      if (this.#calls.size > 0) return;
      if (this.#leaving) this.#socket.destroySoon();
      else if (!this.#socket.destroyed) this.#idle = this.#expire(this.#limits.idleMs);
    });
  }

  /** Ends the connection: now if no call is under way, else after the last one. */
  leave(): void {
    this.#leaving = true;
    if (this.#calls.size === 0) this.#socket.destroySoon();
  }

  #expire(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#socket.destroy(), ms).unref();
  }
}
