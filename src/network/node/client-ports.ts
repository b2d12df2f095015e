import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { XmtpTestError } from "../../errors.js";
import { peerOf } from "../grpc/peer.js";

/** A connection at a client's port. */
export interface PortConnection {
  readonly client: string;
  /** Counts the connections at all clients' ports from 1. */
  readonly number: number;
}

/**
 * Ports beside the node's own, one per client, so that the node can tell whose call it serves.
 *
 * Nothing in a call says it for certain: a proxy hides the client's port, `x-app-version` belongs to the application,
 * and an installation key appears in some requests only. A port works for every SDK version, transport and call,
 * and through a Toxiproxy that is not ours.
 */
export class ClientPorts {
  readonly #accept: (socket: Socket) => void;
  readonly #ports = new Map<string, number>();
  readonly #servers = new Map<string, Server>();
  readonly #connections = new Map<string, PortConnection>();
  #accepted = 0;

  /** @param accept takes the sockets as the node's own port does */
  constructor(accept: (socket: Socket) => void) {
    this.#accept = accept;
  }

  /** Names of the clients with a port. */
  get names(): string[] {
    return [...this.#ports.keys()];
  }

  /** Whose connection this is; undefined for those of the node's own port. */
  clientOf(peer: string): string | undefined {
    return this.#connections.get(peer)?.client;
  }

  connectionOf(peer: string): PortConnection | undefined {
    return this.#connections.get(peer);
  }

  /** How many connections there have been. */
  get accepted(): number {
    return this.#accepted;
  }

  /**
   * @param port the port to take; 0 for a free one
   * @throws XmtpTestError `CLIENT_PORT` when the client has one already
   */
  async open(client: string, port = 0): Promise<number> {
    if (this.#ports.has(client)) {
      throw new XmtpTestError(
        "CLIENT_PORT",
        `The client "${client}" already has its own port.`,
        "Close it first, or use another name.",
      );
    }
    this.#ports.set(client, port);
    try {
      await this.#listen(client);
    } catch (error) {
      this.#ports.delete(client);
      throw error;
    }
    return this.#ports.get(client) ?? 0;
  }

  /** Frees the port; connections that stand go on. Idempotent. */
  async close(client: string): Promise<void> {
    this.#ports.delete(client);
    await this.#free(client);
  }

  /** Frees all ports, for {@link resume}. */
  async pause(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((client) => this.#free(client)));
  }

  /** Listens again, on the same ports. */
  async resume(): Promise<void> {
    await Promise.all([...this.#ports.keys()].map((client) => this.#listen(client)));
  }

  async #listen(client: string): Promise<void> {
    const server = createServer((socket) => {
      const peer = peerOf(socket);
      this.#connections.set(peer, { client, number: ++this.#accepted });
      socket.on("close", () => this.#connections.delete(peer));
      this.#accept(socket);
    });
    this.#servers.set(client, server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => {
        this.#servers.delete(client);
        reject(error);
      });
      server.listen(this.#ports.get(client), "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === "object") this.#ports.set(client, address.port);
  }

  /** Not awaited until its connections end: they are the node's, which ends them itself. */
  async #free(client: string): Promise<void> {
    const server = this.#servers.get(client);
    this.#servers.delete(client);
    if (!server) return;
    // Stops listening at once; the callback waits for connections.
    server.close();
    await Promise.resolve();
  }
}
