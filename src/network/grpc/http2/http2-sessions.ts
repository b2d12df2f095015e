import { constants, createServer } from "node:http2";
import type { Http2Server, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { HeldBytes } from "../../bounds/held-bytes.js";
import { TurnCount } from "../../bounds/turn-count.js";
import type { KnownHosts } from "../../bounds/known-hosts.js";
import type { Serving } from "../call.js";
import { SessionWatch } from "./session-watch.js";
import { serveCall } from "./http2-call.js";
import { enforcePingPolicy } from "./ping-policy.js";
import { peerOf } from "../peer.js";

/** Streams of one connection. No settings tell it, as the real node has no limit; it guards the node's memory. */
const MAX_STREAMS = 10_000;
/**
 * A connection that begins more streams than this in one turn of the event loop is ended: Node reads megabytes of frames
 * in one turn, and nobody else is served meanwhile. A client that waits for answers has as many calls under way at most,
 * on a busy machine too.
 */
const FLOOD_STREAMS = 2_000;

/** How a session is used: streams open now, and when the last one ended. */
interface Use {
  streams: number;
  lastMs: number;
  readonly inTurn: TurnCount;
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
  readonly #serving: Serving;
  readonly #hosts: KnownHosts;
  readonly #held: HeldBytes;

  /** @param onError told about each connection that ended by a protocol error or a reset */
  constructor(serving: Serving, { hosts, held }: Bounds, onError: () => void) {
    this.#serving = serving;
    this.#hosts = hosts;
    this.#held = held;
    this.#server = createServer({
      // Node counts buffered data of all streams against this (MB, default 10): one 50 MiB request must fit.
      maxSessionMemory: 1024,
    });
    this.#server.on("sessionError", onError);
    this.#server.on("session", (session) => this.#take(session));
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

  #take(session: ServerHttp2Session): void {
    const peer = peerOf(session.socket);
    const use: Use = { streams: 0, lastMs: performance.now(), inTurn: new TurnCount(FLOOD_STREAMS) };
    const held = this.#held.connection(() => sendAway(session));
    this.#sessions.set(session, use);
    this.#watch.watch(session);
    session.on("close", () => {
      this.#sessions.delete(session);
      held.close();
    });
    // Counted by "sessionError"; without a listener of its own an error would end the thread.
    session.on("error", () => undefined);
    session.setLocalWindowSize(1 << 22);
    enforcePingPolicy(session);
    // The types do not know of the last argument.
    session.on("stream", (stream, headers, _flags, ...rest: unknown[]) => {
      if (!use.inTurn.admit()) {
        stream.on("error", () => undefined);
        sendAway(session);
        return;
      }
      const call = use.streams >= MAX_STREAMS ? undefined : held.call();
      if (!call) {
        stream.on("error", () => undefined);
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
        return;
      }
      use.streams++;
      stream.once("close", () => {
        use.streams--;
        use.lastMs = performance.now();
        call.close();
      });
      serveCall(this.#serving, this.#hosts, call, peer, stream, headers, rest[0] as readonly string[]);
    });
  }
}

/** What a client may ask of a node. */
export interface Bounds {
  readonly hosts: KnownHosts;
  readonly held: HeldBytes;
}

/** A client that asks for too much: GOAWAY ENHANCE_YOUR_CALM, and the connection is torn down. */
function sendAway(session: ServerHttp2Session): void {
  if (session.destroyed) return;
  session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  session.destroy();
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
