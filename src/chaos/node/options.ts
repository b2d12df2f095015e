/** How long a fault at the node waits for calls. Default: until it is lifted. */
export interface Window {
  /** The number of calls or deliveries, for each party. */
  readonly times?: number;
  /** ms from now. */
  readonly forMs?: number;
}

export interface FailCallsOptions extends Window {
  /** gRPC status code, 1 to 16. Default 14 (UNAVAILABLE). */
  readonly code?: number;
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
  /** gRPC status code they end with; 0 is a plain end. Default 14 (UNAVAILABLE). */
  readonly code?: number;
}

export interface DeliveriesOptions extends Window {
  /** Which streams' deliveries. Default `group`: messages. */
  readonly stream?: "group" | "welcome";
}
