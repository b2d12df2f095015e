import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { XmtpTestError } from "../../errors.js";
import { HeldBytes } from "../bounds/held-bytes.js";
import type { HeldByConnection } from "../bounds/held-bytes.js";
import { KnownHosts } from "../bounds/known-hosts.js";

/** The real server's limit of one upload. */
const MAX_UPLOAD_BYTES = 15_000_000;
/** All uploads together. The real server has a cloud's storage; here they live in memory. */
const MAX_STORED_BYTES = 256 * 2 ** 20;
/** What a file costs beside its bytes: its name, and its place in a map. */
const FILE_BYTES = 512;
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "*",
};

/** The message history server: device-sync archives, encrypted by the client, kept in memory under random names. */
export class HistoryServer {
  readonly #files: Map<string, Buffer>;
  readonly #hosts: KnownHosts;
  readonly #held: HeldBytes;
  readonly #connections = new WeakMap<Socket, HeldByConnection>();
  #server: Server | undefined;

  /**
   * @param files a file is there for good once `set` has returned; throws `STATE_NOT_STORED` where it cannot be kept
   * @param bounds whom it answers to, and what uploads under way may hold together with the node's calls
   */
  constructor(
    files: Map<string, Buffer>,
    { hosts = new KnownHosts(), held = new HeldBytes() }: { hosts?: KnownHosts; held?: HeldBytes } = {},
  ) {
    this.#files = files;
    this.#hosts = hosts;
    this.#held = held;
  }

  /** @returns the port on the loopback address; 0 asks for a free one */
  async listen(port: number): Promise<number> {
    const server = createServer((request, response) => this.#serve(request, response));
    server.on("connection", (socket: Socket) => {
      const held = this.#held.connection(() => socket.destroy());
      this.#connections.set(socket, held);
      socket.once("close", () => held.close());
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The server has no TCP port.");
    return address.port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "/";
    // A client that leaves half-way is its own affair.
    request.on("error", () => undefined);
    const { host } = request.headers;
    if (!this.#hosts.knows(host)) {
      response.writeHead(403, { "content-type": "text/plain" }).end(`${KnownHosts.refusal(host)}\n`);
      request.resume();
    } else if (request.method === "OPTIONS") response.writeHead(204, CORS).end();
    else if (request.method === "POST" && path === "/upload") this.#upload(request, response);
    else if (request.method === "GET" && path.startsWith("/files/")) this.#download(path.slice(7), response);
    else if (request.method === "GET" && path === "/") response.writeHead(200, CORS).end();
    else response.writeHead(404, CORS).end();
  }

  #upload(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let size = 0;
    const held = this.#connections.get(request.socket)?.call();
    response.once("close", () => held?.close());
    const refuse = (status: number, text = ""): void => {
      // The rest is read and dropped: a connection closed under the sender would lose it this answer.
      chunks.length = 0;
      held?.close();
      if (!response.headersSent)
        response.writeHead(status, { ...CORS, "content-type": "text/plain" }).end(text);
    };
    request.on("data", (chunk: Buffer) => {
      if (response.headersSent) return;
      size += chunk.length;
      if (size > MAX_UPLOAD_BYTES) refuse(400);
      else if (held?.take(chunk.length) !== true) refuse(503, "Too many uploads are under way.\n");
      else chunks.push(chunk);
    });
    request.on("end", () => {
      if (response.headersSent) return;
      if (this.#storedBytes() + size > MAX_STORED_BYTES) {
        refuse(
          507,
          `The history server keeps ${MAX_STORED_BYTES} bytes, and has no room for ${size} more.\n`,
        );
        return;
      }
      const id = randomUUID();
      try {
        this.#files.set(id, Buffer.concat(chunks));
      } catch (error) {
        if (!(error instanceof XmtpTestError && error.code === "STATE_NOT_STORED")) throw error;
        response.writeHead(507, { ...CORS, "content-type": "text/plain" }).end(`${error.message}\n`);
        return;
      }
      response.writeHead(200, { ...CORS, "content-type": "text/plain" }).end(id);
    });
  }

  /** Counted anew each time: a snapshot or a restart changes the files without a word. */
  #storedBytes(): number {
    let bytes = 0;
    for (const file of this.#files.values()) bytes += file.length + FILE_BYTES;
    return bytes;
  }

  #download(id: string, response: ServerResponse): void {
    const file = this.#files.get(id);
    if (file) response.writeHead(200, { ...CORS, "content-type": "application/octet-stream" }).end(file);
    else response.writeHead(404, CORS).end();
  }
}
