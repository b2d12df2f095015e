import { constants } from "node:http2";
import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Code, StatusError, encodeStatusMessage } from "./status.js";

const OK = new StatusError(Code.OK, "");
/** What a stream may buffer before its writer has to wait: grpc-go's default write quota. */
const WRITE_QUOTA_BYTES = 65_536;

/**
 * The answer to one call over HTTP/2: headers, frames, trailers; or trailers only when it fails at once.
 *
 * Every method is safe on a stream that is already gone: a client may leave at any moment.
 */
export class Reply {
  readonly #stream: ServerHttp2Stream;
  readonly #overListeners: (() => void)[] = [];
  #status: StatusError | undefined;
  #over = false;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
    stream.on("wantTrailers", () => {
      if (this.#writable) stream.sendTrailers(statusHeaders(this.#status ?? OK));
    });
    stream.once("close", () => this.#tellOver());
  }

  get ended(): boolean {
    return this.#status !== undefined || this.#gone;
  }

  /** Called once when the call is over: ended by us, though the client may still have to read, or left by the client. */
  onOver(listener: () => void): void {
    if (this.#over) listener();
    else this.#overListeners.push(listener);
  }

  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  /** A half-closed client still takes our trailers; a reset one does not. */
  get #writable(): boolean {
    return !this.#stream.destroyed && this.#stream.rstCode === constants.NGHTTP2_NO_ERROR;
  }

  /** Sends the response headers now, not with the first message. */
  start(metadata: OutgoingHttpHeaders = {}): void {
    if (this.#gone || this.#stream.headersSent) return;
    this.#stream.respond(
      { ":status": 200, "content-type": "application/grpc", ...metadata },
      { waitForTrailers: true },
    );
  }

  /** @returns false when the client must read on first */
  write(frame: Buffer): boolean {
    if (this.ended) return true;
    this.#stream.write(frame);
    return this.#stream.writableLength < WRITE_QUOTA_BYTES;
  }

  /** Ends the call with its only message. */
  finishWith(frame: Buffer): void {
    if (this.ended) return;
    this.#status = OK;
    this.start();
    this.#stream.end(frame);
    this.#tellOver();
  }

  /** Ends the call with a status, after whatever was written. */
  finish(status: StatusError = OK): void {
    if (this.ended) return;
    if (!this.#stream.headersSent) {
      this.reject(200, status);
      return;
    }
    this.#status = status;
    this.#stream.end();
    this.#tellOver();
  }

  /** Ends a call that never started, with an HTTP status of its own; a request body still under way is refused. */
  reject(httpStatus: number, status: StatusError): void {
    this.#status = status;
    this.#tellOver();
    if (this.#gone || this.#stream.headersSent) return;
    this.#stream.respond(
      { ":status": httpStatus, "content-type": "application/grpc", ...statusHeaders(status) },
      { endStream: true },
    );
    if (!this.#stream.readableEnded) this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #tellOver(): void {
    if (this.#over) return;
    this.#over = true;
    for (const listener of this.#overListeners) listener();
  }
}

function statusHeaders(status: StatusError): OutgoingHttpHeaders {
  return status.message === ""
    ? { "grpc-status": String(status.code) }
    : { "grpc-status": String(status.code), "grpc-message": encodeStatusMessage(status.message) };
}
