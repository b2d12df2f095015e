import http from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Peer } from "./peer.js";
import { Upstream } from "./upstream.js";
import type { UpstreamKind } from "./upstream.js";

export interface Reply {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** A proxy as the control API tells of it. */
export interface WireProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly unknown[];
}

/** What a check works with: one Toxiproxy server, and everything the check opened on it. */
export class Rig {
  readonly url: string;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #peers: Peer[] = [];
  readonly #upstreams: Upstream[] = [];

  readonly #callTimeoutMs: number;

  constructor(url: string, callTimeoutMs = 8000) {
    this.url = url;
    this.#callTimeoutMs = callTimeoutMs;
  }

  /** One control call over plain HTTP, so that a check sees what a client library hides. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.url);
      const request = http.request(
        { hostname, port, method, path, headers, agent: this.#agent, timeout: this.#callTimeoutMs },
        (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers["content-type"],
              text: Buffer.concat(parts).toString(),
              headers: response.headers,
            }),
          );
        },
      );
      request.on("timeout", () => request.destroy(new Error(`${method} ${path}: no answer`)));
      request.on("error", reject);
      request.end(text);
    });
  }

  async json(method: string, path: string, body?: unknown): Promise<unknown> {
    return JSON.parse((await this.call(method, path, body)).text) as unknown;
  }

  /** An upstream server on a free port. */
  async upstream(kind: UpstreamKind = "echo"): Promise<Upstream> {
    const upstream = await Upstream.start(kind);
    this.#upstreams.push(upstream);
    return upstream;
  }

  /** Creates a proxy named `p` to `upstream`. */
  async proxy(upstream: { port: number }, fields: Record<string, unknown> = {}): Promise<WireProxy> {
    const reply = await this.call("POST", "/proxies", {
      name: "p",
      listen: "127.0.0.1:0",
      upstream: `127.0.0.1:${upstream.port}`,
      ...fields,
    });
    if (reply.status !== 201) throw new Error(`create answered ${reply.status}: ${reply.text}`);
    return JSON.parse(reply.text) as WireProxy;
  }

  /** Adds a toxic to the proxy `p`. */
  async toxic(
    type: string,
    attributes: Record<string, number>,
    more: Record<string, unknown> = {},
  ): Promise<void> {
    const reply = await this.call("POST", "/proxies/p/toxics", { type, name: "t", attributes, ...more });
    if (reply.status !== 200) throw new Error(`toxic answered ${reply.status}: ${reply.text}`);
  }

  async removeToxic(name = "t"): Promise<void> {
    const reply = await this.call("DELETE", `/proxies/p/toxics/${name}`);
    if (reply.status !== 204) throw new Error(`toxic removal answered ${reply.status}: ${reply.text}`);
  }

  /** Connects to a proxy and waits for the connection. */
  async connect(proxy: { listen: string }): Promise<Peer> {
    const peer = await Peer.connect(portOf(proxy));
    this.#peers.push(peer);
    return peer;
  }

  /** A proxy to a fresh upstream, a client of it, and the upstream's side of the same connection. */
  async pair(
    kind: UpstreamKind = "hold",
  ): Promise<{ proxy: WireProxy; client: Peer; server: Peer; upstream: Upstream }> {
    const upstream = await this.upstream(kind);
    const proxy = await this.proxy(upstream);
    const client = await this.connect(proxy);
    return { proxy, client, server: await upstream.next(), upstream };
  }

  /** Closes what the check opened and deletes its proxies, disabled first. */
  async clean(): Promise<void> {
    const names = Object.keys((await this.json("GET", "/proxies")) as Record<string, unknown>);
    for (const name of names) {
      await this.call("PATCH", `/proxies/${encodeURIComponent(name)}`, { enabled: false });
      await this.call("DELETE", `/proxies/${encodeURIComponent(name)}`);
    }
    this.end();
  }

  /** Closes sockets and upstreams without asking the server. */
  end(): void {
    for (const peer of this.#peers.splice(0)) peer.destroy();
    for (const upstream of this.#upstreams.splice(0)) upstream.close();
    this.#agent.destroy();
  }
}

export function portOf(proxy: { listen: string }): number {
  return Number(proxy.listen.slice(proxy.listen.lastIndexOf(":") + 1));
}

/** `condition` within `ms`, polled: for what the server does after it has answered. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 3000,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await delay(2);
  }
}

/** "in time" for a measured time within bounds, else the figure; late is bounded loosely: the machine is shared. */
export function between(ms: number, earliest: number, latest: number): string {
  return ms >= earliest && ms <= latest ? "in time" : `${ms.toFixed(1)} ms, not ${earliest} to ${latest}`;
}

/** The code of a failed connection, for example "ECONNREFUSED". */
export function codeOf(failure: unknown): string | undefined {
  return (failure as NodeJS.ErrnoException).code;
}
