import { XmtpTestError, throwTogether, toError } from "../errors.js";
import type { ToxiproxyControl } from "../toxiproxy/index.js";
import { Link } from "./link.js";
import type { ChaosNode } from "./node/chaos-node.js";

/** The part of a network that routing changes. */
interface Reachable {
  readonly url: string;
}

/** The links of one test's workers, by worker. */
export class Links {
  readonly #control: () => Promise<ToxiproxyControl>;
  readonly #links = new Map<string, Link>();
  readonly #direct: Set<string>;
  readonly #node: ChaosNode | undefined;
  #used: ToxiproxyControl | undefined;

  /**
   * @param control called when the first proxy is needed
   * @param direct workers that get none
   * @param node the embedded node; each worker reaches it by a port of its own, so that it can tell them apart
   */
  constructor(control: () => Promise<ToxiproxyControl>, direct: readonly string[] = [], node?: ChaosNode) {
    this.#node = node;
    this.#control = control;
    this.#direct = new Set(direct);
  }

  get all(): readonly Link[] {
    return [...this.#links.values()];
  }

  /** Names this worker as one without a proxy. @throws XmtpTestError `CHAOS_ORDER` when it has one */
  direct(worker: string): void {
    if (this.#links.has(worker)) {
      throw new XmtpTestError(
        "CHAOS_ORDER",
        `The worker "${worker}" was made behind a proxy already.`,
        "Call chaos.direct() before the worker is asked for: take it from getWorkers, not from a fixture.",
      );
    }
    this.#direct.add(worker);
  }

  isDirect(worker: string): boolean {
    return this.#direct.has(worker);
  }

  /** Puts a proxy of the worker's own before the network. */
  async make<T extends Reachable>(worker: string, network: T): Promise<T> {
    const { protocol, hostname, port } = new URL(network.url);
    if (protocol !== "http:") {
      throw new XmtpTestError(
        "CHAOS_TLS",
        `Chaos cannot stand before ${network.url}: the SDK checks the certificate's name.`,
        "Use the embedded node, or a local one without TLS.",
      );
    }
    this.#used = await this.#control();
    const embedded = this.#node?.url === network.url ? this.#node : undefined;
    const own = embedded && new URL(await embedded.openClientPort(worker));
    const node = own
      ? { host: own.hostname, port: Number(own.port) }
      : { host: hostname, port: port === "" ? 80 : Number(port) };
    try {
      const proxy = await this.#used.createProxy(worker, `${node.host}:${node.port}`);
      const link = new Link(worker, proxy, node, own !== undefined);
      this.#links.set(worker, link);
      return { ...network, url: link.url };
    } catch (error) {
      await embedded?.closeClientPort(worker);
      throw error;
    }
  }

  /** @throws XmtpTestError `CHAOS_TARGETS` for a worker without a proxy */
  get(worker: string): Link {
    const link = this.#links.get(worker);
    if (link) return link;
    throw new XmtpTestError(
      "CHAOS_TARGETS",
      this.#direct.has(worker)
        ? `The worker "${worker}" connects directly, without a proxy.`
        : `There is no worker "${worker}" behind a proxy (there are: ${[...this.#links.keys()].join(", ") || "none"}).`,
      "Faults act on workers of this test, once they are made.",
    );
  }

  /** Deletes every proxy, and every port at the node. Idempotent. */
  async removeAll(): Promise<void> {
    const links = this.all;
    this.#links.clear();
    const results = await Promise.allSettled(
      links.flatMap((link) => [
        link.remove(),
        ...(link.atNode && this.#node ? [this.#node.closeClientPort(link.worker)] : []),
      ]),
    );
    const errors = results.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} proxies could not be removed.`);
  }

  /**
   * Looks on the server, and at the node, for what this Playwright process has left there, and deletes it.
   *
   * @throws XmtpTestError `CHAOS_LEAK`
   */
  async checkLeaks(): Promise<void> {
    throwTogether([
      ...(await leaksOf(() => this.#nodeLeaks())),
      ...(await leaksOf(() => this.#proxyLeaks())),
    ]);
  }

  async #nodeLeaks(): Promise<void> {
    const faults = (await this.#node?.faults()) ?? [];
    const ports = (await this.#node?.clientPorts()) ?? [];
    if (faults.length + ports.length === 0) return;
    await Promise.all([
      ...faults.map(({ id }) => this.#node?.liftFault(id)),
      ...ports.map((client) => this.#node?.closeClientPort(client)),
    ]);
    const left = [...faults.map(({ what }) => what), ...ports.map((client) => `port of ${client}`)];
    throw new XmtpTestError(
      "CHAOS_LEAK",
      `The node still has faults or ports of this test (${left.join(", ")}).`,
      "Make and lift faults through `chaos` or `network` only.",
    );
  }

  async #proxyLeaks(): Promise<void> {
    if (!this.#used) return;
    const { proxies, toxics } = this.#used.leaks();
    const unknown = await this.#used.sweep();
    const left = [...proxies, ...toxics, ...unknown];
    if (left.length === 0) return;
    throw new XmtpTestError(
      "CHAOS_LEAK",
      `Toxiproxy still has proxies or toxics of this test (${left.join(", ")}).`,
      "Lift and remove through `chaos` only.",
    );
  }
}

async function leaksOf(look: () => Promise<void>): Promise<Error[]> {
  try {
    await look();
    return [];
  } catch (error) {
    return [toError(error)];
  }
}
