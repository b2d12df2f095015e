import { XmtpTestError } from "../../errors.js";
import { ToxiproxyRefusal } from "./http.js";
import type { Proxy, Toxic } from "toxiproxy-node-client";

/** Which way the bytes go that a toxic acts on: `upstream` is client to node, `downstream` node to client. */
export type ToxicStream = "upstream" | "downstream";
/**
 * Toxiproxy's toxics, with their attributes: whole numbers, 0 where left out. A `rate` and an `average_size` must be given.
 *
 * - `latency`: delays by `latency` ± `jitter` ms, never reorders
 * - `bandwidth`: at most `rate` KB/s (1 KB = 1,000 bytes)
 * - `slow_close`: holds back the end of the stream for `delay` ms
 * - `timeout`: drops all data, and closes after `timeout` ms without any; 0 never closes
 * - `reset_peer`: resets both sides `timeout` ms after the first data
 * - `slicer`: pieces of `average_size` ± `size_variation` bytes, `delay` µs after each
 * - `limit_data`: closes after `bytes` bytes
 * - `noop`: changes nothing
 *
 * @see https://github.com/Shopify/toxiproxy#toxics
 */
export type ToxicTypeName =
  "latency" | "bandwidth" | "slow_close" | "timeout" | "reset_peer" | "slicer" | "limit_data" | "noop";

/** A toxic to add. Units are Toxiproxy's: ms, KB/s, bytes, and µs for a slicer's delay. */
export interface ToxicSpec {
  /** Unique on its proxy; letters, digits, ".", "_" and "-". Default `<type>_<stream>`. */
  readonly name?: string;
  /** Which disturbance; it decides what `attributes` mean. */
  readonly type: ToxicTypeName;
  /** `upstream` is client to node. Default `downstream`. */
  readonly stream?: ToxicStream;
  /** Share of connections it acts on, 0 to 1. Default 1. */
  readonly toxicity?: number;
  /** By the names that {@link ToxicTypeName} lists. Default none: each is 0. */
  readonly attributes?: Readonly<Record<string, number>>;
}

/** A change of a toxic; what is left out stays. */
export interface ToxicChange {
  /** Share of connections it acts on, 0 to 1. */
  readonly toxicity?: number;
  /** Those that change. */
  readonly attributes?: Readonly<Record<string, number>>;
}

type AnyToxic = Toxic<Record<string, number>>;

/** Deleting one of these closes the connections that it holds; with a toxicity of 0 they would stay. */
const closers = new Set<string>(["timeout", "reset_peer"]);

/** How a server wants its toxics handled. */
export interface ProxyHandling {
  /**
   * Whether a toxic may be deleted while a newer one of its stream stays. On a Go server up to 2.12 that, and a
   * connection that has just ended while the newer one still holds its bytes, ends the server's process at the next
   * addition ("index out of range" in ToxicLink.AddToxic): it takes a list of toxics and a list of their stages to
   * be equally long. There, such a toxic is switched off, and deleted when it has become the newest.
   */
  readonly deletesAny: boolean;
}

