import { connect } from "node:net";
import { setTimeout, clearTimeout } from "node:timers";
import { Connection } from "../plane/connection.js";
import { AddressError, resolveAddress, splitHostPort } from "../wire/address.js";
import { ApiError } from "../wire/api-error.js";
import { listen } from "./listener.js";
import { ToxicChain } from "./toxic-chain.js";
import type { Socket } from "node:net";
import type { ConnectionInfo } from "../plane/connection.js";
import type { Direction, Toxic } from "../toxics/toxic.js";
import type { Encodable } from "../wire/encode.js";
import type { Listener } from "./listener.js";

export interface PlaneOptions {
  readonly seed: number;
  /** How long a dial to an upstream may take, ms. */
  readonly dialTimeoutMs: number;
}

/** What a client sends to create or change a proxy. */
export interface ProxyFields {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

export type ByteCounts = Record<Direction, { received: number; sent: number }>;

/** A listening port, its upstream, its toxics, and the connections through it. */
export class Proxy {
  readonly name: string;
  readonly toxics = new ToxicChain();
  readonly #options: PlaneOptions;
  readonly #connections = new Set<Connection>();
  readonly #closed: ByteCounts = { upstream: { received: 0, sent: 0 }, downstream: { received: 0, sent: 0 } };
  #listen: string;
  #upstream: string;
  #listener: Listener | undefined;
  #accepted = 0;

  constructor(fields: Omit<ProxyFields, "enabled">, options: PlaneOptions) {
    this.name = fields.name;
    this.#listen = fields.listen;
    this.#upstream = fields.upstream;
    this.#options = options;
  }

  get enabled(): boolean {
    return this.#listener !== undefined;
  }

  /** Opens the port; nothing happens when it is open. @throws ApiError 500 */
  async start(): Promise<void> {
    if (this.#listener) return;
    this.#listener = await listen(this.#listen, (client) => this.#accept(client));
    this.#listen = this.#listener.address;
  }

  /** Closes the port and both sockets of every connection at once. */
  async stop(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    const freed = listener?.close();
    for (const connection of this.#connections) connection.destroy();
    await freed;
  }

  /** Whether `fields` name another address than this proxy's. @throws ApiError 500 */
  async differs(fields: { listen: string; upstream: string }): Promise<boolean> {
    try {
      return (
        (await resolveAddress(fields.listen)).text !== this.#listen || fields.upstream !== this.#upstream
      );
    } catch (error) {
      if (error instanceof AddressError) throw new ApiError(error.message, 500);
      throw error;
    }
  }

  /** What an update without a body would say. */
  get fields(): ProxyFields {
    return { name: this.name, listen: this.#listen, upstream: this.#upstream, enabled: this.enabled };
  }

  async update(fields: ProxyFields): Promise<void> {
    if (await this.differs(fields)) {
      await this.stop();
      this.#listen = fields.listen;
      this.#upstream = fields.upstream;
    }
    if (fields.enabled === this.enabled) return;
    await (fields.enabled ? this.start() : this.stop());
  }

  /** Brings a change of the toxics to every connection, at once. */
  apply(changed?: Toxic): void {
    for (const connection of this.#connections) connection.sync(this.toxics, changed);
  }

  get connections(): ConnectionInfo[] {
    return [...this.#connections].map(({ info }) => info);
  }

  /** Bytes of all connections so far, living ones included. */
  get bytes(): ByteCounts {
    const sum = structuredClone(this.#closed);
    for (const { bytes } of this.#connections) add(sum, bytes);
    return sum;
  }

  get accepted(): number {
    return this.#accepted;
  }

  toJson(): Encodable {
    return { ...this.fields, Logger: {}, toxics: this.toxics.toJson() };
  }

  /** Dials aside: one upstream that does not answer holds up neither other clients nor the control API. */
  #accept(client: Socket): void {
    if (!this.enabled) {
      client.destroy();
      return;
    }
    const upstream = dial(this.#upstream);
    const key = { seed: this.#options.seed, proxy: this.name, connection: ++this.#accepted };
    const connection = new Connection(client, upstream, key, () => {
      clearTimeout(timer);
      add(this.#closed, connection.bytes);
      this.#connections.delete(connection);
    });
    const timer = setTimeout(() => connection.destroy(), this.#options.dialTimeoutMs);
    this.#connections.add(connection);
    upstream.once("connect", () => {
      clearTimeout(timer);
      connection.start(this.toxics);
    });
  }
}

function dial(address: string): Socket {
  const { host, port } = upstreamOf(address);
  return connect({ host, port, allowHalfOpen: true, noDelay: true });
}

/** Upstreams are not checked on creation, so a bad one fails here, per client, as a refused dial does. */
function upstreamOf(address: string): { host: string; port: number } {
  try {
    const { host, port } = splitHostPort(address);
    const number = Number(port);
    if (Number.isInteger(number) && number >= 0 && number <= 65_535 && !host.includes("\0")) {
      return { host: host === "" ? "localhost" : host, port: number };
    }
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
  }
  return { host: "localhost", port: 0 };
}

function add(sum: ByteCounts, more: ByteCounts): void {
  for (const direction of ["upstream", "downstream"] as const) {
    sum[direction].received += more[direction].received;
    sum[direction].sent += more[direction].sent;
  }
}
