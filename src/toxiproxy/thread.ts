import { workerData } from "node:worker_threads";
import { serveThread } from "../threads/serve-thread.js";
import { ProxyCollection } from "./server/collection.js";
import { controlApi } from "./server/control-api.js";
import type { AddressInfo } from "node:net";
import type { ConnectionInfo } from "./plane/connection.js";
import type { Direction } from "./toxics/toxic.js";
import type { PlaneOptions } from "./server/proxy.js";

export interface ThreadData extends PlaneOptions {
  /** Address of the control API. */
  readonly host: string;
  /** Port of the control API; 0 picks a free one. */
  readonly port: number;
}

/** Figures of one proxy. */
export interface ProxyStats {
  /** Full name, prefix included. */
  readonly name: string;
  /** `host:port` where it listens, or would if it were enabled. */
  readonly listen: string;
  /** Whether its port is open. */
  readonly enabled: boolean;
  /** How many toxics it has, both streams together. */
  readonly toxics: number;
  /** Clients accepted since the proxy was made. */
  readonly accepted: number;
  /** Connections that live now. */
  readonly open: number;
  /** Bytes read from and written to the sockets so far, by direction, living connections included. */
  readonly bytes: Readonly<Record<Direction, { received: number; sent: number }>>;
}

/** The whole server's figures. */
export interface ToxiproxyStats {
  /** What fixes every random draw, as given to `startToxiproxy`. */
  readonly seed: number;
  readonly proxies: readonly ProxyStats[];
  /** Toxics of all proxies. */
  readonly toxics: number;
  /** Living connections of all proxies. */
  readonly open: number;
}

export type ToxiproxyMethods = {
  stats(): ToxiproxyStats;
  connections(): ConnectionInfo[];
  close(): Promise<void>;
};

const data = workerData as ThreadData;
const proxies = new ProxyCollection(data);
const server = controlApi(proxies);

const methods: ToxiproxyMethods = {
  stats() {
    const list = proxies.all.map((proxy): ProxyStats => ({
      name: proxy.name,
      listen: proxy.fields.listen,
      enabled: proxy.enabled,
      toxics: proxy.toxics.count,
      accepted: proxy.accepted,
      open: proxy.connections.length,
      bytes: proxy.bytes,
    }));
    const sum = (of: (proxy: ProxyStats) => number) => list.reduce((total, proxy) => total + of(proxy), 0);
    return {
      seed: data.seed,
      proxies: list,
      toxics: sum(({ toxics }) => toxics),
      open: sum(({ open }) => open),
    };
  },
  connections: () => proxies.all.flatMap(({ connections }) => connections),
  async close() {
    const closed = new Promise((resolve) => server.close(resolve));
    // Clients keep idle connections alive; nobody needs them now.
    server.closeAllConnections();
    await Promise.all([closed, proxies.close()]);
  },
};

await new Promise<void>((resolve, reject) => {
  server.once("error", reject);
  server.listen({ host: data.host, port: data.port }, () => {
    server.off("error", reject);
    resolve();
  });
});
serveThread(methods, (server.address() as AddressInfo).port);
