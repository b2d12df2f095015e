import { connect } from "node:net";
import { hostname } from "node:os";
import { Toxiproxy } from "toxiproxy-node-client";
import { XmtpTestError } from "../../errors.js";
import { ControlHttp, ToxiproxyRefusal } from "./http.js";
import { Placed } from "./placement.js";
import { ControlledProxy } from "./proxy.js";
import type { ProxyHandling } from "./proxy.js";
import { normalizeUrl } from "./url.js";
import type { HttpOptions } from "./http.js";
import type { Placement } from "./placement.js";

/** Options of a {@link ToxiproxyControl}: how the server is called, where its proxies listen, and how they are named. */
export interface ControlOptions extends HttpOptions, Placement, Partial<ProxyHandling> {
  /**
   * First part of every proxy's name; {@link ToxiproxyControl.sweep} deletes by it. Make it the same from run
   * to run and different between processes that run at the same time. Default: `pwx-`, host name and process id;
   * "pwx" for the embedded server, which one process has for itself.
   */
  readonly prefix?: string;
  /**
   * Connect once to the first proxy, for up to 2,000 ms, to see that its port is published. Default false; true for
   * `connectToxiproxy`.
   */
  readonly checkPorts?: boolean;
}

/** Proxies and toxics that still exist on the server because of this control. */
export interface ControlLeaks {
  /** Full names, prefix included. */
  readonly proxies: readonly string[];
  /** `proxy/toxic` */
  readonly toxics: readonly string[];
}

/**
 * One user's hand on a Toxiproxy server, embedded or real, through toxiproxy-node-client. It names its
 * proxies with its own prefix, touches no others, and never calls /reset or /populate: the server may be
 * shared.
 *
 * What calls the server also throws `TOXIPROXY_UNREACHABLE`, `TOXIPROXY_TIMEOUT` after `callTimeoutMs`,
 * `TOXIPROXY_AUTH` when the server asks for a token, and `TOXIPROXY_REFUSED` with the server's own text.
 */
export class ToxiproxyControl implements AsyncDisposable {
  /** Base address of the control API, put right: with a scheme, without trailing slashes. */
  readonly url: string;
  /** As {@link ControlOptions.prefix}, made safe for URLs. */
  readonly prefix: string;
  readonly #client: Toxiproxy;
  readonly #placed: Placed;
  readonly #proxies = new Map<string, ControlledProxy>();
  readonly #ports = new Set<number>();
  readonly #handling: ProxyHandling;
  #portsToCheck: boolean;

  /** @throws XmtpTestError `TOXIPROXY_BAD_URL`, `TOXIPROXY_PORTS` */
  constructor(url: string, options: ControlOptions = {}) {
    this.url = normalizeUrl(url);
    this.prefix = safeName(options.prefix ?? `pwx-${hostname()}-${process.pid}`);
    this.#client = new Toxiproxy(this.url);
    this.#client.api = new ControlHttp(options);
    this.#placed = new Placed(this.url, options);
    this.#handling = { deletesAny: options.deletesAny ?? false };
    this.#portsToCheck = options.checkPorts ?? false;
  }

  /** The proxies this control owns, in order of creation. */
  get proxies(): readonly ControlledProxy[] {
    return [...this.#proxies.values()];
  }

  /**
   * Makes a proxy to `upstream` (`host:port`, as this process would dial it).
   *
   * @param name made safe for URLs; a second one of the same name gets ".2"
   * @throws XmtpTestError `TOXIPROXY_PORTS` when no port is free or the port cannot be reached from here,
   *   `TOXIPROXY_REFUSED`, `TOXIPROXY_UNREACHABLE`, `TOXIPROXY_TIMEOUT`
   */
  async createProxy(name: string, upstream: string): Promise<ControlledProxy> {
    const full = this.#freeName(name);
    const target = this.#placed.upstream(upstream);
    for (const listen of this.#placed.listens(this.#ports)) {
      const proxy = await this.#create(full, listen, target);
      if (proxy) return this.#checked(proxy);
    }
    throw this.#placed.exhausted;
  }

  /**
   * Deletes proxies with this control's prefix that it does not own: left by a run that was killed.
   *
   * @returns their names
   */
  async sweep(): Promise<string[]> {
    const all = Object.values(await this.#client.getAll());
    const stale = all.filter(({ name }) => name.startsWith(`${this.prefix}-`) && !this.#proxies.has(name));
    for (const proxy of stale) {
      await new ControlledProxy(proxy, { host: "", port: 0 }, this.#handling, () => undefined).remove();
    }
    return stale.map(({ name }) => name);
  }

  /** What this control has made and not removed. */
  leaks(): ControlLeaks {
    return {
      proxies: this.proxies.map(({ name }) => name),
      toxics: this.proxies.flatMap((proxy) => proxy.toxics.map((toxic) => `${proxy.name}/${toxic}`)),
    };
  }

  /** The server's version, for example "2.13.0"; "git" for a server built from source. */
  async version(): Promise<string> {
    return parseVersion(await this.#client.getVersion());
  }

  /**
   * Removes every proxy this control owns: disabled first, then deleted.
   *
   * @throws AggregateError when some could not be removed; they stay in {@link leaks}
   */
  async close(): Promise<void> {
    const results = await Promise.allSettled(this.proxies.map((proxy) => proxy.remove()));
    const failures = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    if (failures.length > 0) {
      throw new AggregateError(failures, `Toxiproxy kept ${failures.length} of this run's proxies.`);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @returns undefined when the port is in use and another may be tried */
  async #create(name: string, listen: string, upstream: string): Promise<ControlledProxy | undefined> {
    try {
      const proxy = await this.#client.createProxy({ name, listen, upstream, enabled: true });
      const reach = this.#placed.reach(proxy.listen);
      this.#ports.add(reach.port);
      const owned = new ControlledProxy(proxy, reach, this.#handling, () => {
        this.#proxies.delete(name);
        this.#ports.delete(reach.port);
      });
      this.#proxies.set(name, owned);
      return owned;
    } catch (error) {
      if (error instanceof ToxiproxyRefusal && error.message.includes("address already in use"))
        return undefined;
      throw error;
    }
  }

  async #checked(proxy: ControlledProxy): Promise<ControlledProxy> {
    if (!this.#portsToCheck) return proxy;
    const reachable = await accepts(proxy.host, proxy.port);
    if (reachable) {
      this.#portsToCheck = false;
      return proxy;
    }
    await proxy.remove();
    throw new XmtpTestError(
      "TOXIPROXY_PORTS",
      `Toxiproxy opened a proxy, but its port cannot be reached from here (${proxy.address}).`,
      "For a server in Docker publish a port range, and give it as ports with listenHost 0.0.0.0.",
    );
  }

  #freeName(name: string): string {
    const base = `${this.prefix}-${safeName(name)}`;
    let full = base;
    for (let copy = 2; this.#proxies.has(full); copy++) full = `${base}.${copy}`;
    return full;
  }
}

/** toxiproxy-node-client puts names into URLs as they are: `/ ? # %` would break every later call. */
function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, "_");
}

/** The version in `{"version": "2.13.0"}`. */
export function parseVersion(text: string): string {
  return /"version"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? "";
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const settle = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}
