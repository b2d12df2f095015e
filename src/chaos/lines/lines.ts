import { XmtpTestError } from "../../errors.js";
import type { ControlledProxy, ToxiproxyControl } from "../../toxiproxy/index.js";
import type { ChaosNode } from "../node/chaos-node.js";
import { checkNodeLeaks, checkProxyLeaks, together } from "./leaks.js";
import { Line } from "./line.js";

/** The part of a network that a line changes. */
interface Reachable {
  readonly url: string;
}

export interface LinesOptions {
  /** Called when the first proxy is needed. */
  control(): Promise<ToxiproxyControl>;
  /** The embedded node; each party reaches it by a port of its own, so that it can tell them apart. */
  readonly node?: ChaosNode | undefined;
  /** Lines that outlive these: found by name, and none of these's leaks. */
  outer?(): Lines | undefined;
  /** Called before the first line is made. */
  onFirst?(): void;
}

export interface LineOptions {
  /** History server that the party goes to over this line too. Default: none. */
  readonly historyUrl?: string | null;
  /** Whether the node tells what goes over the party's port. Default false: workers tell it themselves. */
  readonly observe?: boolean;
}

/** The lines of the parties of one test, or of a Playwright process, by name. */
export class Lines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<string, Line>();
  readonly #direct = new Set<string>();
  #used: ToxiproxyControl | undefined;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  /** These lines, and those that outlive them. */
  get all(): readonly Line[] {
    return [...this.#lines.values(), ...(this.#options.outer?.()?.all ?? [])];
  }

  /** Names this worker as one without a proxy. @throws XmtpTestError `CHAOS_ORDER` when it has one */
  direct(worker: string): void {
    if (this.has(worker)) {
      throw new XmtpTestError(
        "CHAOS_ORDER",
        `The worker "${worker}" is already behind a proxy.`,
        "Call chaos.direct() before the worker is created: use getWorkers for it, not a fixture.",
      );
    }
    this.#direct.add(worker);
  }

  isDirect(worker: string): boolean {
    return this.#direct.has(worker);
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Puts a proxy of the party's own before the network. */
  async make<T extends Reachable>(name: string, network: T): Promise<T> {
    const { url } = await this.open(name, network.url);
    return { ...network, url };
  }

  /**
   * A line of this name to a node.
   *
   * @throws XmtpTestError `CHAOS_TLS`; `CLIENT_PORT` for a name that has one; `TOXIPROXY_…`
   */
  async open(
    name: string,
    url: string,
    { historyUrl = null, observe = false }: LineOptions = {},
  ): Promise<Line> {
    const external = plainAddress(url);
    if (this.#used === undefined) this.#options.onFirst?.();
    const control = (this.#used = await this.#options.control());
    const { node } = this.#options;
    const embedded = node?.url === url ? node : undefined;
    const own = embedded && new URL(await embedded.openClientPort(name, { observe }));
    const at = own ? { host: own.hostname, port: Number(own.port) } : external;
    let proxy: ControlledProxy | undefined;
    try {
      proxy = await control.createProxy(name, `${at.host}:${at.port}`);
      const history = historyUrl === null ? undefined : await historyProxy(control, name, historyUrl);
      const line = new Line({ name, proxy, history, node: at, atNode: own !== undefined });
      this.#lines.set(name, line);
      return line;
    } catch (error) {
      await proxy?.remove();
      await embedded?.closeClientPort(name);
      throw error;
    }
  }

  /** @throws XmtpTestError `CHAOS_TARGETS` for a party without a line */
  get(name: string): Line {
    const line = this.#find(name);
    if (line) return line;
    const names = this.all.map((one) => one.name).join(", ") || "none";
    throw new XmtpTestError(
      "CHAOS_TARGETS",
      this.#direct.has(name)
        ? `The worker "${name}" connects directly, without a proxy.`
        : `There is no party "${name}" with a line of its own (there are: ${names}).`,
      "Faults act on the workers, apps, pages and lines of this test and of its Playwright process, once they are made.",
    );
  }

  /** Deletes one line: its proxies, and its port at the node. Idempotent. */
  async remove(name: string): Promise<void> {
    const line = this.#lines.get(name);
    this.#lines.delete(name);
    if (!line) return;
    await together([
      line.remove(),
      ...(line.atNode && this.#options.node ? [this.#options.node.closeClientPort(name)] : []),
    ]);
  }

  /** Deletes every line of these. Idempotent. */
  async removeAll(): Promise<void> {
    await together([...this.#lines.keys()].map((name) => this.remove(name)));
  }

  /**
   * Looks on the server, and at the node, for what this test has left there, and deletes it.
   *
   * @throws XmtpTestError `CHAOS_LEAK`
   */
  async checkLeaks(): Promise<void> {
    const { node } = this.#options;
    const kept = this.#options.outer?.()?.all ?? [];
    await together([
      node && checkNodeLeaks(node, new Set(kept.map(({ name }) => name))),
      this.#used && checkProxyLeaks(this.#used, new Set(kept.flatMap(({ proxyNames }) => proxyNames))),
    ]);
  }

  #find(name: string): Line | undefined {
    return this.all.find((line) => line.name === name);
  }
}

async function historyProxy(control: ToxiproxyControl, name: string, url: string): Promise<ControlledProxy> {
  const { host, port } = plainAddress(url);
  return await control.createProxy(`${name}-history`, `${host}:${port}`);
}

function plainAddress(url: string): { readonly host: string; readonly port: number } {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "http:") return { host: hostname, port: port === "" ? 80 : Number(port) };
  throw new XmtpTestError(
    "CHAOS_TLS",
    `Chaos cannot put a proxy in front of ${url}: the SDK checks the certificate's name.`,
    "Use the embedded node, or a local one without TLS.",
  );
}
