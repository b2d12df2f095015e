import type { ControlledProxy, ToxicSpec } from "../../toxiproxy/index.js";

/** Where something listens. */
interface Address {
  readonly host: string;
  readonly port: number;
}

export interface LineParts {
  /** The party's name. */
  readonly name: string;
  /** Before the node's port. */
  readonly proxy: ControlledProxy;
  /** Before the history server; undefined where the party does not go through it. */
  readonly history?: ControlledProxy | undefined;
  /** The node as the test reaches it, without the proxy. */
  readonly node: Address;
  /** Whether that is a port of this party's own at the embedded node. */
  readonly atNode: boolean;
}

/** One party's own way to the node: its proxies, and which faults are on them. */
export class Line {
  readonly name: string;
  readonly node: Address;
  readonly atNode: boolean;
  readonly #proxy: ControlledProxy;
  readonly #history: ControlledProxy | undefined;
  readonly #cuts = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #masks = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ name, proxy, history, node, atNode }: LineParts) {
    this.name = name;
    this.node = node;
    this.atNode = atNode;
    this.#proxy = proxy;
    this.#history = history;
  }

  get host(): string {
    return this.#proxy.host;
  }

  get port(): number {
    return this.#proxy.port;
  }

  /** What clients dial. */
  get url(): string {
    return `http://${this.#proxy.address}`;
  }

  /** The history server behind a proxy of this line; undefined where there is none. */
  get historyUrl(): string | undefined {
    return this.#history && `http://${this.#history.address}`;
  }

  /** The proxies' names on the server. */
  get proxyNames(): readonly string[] {
    return this.#proxies.map(({ name }) => name);
  }

  /** How many of something this line has had, this one included: 1, 2 ... */
  next(what: string): number {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count;
  }

  /** A fault that lets no probe through, so that no other can be shown; undefined when there is none. */
  get maskedBy(): string | undefined {
    return [...this.#masks.values()][0];
  }

  mask(faultId: string, what: string): void {
    this.#masks.set(faultId, what);
  }

  unmask(faultId: string): void {
    this.#masks.delete(faultId);
  }

  async addToxics(faultId: string, toxics: readonly ToxicSpec[]): Promise<void> {
    for (const proxy of this.#proxies) {
      for (const toxic of toxics) await proxy.addToxic({ ...toxic, name: nameOf(faultId, toxic) });
    }
  }

  /** Idempotent; the newest first, so that what the older ones hold is not held twice. */
  async removeToxics(faultId: string, toxics: readonly ToxicSpec[]): Promise<void> {
    for (const proxy of this.#proxies) {
      for (const toxic of [...toxics].reverse()) {
        const name = nameOf(faultId, toxic);
        if (proxy.toxics.includes(name)) await proxy.removeToxic(name);
      }
    }
  }

  /** Closes the ports and every connection, until the last cut is mended. */
  async cut(faultId: string): Promise<void> {
    this.#cuts.add(faultId);
    await this.#setEnabled();
  }

  async mend(faultId: string): Promise<void> {
    this.#cuts.delete(faultId);
    await this.#setEnabled();
  }

  /** Faults are put on and shown one after the other: a cut must not fall into another fault's proof. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.remove()));
  }

  get #proxies(): readonly ControlledProxy[] {
    return this.#history ? [this.#proxy, this.#history] : [this.#proxy];
  }

  async #setEnabled(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.setEnabled(this.#cuts.size === 0)));
  }
}

function nameOf(faultId: string, { type, stream = "downstream" }: ToxicSpec): string {
  return `${faultId}-${type}-${stream}`;
}
