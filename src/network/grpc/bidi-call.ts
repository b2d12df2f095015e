import type { Readable } from "node:stream";
import type { IncomingCall } from "./incoming-call.js";
import type { Encoding } from "./encoding.js";
import type { HeldByCall } from "../bounds/held-bytes.js";
import { FrameReader } from "./frame.js";
import type { BidiStream, Method } from "./service.js";
import { Code, StatusError, noRoom, toStatus } from "./status.js";

/**
 * Serves one bidirectional call: headers at once, before the client has said anything, then each request message as
 * it is complete. Never throws: whatever is wrong with the requests becomes a status.
 */
export function serveBidi(
  method: Method & { kind: "bidi" },
  { peer, metadata, body, reply, held }: IncomingCall,
  { headers, pack, unpack }: Encoding,
): void {
  reply.start({ subscribed: "true", ...headers });
  const requests = new Requests(body, held, unpack, (status) => reply.finish(status));
  // Over, but the client may go on talking: read it away, or its connection would stall.
  reply.onOver(() => requests.discard());
  const stream: BidiStream = {
    peer,
    metadata,
    write: (frame) => reply.write(pack(frame)),
    onDrain: (listener) => reply.onDrain(listener),
    onClose: (listener) => reply.onOver(listener),
    onMessage: (listener) => (requests.onMessage = listener),
    onHalfClose: (listener) => (requests.onHalfClose = listener),
    pause: () => requests.pause(),
    resume: () => requests.resume(),
    end: (status) => reply.finish(status),
    get closed() {
      return reply.ended;
    },
  };
  void (async () => {
    try {
      await method.run(stream);
    } catch (error) {
      reply.finish(toStatus(error));
    }
  })();
}

/** The client's side of a call: its messages one by one, then its half-close, held back while paused. */
class Requests {
  onMessage: (message: Buffer) => void = () => undefined;
  onHalfClose: () => void = () => undefined;
  readonly #body: Readable;
  readonly #fail: (status: StatusError) => void;
  readonly #reader: FrameReader;
  readonly #held: HeldByCall;
  #waiting: Buffer[] = [];
  #next = 0;
  /** Bytes that are held for requests not handed on yet. */
  #bytes = 0;
  #paused = false;
  #handing = false;
  #over = false;
  #halfClosed = false;

  constructor(
    body: Readable,
    held: HeldByCall,
    unpack: Encoding["unpack"],
    fail: (status: StatusError) => void,
  ) {
    this.#body = body;
    this.#held = held;
    this.#reader = new FrameReader({ unpack });
    this.#fail = fail;
    body.on("data", (chunk: Buffer) => this.#take(chunk));
    body.on("end", () => {
      this.#halfClosed = true;
      this.#handOn();
    });
  }

  pause(): void {
    this.#paused = true;
    this.#body.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#body.resume();
    this.#handOn();
  }

  discard(): void {
    this.#over = true;
    this.#waiting = [];
    this.#body.resume();
  }

  #take(chunk: Buffer): void {
    if (this.#over) return;
    if (!this.#held.take(chunk.length)) {
      this.#fail(noRoom());
      return;
    }
    this.#bytes += chunk.length;
    try {
      for (const message of this.#reader.push(chunk)) this.#waiting.push(message);
    } catch (error) {
      this.#fail(toStatus(error));
      return;
    }
    this.#handOn();
  }

  /** A listener may pause and resume while it is called: the loop is entered once. */
  #handOn(): void {
    if (this.#handing) return;
    this.#handing = true;
    try {
      while (!this.#paused && !this.#over && this.#next < this.#waiting.length) {
        this.onMessage(this.#waiting[this.#next++] as Buffer);
      }
      if (this.#paused || this.#over) return;
      this.#waiting = [];
      this.#next = 0;
      this.#held.free(this.#bytes - this.#reader.pending);
      this.#bytes = this.#reader.pending;
      if (this.#halfClosed) this.#end();
    } catch (error) {
      this.#fail(toStatus(error));
    } finally {
      this.#handing = false;
    }
  }

  #end(): void {
    this.#over = true;
    if (this.#reader.pending > 0) this.#fail(new StatusError(Code.INTERNAL, "unexpected EOF"));
    else this.onHalfClose();
  }
}
