import type { StatusError } from "./status.js";

/** Who calls, as far as the transport can tell. */
export interface CallInfo {
  /** The connection, by both of its ends: `address:port>port`. */
  readonly peer: string;
  /** Request metadata, lower-case names; a repeated name keeps its first value. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A stream of messages to a client. */
interface Outgoing extends CallInfo {
  /** Sends a framed message (see `encodeFrame`); false = the client reads slowly, wait for {@link onDrain}. */
  write(frame: Buffer): boolean;
  /** Called when a client that was slow has read on. */
  onDrain(listener: () => void): void;
  /** Called once, when the stream is over for any reason: client gone, cancelled, ended by us. At once if it is. */
  onClose(listener: () => void): void;
  /** Ends the stream; without a status it ends OK. Later calls change nothing. */
  end(status?: StatusError): void;
  readonly closed: boolean;
}

/** A server stream as its handler sees it. */
export interface OutStream extends Outgoing {
  /** Sends the response headers, once the request is understood: SDKs wait for them before they call a stream open. */
  start(): void;
  /** Called when the call's time is over, in place of ending it DEADLINE_EXCEEDED. */
  onDeadline(listener: () => void): void;
}

/**
 * A bidirectional stream as its handler sees it. The listeners are to be set before the handler returns;
 * requests that come later wait for nobody.
 */
export interface BidiStream<M = Buffer> extends Outgoing {
  /** Called for each request message. What it throws ends the stream with that status. */
  onMessage(listener: (message: M) => void): void;
  /** Called once when the client has said its last word; it still reads. */
  onHalfClose(listener: () => void): void;
  /** Reads no further requests until {@link resume}: flow control then holds the client back. */
  pause(): void;
  resume(): void;
}

/** One RPC without its types: bytes in, bytes (or a stream) out. */
export type Method =
  /** Declared by its service, but nobody serves it: UNIMPLEMENTED, once `check` has not thrown at the request. */
  | { readonly kind: "absent"; readonly check?: (request: Buffer) => void }
  | {
      readonly kind: "unary";
      readonly run: (request: Buffer, call: CallInfo) => Uint8Array | Promise<Uint8Array>;
    }
  | { readonly kind: "stream"; readonly run: (request: Buffer, stream: OutStream) => void | Promise<void> }
  | { readonly kind: "bidi"; readonly run: (stream: BidiStream) => void | Promise<void> };

/** All RPCs of a server by path, for example "/xmtp.mls.api.v1.MlsApi/SendGroupMessages". */
export type Router = ReadonlyMap<string, Method>;