/** A proxy that a {@link ToxiproxyControl} made and owns. */
export class ControlledProxy {
  /** Full name on the server, prefix included. */
  readonly name: string;
  /** Where clients connect, from this process. */
  readonly host: string;
  /** The port at `host`: the one that the server listens on. */
  readonly port: number;
  #proxy: Proxy;
  /** In the server's order: oldest first. */
  readonly #toxics = new Map<string, AnyToxic>();
  /** Those that are removed for the caller, and still on the server, switched off. */
  readonly #off = new Set<string>();
  readonly #handling: ProxyHandling;
  readonly #onRemoved: () => void;
  #removed = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    proxy: Proxy,
    reach: { host: string; port: number },
    handling: ProxyHandling,
    onRemoved: () => void,
  ) {
    this.name = proxy.name;
    this.host = reach.host;
    this.port = reach.port;
    this.#proxy = proxy;
    this.#handling = handling;
    this.#onRemoved = onRemoved;
  }

  /** `host:port` for clients. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** Names of the toxics that this control has added and not removed. */
  get toxics(): readonly string[] {
    return [...this.#toxics.keys()].filter((name) => !this.#off.has(name));
  }

  /** Whether its port was open when this control last changed it. */
  get enabled(): boolean {
    return this.#proxy.enabled;
  }

  /**
   * Adds a toxic.
   *
   * @returns its name, for {@link updateToxic} and {@link removeToxic}
   * @throws XmtpTestError `TOXIPROXY_TOXIC` for a spec that means different things to different servers,
   *   `TOXIPROXY_REFUSED` with the server's own text
   */
  async addToxic(spec: ToxicSpec): Promise<string> {
    const { type, stream = "downstream", toxicity = 1, attributes = {} } = spec;
    const name = spec.name ?? `${type}_${stream}`;
    check(type, name, attributes);
    // The client's types know neither noop nor the toxics' attribute maps; the wire takes both.
    const body = { name, type, stream, toxicity, attributes } as Parameters<Proxy["addToxic"]>[0];
    return await this.#inTurn(async () => {
      if (this.#off.has(name)) await this.#delete(name);
      const toxic = (await this.#proxy.addToxic(body)) as AnyToxic;
      this.#toxics.set(toxic.name, toxic);
      return toxic.name;
    });
  }

  /**
   * Changes a running toxic's attributes (key by key) and toxicity.
   *
   * @throws XmtpTestError `TOXIPROXY_TOXIC` for a name that this control has not added, or values as in {@link addToxic};
   *   `TOXIPROXY_REFUSED`
   */
  async updateToxic(name: string, change: ToxicChange): Promise<void> {
    await this.#inTurn(async () => {
      const toxic = this.#toxic(name);
      const attributes = { ...toxic.attributes, ...change.attributes };
      check(toxic.type, name, attributes);
      const updated = await toxic.update({
        ...toxic.toJson(),
        attributes,
        toxicity: change.toxicity ?? toxic.toxicity,
      });
      this.#toxics.set(name, updated);
    });
  }

  /**
   * Removes a toxic; one that the server no longer has counts as removed. On a server that must not delete it yet
   * ({@link ProxyHandling.deletesAny}) it acts on nothing from here on, and goes with those added after it.
   *
   * @throws XmtpTestError `TOXIPROXY_TOXIC` for a name that this control has not added
   */
  async removeToxic(name: string): Promise<void> {
    await this.#inTurn(async () => {
      const toxic = this.#toxic(name);
      const mayDelete = this.#handling.deletesAny || closers.has(toxic.type);
      if (!mayDelete && this.#newest(toxic.stream) !== name) {
        await gone(toxic.update({ ...toxic.toJson(), toxicity: 0 }));
        this.#off.add(name);
        return;
      }
      await this.#delete(name);
      for (let last = this.#newest(toxic.stream); last !== undefined && this.#off.has(last);) {
        await this.#delete(last);
        last = this.#newest(toxic.stream);
      }
    });
  }

  /** Removes every toxic this control has added, the newest first. */
  async removeAllToxics(): Promise<void> {
    for (const name of [...this.toxics].reverse()) await this.removeToxic(name);
  }

  /** Closes the port and all connections (toxics stay); `true` opens it again on the same port. */
  setEnabled(enabled: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const { listen, upstream } = this.#proxy;
      this.#proxy = await this.#proxy.update({ enabled, listen, upstream });
    });
  }

  /**
   * Disables, then deletes the proxy: the order that cannot hang a server up to 2.12. Idempotent;
   * toxics go with it.
   */
  async remove(): Promise<void> {
    if (this.#removed) return;
    await gone(this.setEnabled(false));
    await gone(this.#proxy.remove());
    this.#removed = true;
    this.#toxics.clear();
    this.#off.clear();
    this.#onRemoved();
  }

  /** One after the other: a server may serve calls made at once in any order. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #delete(name: string): Promise<void> {
    await gone(this.#toxics.get(name)?.remove());
    this.#toxics.delete(name);
    this.#off.delete(name);
  }

  /** The last of a stream's toxics on the server. */
  #newest(stream: AnyToxic["stream"]): string | undefined {
    return [...this.#toxics.values()].findLast((one) => one.stream === stream)?.name;
  }

  #toxic(name: string): AnyToxic {
    const toxic = this.#off.has(name) ? undefined : this.#toxics.get(name);
    if (toxic) return toxic;
    throw new XmtpTestError(
      "TOXIPROXY_TOXIC",
      `The proxy ${this.name} has no toxic ${JSON.stringify(name)} of this control.`,
      `It has: ${this.toxics.join(", ") || "none"}.`,
    );
  }
}

/** Treats 404 as done: somebody else (a reset, a restart) was faster. */
async function gone(removal: Promise<unknown> | undefined): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof ToxiproxyRefusal) || error.status !== 404) throw error;
  }
}

function check(type: string, name: string, attributes: Readonly<Record<string, number>>): void {
  const bad = (what: string, hint: string): XmtpTestError => new XmtpTestError("TOXIPROXY_TOXIC", what, hint);
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw bad(
      `A toxic's name breaks its own URL (${JSON.stringify(name)}).`,
      "Use letters, digits, '.', '_' and '-'.",
    );
  }
  const broken = Object.entries(attributes).find(([, value]) => !Number.isSafeInteger(value));
  if (broken) {
    throw bad(`A toxic's attributes are whole numbers (${broken[0]} = ${broken[1]}).`, "Round it.");
  }
  if (type === "bandwidth" && (attributes["rate"] ?? 0) <= 0) {
    throw bad(
      `A bandwidth rate of ${attributes["rate"] ?? 0} stalls on servers up to 2.12 and does not throttle since 2.13.`,
      "Give a rate above 0; to hold data use latency, to lose it use timeout.",
    );
  }
  const average = attributes["average_size"] ?? 0;
  const variation = attributes["size_variation"] ?? 0;
  if (type === "slicer" && (average <= 0 || variation < 0 || variation > average)) {
    throw bad(
      `A slicer of average_size ${average} ± ${variation} crashes servers up to 2.12.`,
      "Give average_size above 0 and size_variation between 0 and average_size.",
    );
  }
}
