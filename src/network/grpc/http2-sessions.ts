import { createServer } from "node:http2";
import type { Http2Server, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Intercept } from "./call.js";
import { serveCall } from "./http2-call.js";
import { enforcePingPolicy } from "./ping-policy.js";
import { peerOf } from "./peer.js";
import type { Router } from "./service.js";

/** The real node pings a connection that was idle this long, and gives it 20 s to answer. */
const IDLE_PING_MS = 300_000;
const PING_TIMEOUT_MS = 20_000;

/**
 * gRPC over cleartext HTTP/2, on sockets that somebody else accepted.
 *
 * Written on node:http2 because a test network wants what gRPC libraries hide: headers at once, GOAWAY and resets
 * on demand, and one encoded frame for all subscribers.
 */
export class Http2Sessions {
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  /** @param onError told about each connection that ended by a protocol error or a reset */
  constructor(router: Router, intercept: Intercept, onError: () => void) {
    this.#server = createServer({
      // Node counts buffered data of all streams against this (MB, default 10): one 50 MiB request must fit.
      maxSessionMemory: 1024,
      settings: { initialWindowSize: 1 << 20, maxConcurrentStreams: 10_000 },
    });
    this.#server.on("sessionError", onError);
    this.#server.on("session", (session) => this.#take(session, router, intercept));
  }

  /** Speaks HTTP/2 on a socket; what was read of it ahead must be back in it. */
  serve(socket: Socket): void {
    this.#server.emit("connection", socket);
  }

  /** GOAWAY to every connection: open calls may finish. */
  leave(): void {
    for (const session of this.#sessions) session.close();
  }

  #take(session: ServerHttp2Session, router: Router, intercept: Intercept): void {
    const peer = peerOf(session.socket);
    this.#sessions.add(session);
    session.on("close", () => this.#sessions.delete(session));
    // Counted by "sessionError"; without a listener of its own an error would end the thread.
    session.on("error", () => undefined);
    session.setLocalWindowSize(1 << 22);
    session.setTimeout(IDLE_PING_MS, () => pingOrDestroy(session));
    enforcePingPolicy(session);
    session.on("stream", (stream, headers) => serveCall(router, intercept, peer, stream, headers));
  }
}

function pingOrDestroy(session: ServerHttp2Session): void {
  if (session.destroyed || session.closed) return;
  const timer = setTimeout(() => session.destroy(), PING_TIMEOUT_MS);
  session.ping(() => clearTimeout(timer));
}
