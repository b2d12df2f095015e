import { XmtpTestError } from "../errors.js";
import { checkPort } from "../threads/listening.js";
import { threadEntry } from "../threads/entry.js";
import { ThreadHost } from "../threads/thread-host.js";
import { ToxiproxyControl } from "./control/control.js";
import { TOXIPROXY_VERSION } from "./server/version.js";
import type { ControlOptions } from "./control/control.js";
import type { ConnectionInfo } from "./plane/connection.js";
import type { ThreadData, ToxiproxyMethods, ToxiproxyStats } from "./thread.js";

/** Options of {@link startToxiproxy}. All have defaults. */
export interface ToxiproxyOptions {
  /** Fixes every random draw (jitter, slices, toxicity). Default 1. */
  readonly seed?: number;
  /** Address the control API listens on. Default 127.0.0.1: nobody beyond this machine can use it. */
  readonly host?: string;
  /** Port of the control API. Default 0: a free one. */
  readonly port?: number;
  /** How long a dial to an upstream may take before its client is closed, ms. Default 10,000. */
  readonly dialTimeoutMs?: number;
}

/** A Toxiproxy server in a thread of this process. */
export interface EmbeddedToxiproxy extends AsyncDisposable {
  readonly kind: "embedded";
  /** Base address of the control API without a trailing slash, for `new Toxiproxy(url)` of toxiproxy-node-client. */
  readonly url: string;
  /** As given to {@link startToxiproxy}, or its default 1. */
  readonly seed: number;
  /** The Toxiproxy release whose behavior this server has. */
  readonly version: string;
  /**
   * A hand on this server with its own proxies. Its options default to the prefix "pwx" and, as this server allows it,
   * `deletesAny: true`.
   *
   * @throws XmtpTestError `TOXIPROXY_PORTS` for a port range that makes no sense
   */
  control(options?: ControlOptions): ToxiproxyControl;
  /** Live figures: connections, toxics and bytes by proxy. @throws XmtpTestError `THREAD_ENDED` after {@link close} */
  stats(): Promise<ToxiproxyStats>;
  /** Every living connection with its bytes so far and the toxics that act on it. @throws XmtpTestError `THREAD_ENDED` */
  connections(): Promise<ConnectionInfo[]>;
  /** Resolves when the server ends by itself, with why (`THREAD_ENDED`); never when it is closed. */
  readonly died: Promise<Error>;
  /** Closes every port and socket and ends the thread. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a server with the control API and toxics of Toxiproxy 2.13. Its data plane runs off the caller's
 * event loop: on a shared loop a busy test would stretch every injected delay.
 *
 * On purpose it differs where the reference loses, hangs or dies; docs/toxiproxy-deviations.md has the table:
 * an empty /populate answers `[]` (D1); reset_peer resets existing connections too (D2); one stable toxicity
 * draw per connection (D3); upstreams are dialled aside, with a timeout (D4); no change waits for a peer
 * (D5); a bandwidth rate of 0 or less does not throttle (D6); sizes that crash the reference are refused
 * (D7); a half-bad update changes nothing (D8); adding a toxic disturbs no other (D9).
 *
 * @throws XmtpTestError `PORT_IN_USE` or `BAD_PORT` for the port, `BAD_HOST` for the host, `THREAD_START` when the thread
 *   fails
 */
export async function startToxiproxy(options: ToxiproxyOptions = {}): Promise<EmbeddedToxiproxy> {
  const { seed = 1, host = "127.0.0.1", port = 0, dialTimeoutMs = 10_000 } = options;
  const data: ThreadData = { seed, host, port: checkPort(port), dialTimeoutMs };
  const entry = threadEntry("toxiproxy", new URL("./thread.js", import.meta.url));
  const { host: thread, ready } = await ThreadHost.start<ToxiproxyMethods>(entry, {
    name: "Toxiproxy",
    data,
  });
  let closing: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    try {
      await thread.call("close");
    } catch (error) {
      // A thread that died by itself has nothing left to close.
      if (!(error instanceof XmtpTestError && error.code === "THREAD_ENDED")) throw error;
    } finally {
      await thread.terminate();
    }
  };
  const close = () => (closing ??= end());
  const reached = ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host;
  const url = `http://${reached.includes(":") ? `[${reached}]` : reached}:${String(ready)}`;
  return {
    kind: "embedded",
    url,
    seed,
    version: TOXIPROXY_VERSION,
    // A fixed prefix keeps the names, and so the random draws, the same from run to run.
    control: (more = {}) => new ToxiproxyControl(url, { prefix: "pwx", deletesAny: true, ...more }),
    stats: () => thread.call("stats"),
    connections: () => thread.call("connections"),
    died: thread.died,
    close,
    [Symbol.asyncDispose]: close,
  };
}
