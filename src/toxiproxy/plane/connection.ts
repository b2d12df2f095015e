import { Link } from "./link.js";
import type { Socket } from "node:net";
import type { DrawKey } from "./link.js";
import type { Direction, Toxic } from "../toxics/toxic.js";

/** The toxics of a proxy by direction, in chain order. */
export interface ToxicChains {
  chain(direction: Direction): readonly Toxic[];
}

/** What can be told of a live connection. */
export interface ConnectionInfo {
  /** Counts the proxy's connections from 1. */
  readonly id: number;
  /** The proxy's full name, prefix included. */
  readonly proxy: string;
  /** The client's address, `host:port`. */
  readonly client: string;
  /** False while the upstream is being dialled. */
  readonly established: boolean;
  /** Bytes read from and written to each side so far. */
  readonly bytes: Readonly<Record<Direction, { received: number; sent: number }>>;
  /** Toxics acting on this connection now, by name. */
  readonly toxics: readonly string[];
}

const nothing = { received: 0, sent: 0 };

/** A client, its upstream, and the two links between them. */
export class Connection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #clientAddress: string;
  readonly #key: DrawKey;
  readonly #links: Partial<Record<Direction, Link>> = {};
  readonly #onClose: () => void;
  #open = 2;

  constructor(client: Socket, upstream: Socket, key: DrawKey, onClose: () => void) {
    this.#client = client;
    this.#upstream = upstream;
    this.#clientAddress = `${client.remoteAddress}:${client.remotePort}`;
    this.#key = key;
    this.#onClose = onClose;
    this.#watch(client, "upstream");
    this.#watch(upstream, "downstream");
  }

  /** The upstream has answered: data may flow. */
  start(toxics: ToxicChains): void {
    const hooks = (other: Direction) => ({
      onEnd: () => this.#links[other]?.end(),
      reset: () => this.reset(),
    });
    const client = this.#client;
    const upstream = this.#upstream;
    const up = new Link("upstream", { source: client, dest: upstream }, this.#key, hooks("downstream"));
    const down = new Link("downstream", { source: upstream, dest: client }, this.#key, hooks("upstream"));
    this.#links.upstream = up;
    this.#links.downstream = down;
    up.start(toxics.chain("upstream"));
    down.start(toxics.chain("downstream"));
  }

  /** The proxy's toxics have changed. */
  sync(toxics: ToxicChains, changed?: Toxic): void {
    for (const direction of ["upstream", "downstream"] as const) {
      const chain = toxics.chain(direction);
      if (changed?.direction === direction) this.#links[direction]?.update(changed, chain);
      else this.#links[direction]?.sync(chain);
    }
  }

  /** Resets both peers with RST. */
  reset(): void {
    this.#dispose();
    this.#client.resetAndDestroy();
    this.#upstream.resetAndDestroy();
  }

  /** Closes both sockets at once; data still inside toxics is lost, as in the reference. */
  destroy(): void {
    this.#dispose();
    this.#client.destroy();
    this.#upstream.destroy();
  }

  get bytes(): Record<Direction, { received: number; sent: number }> {
    return { upstream: this.#count("upstream"), downstream: this.#count("downstream") };
  }

  get info(): ConnectionInfo {
    const { upstream, downstream } = this.#links;
    return {
      id: this.#key.connection,
      proxy: this.#key.proxy,
      client: this.#clientAddress,
      established: upstream !== undefined,
      bytes: this.bytes,
      toxics: [...(upstream?.active ?? []), ...(downstream?.active ?? [])],
    };
  }

  #count(direction: Direction): { received: number; sent: number } {
    const link = this.#links[direction];
    return link ? { received: link.received, sent: link.sink.bytes } : nothing;
  }

  /** `reads`: the direction that has `socket` as its source. */
  #watch(socket: Socket, reads: Direction): void {
    // A reset or a broken pipe is an end like any other for a proxy: "close" follows and ends the links.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#links[reads]?.end();
      if (this.#links.upstream === undefined) this.destroy();
      this.#open--;
      if (this.#open > 0) return;
      this.#dispose();
      this.#onClose();
    });
  }

  #dispose(): void {
    this.#links.upstream?.dispose();
    this.#links.downstream?.dispose();
  }
}
