import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { FairTurns } from "../bounds/fair-turns.js";
import { HeldBytes } from "../bounds/held-bytes.js";
import { KnownHosts } from "../bounds/known-hosts.js";
import type { Intercept } from "./incoming-call.js";
import { Http2Sessions } from "./http2/http2-sessions.js";
import type { Bounds } from "./http2/http2-sessions.js";
import { tellProtocol } from "./protocol.js";
import type { Router } from "./service.js";
import type { WebLimits } from "./web/web-connection.js";
import { WebConnections } from "./web/web-connections.js";

const LOOPBACK = "127.0.0.1";
/** How long a connection may say nothing: grpc-go's default handshake timeout (`ConnectionTimeout`). */
const SILENT_MS = 120_000;

/** How {@link GrpcServer.drop} ends connections: asked to go, or torn down without a word. */
export type DropKind = "goaway" | "reset";

export interface ServerLimits extends WebLimits, Bounds {
  /** How long a new connection may say nothing, in ms. Default 120,000. */
  readonly silentMs: number;
}

/** gRPC over HTTP/2 and grpc-web over HTTP/1.1, on one port of the loopback address. */
export class GrpcServer {
  readonly #http2: Http2Sessions;
  readonly #web: WebConnections;
  readonly #silentMs: number;
  readonly #sockets = new Set<Socket>();
  /** Connections that have not told their protocol yet. */
  readonly #untold = new Set<Socket>();
  #server: Server | undefined;
  #connectionErrors = 0;

  constructor(
    router: Router,
    intercept: Intercept = () => undefined,
    {
      silentMs = SILENT_MS,
      hosts = new KnownHosts(),
      held = new HeldBytes(),
      ...web
    }: Partial<ServerLimits> = {},
  ) {
    const onError = (): void => {
      this.#connectionErrors++;
    };
    const serving = { router, intercept, turns: new FairTurns() };
    this.#http2 = new Http2Sessions(serving, { hosts, held }, onError);
    this.#web = new WebConnections(serving, { hosts, held }, onError, web);
    this.#silentMs = silentMs;
  }

  /** TCP connections, also those that never spoke. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Connections that ended by a protocol error, or over HTTP/2 by a reset, since the server was made. */
  get connectionErrors(): number {
    return this.#connectionErrors;
  }

  /**
   * @param port 0 = a free one
   * @returns the port
   */
  async listen(port: number): Promise<number> {
    const server = createServer((socket) => this.accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, LOOPBACK, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The server has no TCP port.");
    return address.port;
  }

  /** Serves a connection, also one that another port has accepted. */
  accept(socket: Socket): void {
    if (!this.#server) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#untold.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#untold.delete(socket);
    });
    tellProtocol(socket, this.#silentMs, (protocol) => {
      this.#untold.delete(socket);
      if (protocol === "http/2") this.#http2.serve(socket);
      else this.#web.serve(socket);
    });
  }

  /** Ends HTTP/2 connections that have carried no call for `idleMs`. @returns how many */
  releaseIdle(idleMs: number): Promise<number> {
    return this.#http2.releaseIdle(idleMs);
  }

  /** Ends all connections; the server goes on and takes new ones. */
  async drop(how: DropKind): Promise<void> {
    if (how === "goaway") {
      this.#leave();
      return;
    }
    const gone = Array.from(this.#sockets, closing);
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await Promise.all(gone);
  }

  /**
   * Stops listening: every connection is asked to go, up to `graceMs` for calls under way, then all sockets are
   * destroyed. Resolves when the port is free. Idempotent.
   */
  async close(graceMs: number): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    // Connections that another port accepted are none of the server's own.
    const gone = Array.from(this.#sockets, closing);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#leave();
    const silent = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await Promise.all([closed, ...gone]);
    clearTimeout(silent);
  }

  #leave(): void {
    this.#http2.leave();
    this.#web.leave();
    for (const socket of this.#untold) socket.destroy();
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}
