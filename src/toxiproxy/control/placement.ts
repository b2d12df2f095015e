import { isIP } from "node:net";
import { XmtpTestError } from "../../errors.js";
import { joinHostPort, splitHostPort } from "../wire/address.js";

/** Where proxies of a server listen, and how they are reached: for a server in Docker or on another host. */
export interface Placement {
  /**
   * Interface the server listens on for a proxy. Default 127.0.0.1 when the control URL is loopback, else
   * 0.0.0.0. A server in Docker needs 0.0.0.0.
   */
  readonly listenHost?: string;
  /** Published ports, both ends included; default: any free port of the server. */
  readonly ports?: { readonly from: number; readonly to: number };
  /** Host under which this process reaches the proxies. Default: the control URL's host. */
  readonly advertisedHost?: string;
  /**
   * Upstreams as the server must dial them, by `host:port` or by host:
   * `{ "127.0.0.1": "host.docker.internal" }`.
   */
  readonly upstreamMap?: Readonly<Record<string, string>>;
}

/** A {@link Placement} with its defaults filled in from the control URL. */
export class Placed {
  readonly listenHost: string;
  readonly advertisedHost: string;
  readonly #ports: Placement["ports"];
  readonly #upstreams: ReadonlyMap<string, string>;

  constructor(url: string, placement: Placement = {}) {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
    const loopback = host === "localhost" || host === "::1" || /^127\./.test(host);
    this.listenHost = placement.listenHost ?? (loopback ? "127.0.0.1" : "0.0.0.0");
    this.advertisedHost = placement.advertisedHost ?? (loopback ? "127.0.0.1" : host);
    this.#ports = placement.ports;
    this.#upstreams = new Map(Object.entries(placement.upstreamMap ?? {}));
    if (placement.ports && !(placement.ports.from > 0 && placement.ports.to >= placement.ports.from)) {
      throw new XmtpTestError(
        "TOXIPROXY_PORTS",
        `The port range of the Toxiproxy server makes no sense (${placement.ports.from}-${placement.ports.to}).`,
        "Give the published ports as { from, to }, lowest first.",
      );
    }
  }

  /** Listen addresses to try, in order. */
  *listens(taken: ReadonlySet<number>): Generator<string> {
    if (!this.#ports) {
      yield joinHostPort(this.listenHost, 0);
      return;
    }
    for (let port = this.#ports.from; port <= this.#ports.to; port++) {
      if (!taken.has(port)) yield joinHostPort(this.listenHost, port);
    }
  }

  /** What to say when every listen address was in use. */
  get exhausted(): XmtpTestError {
    const range = this.#ports ? `${this.#ports.from}-${this.#ports.to}` : "any";
    return new XmtpTestError(
      "TOXIPROXY_PORTS",
      `Every port of the Toxiproxy server's range is in use (${range}).`,
      "Publish at least one port for each worker under test, and name the range.",
    );
  }

  /** The upstream as the server dials it. */
  upstream(address: string): string {
    const whole = this.#upstreams.get(address);
    if (whole !== undefined) return whole;
    const { host, port } = splitHostPort(address);
    const mapped = this.#upstreams.get(host);
    return mapped === undefined ? address : joinHostPort(mapped, Number(port));
  }

  /** Where a proxy that listens on `listen` is reached from here. */
  reach(listen: string): { host: string; port: number } {
    const { host, port } = splitHostPort(listen);
    const specific = isIP(host) !== 0 && host !== "::" && host !== "0.0.0.0";
    const own = specific && this.advertisedHost === "127.0.0.1";
    return { host: own ? host : this.advertisedHost, port: Number(port) };
  }
}
