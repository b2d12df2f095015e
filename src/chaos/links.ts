import { XmtpTestError } from "../errors.js";
import type { ToxiproxyControl } from "../toxiproxy/index.js";
import { Link } from "./link.js";

/** The part of a network that routing changes. */
interface Reachable {
  readonly url: string;
}

/** The links of one test's workers, by worker. */
export class Links {
  readonly #control: () => Promise<ToxiproxyControl>;
  readonly #links = new Map<string, Link>();
  readonly #direct: Set<string>;
  #used: ToxiproxyControl | undefined;

  /**
   * @param control called when the first proxy is needed
   * @param direct workers that get none
   */
  constructor(control: () => Promise<ToxiproxyControl>, direct: readonly string[] = []) {
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
    const node = { host: hostname, port: port === "" ? 80 : Number(port) };
    const proxy = await this.#used.createProxy(worker, `${node.host}:${node.port}`);
    const link = new Link(worker, proxy, node);
    this.#links.set(worker, link);
    return { ...network, url: link.url };
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

  /** Deletes every proxy. Idempotent. */
  async removeAll(): Promise<void> {
    const links = this.all;
    this.#links.clear();
    const results = await Promise.allSettled(links.map((link) => link.remove()));
    const errors = results.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} proxies could not be removed.`);
  }

  /**
   * Looks on the server for what this Playwright process has left there, and deletes it.
   *
   * @throws XmtpTestError `CHAOS_LEAK`
   */
  async checkLeaks(): Promise<void> {
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
