import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { HeldByCall } from "../../bounds/held-bytes.js";
import type { Serving } from "../call.js";
import type { Bounds } from "../http2/http2-sessions.js";
import { serveWebCall } from "./web-call.js";
import { WebConnection } from "./web-connection.js";
import type { WebLimits } from "./web-connection.js";
import { WebReply } from "./web-reply.js";

/** Calls under way on one connection. Browsers send one at a time; only a client that pipelines has more. */
const MAX_CALLS = 100;

/** What the parser's complaints are answered with; 400 for all others. */
const HTTP_STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Payload Too Large",
};

/** grpc-web over HTTP/1.1, on sockets that somebody else accepted. */
export class WebConnections {
  /** Never listens: Node's own timeouts need that, so {@link WebConnection} has them. */
  readonly #server: Server;
  readonly #open = new Map<Socket, WebConnection>();
  readonly #limits: Partial<WebLimits>;
  readonly #bounds: Bounds;
  readonly #onError: () => void;

  /** @param onError told about each connection that broke the protocol */
  constructor(serving: Serving, bounds: Bounds, onError: () => void, limits: Partial<WebLimits>) {
    this.#bounds = bounds;
    this.#limits = limits;
    this.#onError = onError;
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const taken = this.#take(request, response);
      if (taken) serveWebCall(serving, bounds.hosts, taken.held, request, response, taken.reply);
    });
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
      this.#refuse(error, socket),
    );
  }

  /** Speaks HTTP/1.1 on a socket; what was read of it ahead must be back in it. */
  serve(socket: Socket): void {
    this.#open.set(socket, new WebConnection(socket, this.#bounds.held, this.#limits));
    socket.once("close", () => this.#open.delete(socket));
    this.#server.emit("connection", socket);
    socket.resume();
  }

  /** Ends connections without a call at once, the others after their calls. */
  leave(): void {
    for (const connection of this.#open.values()) connection.leave();
  }

  #take(
    request: IncomingMessage,
    response: ServerResponse,
  ): { readonly reply: WebReply; readonly held: HeldByCall } | undefined {
    // A client that leaves half-way is its own affair; the connection tells the call.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const connection = this.#open.get(request.socket);
    if (!connection) return undefined;
    const held = connection.calls >= MAX_CALLS ? undefined : connection.hold();
    if (!held) {
      this.#onError();
      request.socket.destroy();
      return undefined;
    }
    const reply = new WebReply(response, held);
    connection.begin(request, response, reply);
    response.once("close", () => held.close());
    return { reply, held };
  }

  /** What is not HTTP is answered so, unless an answer is under way; a connection that just went is not. */
  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#open.get(socket);
    this.#open.delete(socket);
    const code = error.code ?? "";
    const broken = connection !== undefined && code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE";
    if (broken) this.#onError();
    if (broken && socket.writable && connection.calls === 0) {
      const status = HTTP_STATUS[code] ?? "400 Bad Request";
      socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      socket.destroySoon();
    } else socket.destroy();
  }
}
