import type { Socket } from "node:net";

/**
 * Which connection this is, by both of its ends: `address:port>port`. The other end alone does not tell, as Linux lends
 * one port to connections that go to different ports, and clients have a port each at the node.
 */
export function peerOf(socket: Pick<Socket, "remoteAddress" | "remotePort" | "localPort">): string {
  return `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}>${socket.localPort ?? 0}`;
}

/** `address:port` of whoever is at the other end of a connection. */
export function addressOf(peer: string): string {
  return peer.replace(/>\d+$/, "");
}
