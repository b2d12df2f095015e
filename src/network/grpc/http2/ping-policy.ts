import { constants } from "node:http2";
import type { ServerHttp2Session } from "node:http2";

/** The real node's enforcement policy: `MinTime` 15 s, also without open streams. */
const MIN_TIME_MS = 15_000;
/** Early pings that grpc-go forgives. */
const MAX_STRIKES = 2;
/** More than the acknowledgement, window and settings frames between two pings; a delivery is longer. */
const IDLE_BYTES = 64;

/**
 * Sends away a client that pings too often, as grpc-go does: GOAWAY ENHANCE_YOUR_CALM "too_many_pings" at the third
 * ping in a row that comes within 15 s of the one before. What the server sends to the client forgives all strikes.
 */
export function enforcePingPolicy(
  session: ServerHttp2Session,
  nowMs: () => number = () => performance.now(),
): void {
  let strikes = 0;
  let last = -Infinity;
  let written = 0;
  session.on("stream", () => {
    // It will be answered, and a short answer may be under those bytes.
    strikes = 0;
    last = -Infinity;
  });
  session.on("ping", () => {
    const now = nowMs();
    const sent = session.socket.bytesWritten;
    if (sent - written > IDLE_BYTES) strikes = 0;
    else if (now - last < MIN_TIME_MS) strikes++;
    written = sent;
    last = now;
    if (strikes <= MAX_STRIKES) return;
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from("too_many_pings"));
    session.close();
  });
}
