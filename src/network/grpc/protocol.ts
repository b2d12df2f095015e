import type { Socket } from "node:net";

/** How an HTTP/2 connection starts (RFC 9113, section 3.4); no HTTP/1.1 method starts so. */
const HTTP2 = Buffer.from("PRI");

/**
 * Tells from its first bytes which protocol a new connection speaks, and puts the bytes back.
 *
 * `tell` is called once, at the latest with the third byte; never for a connection that ends first, and one that
 * says nothing for `timeoutMs` is destroyed.
 */
export function tellProtocol(
  socket: Socket,
  timeoutMs: number,
  tell: (protocol: "http/2" | "http/1.1") => void,
): void {
  let seen: Buffer = Buffer.alloc(0);
  // Resets before the first byte are nobody's business; "close" follows.
  const ignore = (): void => undefined;
  const giveUp = setTimeout(() => socket.destroy(), timeoutMs);
  const stop = (): void => clearTimeout(giveUp);
  const take = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    const head = seen.subarray(0, HTTP2.length);
    if (head.length < HTTP2.length && HTTP2.subarray(0, head.length).equals(head)) return;
    stop();
    socket.off("data", take).off("close", stop).off("error", ignore);
    socket.pause();
    socket.unshift(seen);
    tell(head.equals(HTTP2) ? "http/2" : "http/1.1");
  };
  socket.on("data", take).on("close", stop).on("error", ignore);
}
