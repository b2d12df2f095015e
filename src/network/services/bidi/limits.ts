/** What one bidirectional stream may cost the node. */
export interface BidiLimits {
  /** Idle time before a Ping, and how long its Pong or a blocked write may then take, ms. */
  readonly keepaliveMs: number;
  readonly addsPerMutate: number;
  /** Topics that one stream follows live. */
  readonly topics: number;
  /** Waves under way at one time. */
  readonly waves: number;
  /** Live messages that wait for a client that does not read. */
  readonly liveBacklog: number;
  /** Bytes of live messages that wait for their topics' waves. */
  readonly pendingBytes: number;
  /** Messages of a wave are packed up to this size, yet none is split. */
  readonly frameBytes: number;
  /** Requests that are still heard while the client does not read. */
  readonly requestBacklog: number;
}

/**
 * The numbers of xmtp-node-go (`pkg/mls/api/v1/subscribe.go`, July 2026); `topics` and `waves`, which it does not
 * limit, are those of xmtpd's twin of this RPC.
 */
export const BIDI_LIMITS: BidiLimits = {
  keepaliveMs: 30_000,
  addsPerMutate: 100_000,
  topics: 1_000_000,
  waves: 256,
  liveBacklog: 4096,
  pendingBytes: 64 << 20,
  frameBytes: 2 << 20,
  requestBacklog: 16,
};
