import { createServer } from "node:http2";
import type { Http2Server, ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Intercept } from "./call.js";
import { serveCall } from "./http2-call.js";
import type { Router } from "./service.js";

const LOOPBACK = "127.0.0.1";
/** The real node pings a connection that was idle this long, and gives it 20 s to answer. */
const IDLE_PING_MS = 300_000;
const PING_TIMEOUT_MS = 20_000;

/** How {@link GrpcServer.drop} ends connections: asked to go, or torn down without a word. */
export type DropKind = "goaway" | "reset";

/**
 * A gRPC server over cleartext HTTP/2 on the loopback address.
 *
 * Written on node:http2 because a test network wants what gRPC libraries hide: headers at once, GOAWAY and resets
 * on demand, and one encoded frame for all subscribers.
 */
export class GrpcServer {
  readonly #router: Router;
  readonly #intercept: Intercept;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #server: Http2Server | undefined;
  #connectionErrors = 0;

  constructor(router: Router, intercept: Intercept = () => undefined) {
    this.#router = router;
    this.#intercept = intercept;
  }

  /** TCP connections, also those that never spoke. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Connections that ended by a protocol error or a reset, since the server was made. */
  get connectionErrors(): number {
    return this.#connectionErrors;
  }

  /**
   * @param port 0 = a free one
   * @returns the port
   */
  async listen(port: number): Promise<number> {
    const server = createServer({
      // Node counts buffered data of all streams against this (MB, default 10): one 50 MiB request must fit.
      maxSessionMemory: 1024,
      settings: { initialWindowSize: 1 << 20, maxConcurrentStreams: 10_000 },
    });
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on("session", (session) => this.#take(session));
    server.on("sessionError", () => this.#connectionErrors++);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, LOOPBACK, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The server has no TCP port.");
    return address.port;
  }

  /** Serves a connection that another port has accepted. */
  accept(socket: Socket): void {
    if (this.#server) this.#server.emit("connection", socket);
    else socket.destroy();
  }

  /** Ends all connections; the server goes on and takes new ones. */
  async drop(how: DropKind): Promise<void> {
    if (how === "goaway") {
      for (const session of this.#sessions) session.close();
      return;
    }
    await Promise.all(
      Array.from(
        this.#sockets,
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once("close", () => resolve());
            socket.resetAndDestroy();
          }),
      ),
    );
  }

  /**
   * Stops listening: GOAWAY to every connection, up to `graceMs` for calls under way, then all sockets are destroyed.
   * Resolves when the port is free. Idempotent.
   */
  async close(graceMs: number): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    const silent = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(silent);
  }

  #take(session: ServerHttp2Session): void {
    const peer = `${session.socket.remoteAddress ?? "?"}:${session.socket.remotePort ?? 0}`;
    this.#sessions.add(session);
    session.on("close", () => this.#sessions.delete(session));
    // Counted by "sessionError"; without a listener of its own an error would end the thread.
    session.on("error", () => undefined);
    session.setLocalWindowSize(1 << 22);
    session.setTimeout(IDLE_PING_MS, () => pingOrDestroy(session));
    session.on("stream", (stream, headers) =>
      serveCall(this.#router, this.#intercept, peer, stream, headers),
    );
  }
}

function pingOrDestroy(session: ServerHttp2Session): void {
  if (session.destroyed || session.closed) return;
  const timer = setTimeout(() => session.destroy(), PING_TIMEOUT_MS);
  session.ping(() => clearTimeout(timer));
}
