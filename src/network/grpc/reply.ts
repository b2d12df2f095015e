import { constants } from "node:http2";
import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { HeldByCall } from "../bounds/held-bytes.js";
import type { CallReply } from "./incoming-call.js";
import { Ending } from "./ending.js";
import { OK, noRoom, statusFields } from "./status.js";
import type { StatusError } from "./status.js";

/** What a stream may buffer before its writer has to wait: grpc-go's default write quota. */
export const WRITE_QUOTA_BYTES = 65_536;

/** The real node sends no `date`. An option that Node has and its types do not. */
const NO_DATE = { sendDate: false };

/** The answer to one call over HTTP/2: headers, frames, trailers; or trailers only when it fails at once. */
export class Reply implements CallReply {
  readonly #stream: ServerHttp2Stream;
  readonly #contentType: string;
  readonly #held: HeldByCall;
  readonly #over = new Ending();
  #status: StatusError | undefined;

  /** @param contentType of the answer, for example "application/grpc+proto" */
  constructor(stream: ServerHttp2Stream, contentType: string, held: HeldByCall) {
    this.#stream = stream;
    this.#held = held;
    this.#contentType = contentType;
    stream.on("wantTrailers", () => {
      if (!this.#writable) return;
      stream.sendTrailers(statusFields(this.#status ?? OK));
      this.#hangUp();
    });
    stream.once("close", () => this.#over.tell());
  }

  get ended(): boolean {
    return this.#status !== undefined || this.#gone;
  }

  onDrain(listener: () => void): void {
    this.#stream.on("drain", listener);
  }

  onOver(listener: () => void): void {
    this.#over.on(listener);
  }

  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  /** A half-closed client still takes our trailers; a reset one does not. */
  get #writable(): boolean {
    return !this.#stream.destroyed && this.#stream.rstCode === constants.NGHTTP2_NO_ERROR;
  }

  start(metadata: OutgoingHttpHeaders = {}): void {
    if (this.#gone || this.#stream.headersSent) return;
    this.#stream.respond(
      { ":status": 200, "content-type": this.#contentType, ...metadata },
      { waitForTrailers: true, ...NO_DATE },
    );
  }

  write(frame: Buffer): boolean {
    if (this.ended) return true;
    if (!this.#held.send(frame)) {
      this.finish(noRoom());
      return true;
    }
    this.#stream.write(frame, () => this.#held.sent());
    return this.#stream.writableLength < WRITE_QUOTA_BYTES;
  }

  finishWith(frame: Buffer, metadata: OutgoingHttpHeaders = {}): void {
    if (this.ended) return;
    if (!this.#held.send(frame)) {
      this.finish(noRoom());
      return;
    }
    this.#status = OK;
    this.start(metadata);
    this.#stream.end(frame, () => this.#held.sent());
    this.#over.tell();
  }

  finish(status: StatusError = OK): void {
    if (this.ended) return;
    if (!this.#stream.headersSent) {
      this.reject(200, status);
      return;
    }
    this.#status = status;
    this.#stream.end();
    this.#over.tell();
  }

  /** Ends a call that never started, with an HTTP status of its own; a request body still under way is refused. */
  reject(httpStatus: number, status: StatusError): void {
    this.#status = status;
    this.#over.tell();
    if (this.#gone || this.#stream.headersSent) return;
    this.#stream.respond(
      { ":status": httpStatus, "content-type": this.#contentType, ...statusFields(status) },
      { endStream: true, ...NO_DATE },
    );
    this.#hangUp();
  }

  /**
   * A client that still talks is told that nobody listens, as grpc-go does; else the stream would stay half open. In the
   * next turn, as the reset would overtake the trailers, and on Node 26 headers that end the stream.
   */
  #hangUp(): void {
    const stream = this.#stream;
    if (!stream.readableEnded) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  }
}
