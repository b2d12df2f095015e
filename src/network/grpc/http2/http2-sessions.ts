import { constants, createServer } from "node:http2";
import type { Http2Server, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Intercept } from "../incoming-call.js";
import { SessionWatch } from "./session-watch.js";
import { serveCall } from "./http2-call.js";
import { enforcePingPolicy } from "./ping-policy.js";
import { peerOf } from "../peer.js";
import type { Router } from "../service.js";

/** Streams of one connection. No settings tell it, as the real node has no limit; it guards the node's memory. */
const MAX_STREAMS = 10_000;

/** How a session is used: streams open now, and when the last one ended. */
interface Use {
  streams: number;
  lastMs: number;
}

/**
 * gRPC over cleartext HTTP/2, on sockets that somebody else accepted.
 *
 * Written on node:http2 because a test network wants what gRPC libraries hide: headers at once, GOAWAY and resets
 * on demand, and one encoded frame for all subscribers.
 */
export class Http2Sessions {
  readonly #server: Http2Server;
  readonly #sessions = new Map<ServerHttp2Session, Use>();
  readonly #watch = new SessionWatch();

  /** @param onError told about each connection that ended by a protocol error or a reset */
  constructor(router: Router, intercept: Intercept, onError: () => void) {
    this.#server = createServer({
      // Node counts buffered data of all streams against this (MB, default 10): one 50 MiB request must fit.
      maxSessionMemory: 1024,
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
    for (const session of this.#sessions.keys()) session.close();
  }

  /**
   * Ends sessions that have had no stream for `idleMs`. A ping first: a call that was on its way keeps its session. One
   * that begins in the very moment after would be lost, hence the idle time: who calls all the time is left alone. (A
   * GOAWAY that refuses nothing does not serve: hyper, the client of the SDKs, then neither closes nor answers pings.)
   *
   * @returns how many have ended
   */
  async releaseIdle(idleMs: number): Promise<number> {
    const before = performance.now() - idleMs;
    const idle = [...this.#sessions].filter(
      ([session, use]) => use.streams === 0 && use.lastMs <= before && !session.closed && !session.destroyed,
    );
    const ended = await Promise.all(idle.map(([session, use]) => endIdle(session, use)));
    return ended.filter(Boolean).length;
  }

  #take(session: ServerHttp2Session, router: Router, intercept: Intercept): void {
    const peer = peerOf(session.socket);
    const use: Use = { streams: 0, lastMs: performance.now() };
    this.#sessions.set(session, use);
    this.#watch.watch(session);
    session.on("close", () => this.#sessions.delete(session));
    // Counted by "sessionError"; without a listener of its own an error would end the thread.
    session.on("error", () => undefined);
    session.setLocalWindowSize(1 << 22);
    enforcePingPolicy(session);
    // The types do not know of the last argument.
    session.on("stream", (stream, headers, _flags, ...rest: unknown[]) => {
      if (use.streams >= MAX_STREAMS) {
        stream.on("error", () => undefined);
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
        return;
      }
      use.streams++;
      stream.once("close", () => {
        use.streams--;
        use.lastMs = performance.now();
      });
      serveCall(router, intercept, peer, stream, headers, rest[0] as readonly string[]);
    });
  }
}

function endIdle(session: ServerHttp2Session, use: Use): Promise<boolean> {
  return new Promise((resolve) => {
    session.once("close", () => resolve(true));
    session.ping((error) => {
      if (error !== null || use.streams > 0) resolve(false);
      else session.close();
    });
  });
}
