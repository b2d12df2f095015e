import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { XmtpTestError } from "../../errors.js";

/** The real server's limit of one upload. */
const MAX_UPLOAD_BYTES = 15_000_000;
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "*",
};

/** The message history server: device-sync archives, encrypted by the client, kept in memory under random names. */
export class HistoryServer {
  readonly #files: Map<string, Buffer>;
  #server: Server | undefined;

  /** @param files a file is there for good once `set` has returned; throws `STATE_NOT_STORED` where it cannot be kept */
  constructor(files: Map<string, Buffer>) {
    this.#files = files;
  }

  /** @returns the port on the loopback address; 0 asks for a free one */
  async listen(port: number): Promise<number> {
    const server = createServer((request, response) => this.#serve(request, response));
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
    if (request.method === "OPTIONS") response.writeHead(204, CORS).end();
    else if (request.method === "POST" && path === "/upload") this.#upload(request, response);
    else if (request.method === "GET" && path.startsWith("/files/")) this.#download(path.slice(7), response);
    else if (request.method === "GET" && path === "/") response.writeHead(200, CORS).end();
    else response.writeHead(404, CORS).end();
  }

  #upload(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_UPLOAD_BYTES) {
        // The rest is read and dropped: a connection closed under the sender would lose it this answer.
        chunks.length = 0;
        if (!response.headersSent) response.writeHead(400, CORS).end();
      } else chunks.push(chunk);
    });
    request.on("end", () => {
      if (response.headersSent) return;
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

  #download(id: string, response: ServerResponse): void {
    const file = this.#files.get(id);
    if (file) response.writeHead(200, { ...CORS, "content-type": "application/octet-stream" }).end(file);
    else response.writeHead(404, CORS).end();
  }
}
