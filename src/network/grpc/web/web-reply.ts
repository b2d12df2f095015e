import type { ServerResponse } from "node:http";
import type { HeldByCall } from "../../bounds/held-bytes.js";
import type { CallReply } from "../incoming-call.js";
import { Ending } from "../ending.js";
import { FRAME_HEADER_BYTES } from "../frame.js";
import { WRITE_QUOTA_BYTES } from "../reply.js";
import { OK, noRoom, statusFields } from "../status.js";
import type { StatusError } from "../status.js";
import { RESPONSE_HEADERS } from "./web-headers.js";

/** Flag of the last frame, whose payload is the trailers (grpc-web protocol, "Message framing"). */
const TRAILERS_FLAG = 0x80;

/** The answer to one grpc-web call: always HTTP 200, the gRPC status in the body's last frame. */
export class WebReply implements CallReply {
  readonly #response: ServerResponse;
  readonly #held: HeldByCall;
  readonly #over = new Ending();
  #ended = false;

  constructor(response: ServerResponse, held: HeldByCall) {
    this.#response = response;
    this.#held = held;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The client is gone. Told from outside: a response that waits behind another on its connection is not told itself. */
  leave(): void {
    this.#ended = true;
    this.#over.tell();
  }

  start(metadata: Readonly<Record<string, string>> = {}): void {
    if (this.#ended || this.#response.headersSent) return;
    this.#response.writeHead(200, { ...RESPONSE_HEADERS, ...metadata });
    this.#response.flushHeaders();
  }

  write(frame: Buffer): boolean {
    if (this.#ended) return true;
    if (!this.#held.send(frame)) {
      this.finish(noRoom());
      return true;
    }
    this.#response.write(frame, () => this.#held.sent());
    return this.#response.writableLength < WRITE_QUOTA_BYTES;
  }

  finishWith(frame: Buffer, metadata: Readonly<Record<string, string>> = {}): void {
    if (this.#ended) return;
    const whole = Buffer.concat([frame, trailersFrame(OK)]);
    if (this.#held.send(whole)) this.#end(whole, metadata);
    else this.finish(noRoom());
  }

  finish(status: StatusError = OK): void {
    this.#end(trailersFrame(status));
  }

  onDrain(listener: () => void): void {
    this.#response.on("drain", listener);
  }

  onOver(listener: () => void): void {
    this.#over.on(listener);
  }

  #end(rest: Buffer, metadata: Readonly<Record<string, string>> = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#response.headersSent) this.#response.writeHead(200, { ...RESPONSE_HEADERS, ...metadata });
    this.#response.end(rest);
    this.#over.tell();
  }
}

function trailersFrame(status: StatusError): Buffer {
  const lines = Object.entries(statusFields(status)).map(([name, value]) => `${name}:${value}\r\n`);
  const payload = Buffer.from(lines.join(""), "latin1");
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  frame[0] = TRAILERS_FLAG;
  frame.writeUInt32BE(payload.length, 1);
  payload.copy(frame, FRAME_HEADER_BYTES);
  return frame;
}
