import type { Socket } from "node:net";

/** `address:port` of whoever is at the other end. */
export function peerOf(socket: Pick<Socket, "remoteAddress" | "remotePort">): string {
  return `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
}
