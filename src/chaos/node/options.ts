import type { StatusCode } from "../../network/index.js";

/** How long a fault at the node waits for calls. Default: until it is lifted. */
export interface Window {
  /** The number of calls or deliveries, for each party. */
  readonly times?: number;
  /** ms from now. */
  readonly forMs?: number;
}

export interface FailCallsOptions extends Window {
  /** gRPC status, 1 to 16 or its name. Default `"UNAVAILABLE"` (14). */
  readonly code?: StatusCode;
  /** Status text. Default "injected fault". */
  readonly message?: string;
}

export interface DelayCallsOptions extends Window {
  /** How long each call waits, ms. */
  readonly ms: number;
}

export interface StreamsOptions {
  /** Which streams. Default: all of the party's. */
  readonly stream?: "group" | "welcome";
}

export interface DropStreamsOptions extends StreamsOptions {
  /** gRPC status they end with, 0 to 16 or its name; `"OK"` (0) is a plain end. Default `"UNAVAILABLE"` (14). */
  readonly code?: StatusCode;
}

export interface DeliveriesOptions extends Window {
  /** Which streams' deliveries. Default `group`: messages. */
  readonly stream?: "group" | "welcome";
}
