import type { Readable } from "node:stream";
import type { CallInfo } from "./service.js";
import type { HeldByCall } from "../bounds/held-bytes.js";
import type { StatusError } from "./status.js";

/** What the server's owner does to a call. */
export interface Interception {
  /** A reply made up in place of the real one. */
  readonly status?: StatusError;
  /** Whether the method still runs first: its effect is kept, only its reply is lost. */
  readonly afterStore: boolean;
  /** Lets the call wait before anything else happens. @returns what gives the wait up, without `go` being called */
  readonly hold?: (go: () => void) => () => void;
}

/** Told about each call of a known method before it runs; may delay it and replace its reply. */
export type Intercept = (path: string, call: CallInfo) => Interception | undefined;

/**
 * The answer to one call, whatever carries it. Every method is safe on a call that is already over:
 * a client may leave at any moment.
 */
export interface CallReply {
  /** Ended by us, or left by the client. */
  readonly ended: boolean;
  /** Sends the response headers now, not with the first message. */
  start(metadata?: Readonly<Record<string, string>>): void;
  /** @returns false when the client must read on first */
  write(frame: Buffer): boolean;
  /** Ends the call with its only message, and with these headers unless they were sent. */
  finishWith(frame: Buffer, metadata?: Readonly<Record<string, string>>): void;
  /** Ends the call with a status (default OK), after whatever was written. */
  finish(status?: StatusError): void;
  /** Called when a client that was slow has read on. */
  onDrain(listener: () => void): void;
  /** Called once when the call is over: ended by us, though the client may still have to read, or left by the client. */
  onOver(listener: () => void): void;
}

/** One call as its transport hands it over: the request's frames come on `body`. */
export interface IncomingCall extends CallInfo {
  readonly path: string;
  /** `grpc-timeout` in ms. */
  readonly timeoutMs: number | undefined;
  /** Whether the request ended with its headers, without even an empty body. */
  readonly headersOnly: boolean;
  readonly body: Readable;
  /** What the call makes the node hold; its transport closes it. */
  readonly held: HeldByCall;
  readonly reply: CallReply;
}
