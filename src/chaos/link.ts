import type { ControlledProxy, ToxicSpec } from "../toxiproxy/index.js";

/** Where something listens. */
interface Address {
  readonly host: string;
  readonly port: number;
}

/** One worker's own way to the node: its proxy, and which faults are on it. */
export class Link {
  readonly worker: string;
  /** The node as the test reaches it, without the proxy. */
  readonly node: Address;
  /** Whether that is a port of this worker's own at the embedded node. */
  readonly atNode: boolean;
  readonly #proxy: ControlledProxy;
  readonly #cuts = new Set<string>();
  readonly #masks = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(worker: string, proxy: ControlledProxy, node: Address, atNode = false) {
    this.atNode = atNode;
    this.worker = worker;
    this.node = node;
    this.#proxy = proxy;
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
    for (const toxic of toxics) {
      await this.#proxy.addToxic({ ...toxic, name: nameOf(faultId, toxic) });
    }
  }

  /** Idempotent; the newest first, so that what the older ones hold is not held twice. */
  async removeToxics(faultId: string, toxics: readonly ToxicSpec[]): Promise<void> {
    for (const toxic of [...toxics].reverse()) {
      const name = nameOf(faultId, toxic);
      if (this.#proxy.toxics.includes(name)) await this.#proxy.removeToxic(name);
    }
  }

  /** Closes the port and every connection, until the last cut is mended. */
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
    await this.#proxy.remove();
  }

  #setEnabled(): Promise<void> {
    return this.#proxy.setEnabled(this.#cuts.size === 0);
  }
}

function nameOf(faultId: string, { type, stream = "downstream" }: ToxicSpec): string {
  return `${faultId}-${type}-${stream}`;
}
