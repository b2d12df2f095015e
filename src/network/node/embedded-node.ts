import { timeoutOf } from "../../async/timeout.js";
import type { TimeoutOption } from "../../async/timeout.js";
import { checkPort, listenError } from "../../threads/listening.js";
import type {
  DelayOptions,
  DeliveryFaultKind,
  DeliveryFaultOptions,
  FaultOptions,
  NodeFaultInfo,
} from "../faults/faults.js";
import type { StatusCode } from "../grpc/status.js";
import type { TestWallet } from "../identity/signatures/test-wallets.js";
import type { SubscriptionInfo } from "../store/subscriptions.js";
import type { NodeStats, SubscriptionFilter, SubscriptionOwners, XmtpNetwork } from "../types.js";
import { NetworkVerbs } from "./network-verbs.js";
import { NodeHost } from "./node-host.js";
import type { NodeMethod } from "./node-method.js";
import type { ClientPortOptions, NodeOptions } from "./node-options.js";
import type { PortEvent } from "./port-traffic.js";

/** Longer than a client that is at work pauses between two calls. */
const IDLE_MS = 1_000;

/** An XMTP node in a thread of this process, data in memory, reachable on the loopback address only. */
export class EmbeddedNode extends NetworkVerbs implements XmtpNetwork, AsyncDisposable {
  readonly kind = "embedded";
  readonly env = "embedded";
  /** `http://127.0.0.1:<port>`: gRPC and grpc-web, v3 and d14n. It stays over {@link stop}, {@link start} and {@link restart}. */
  readonly url: string;
  /** `http://127.0.0.1:<port>` of the message history server (device sync). */
  readonly historyUrl: string;
  readonly #host: NodeHost;
  readonly #thread: NodeHost["thread"];
  readonly #takenListeners = new Set<(id: number, taken: number) => void>();
  #stopped = false;
  #closed: Promise<void> | undefined;

  private constructor(host: NodeHost) {
    super();
    this.#host = host;
    this.#thread = host.thread;
    this.url = host.url;
    this.historyUrl = host.historyUrl;
    this.#thread.onEvent("faultTaken", (event) => {
      const { id, taken } = event as { id: number; taken: number };
      for (const listener of [...this.#takenListeners]) listener(id, taken);
    });
  }

  /** @internal use `startNode` */
  static async start(options: NodeOptions): Promise<EmbeddedNode> {
    return new EmbeddedNode(await NodeHost.start(options));
  }

  /**
   * The node's counts now: what is open, what is stored, and what was asked of it since it was made.
   *
   * @throws XmtpTestError `THREAD_ENDED` after {@link close}, or when the node has ended by itself
   */
  stats(): Promise<NodeStats> {
    return this.#thread.call("stats");
  }

  /** Calls at a client's port since it was opened, by method; undefined for a client without its own port. */
  callsOf(client: string): Promise<Readonly<Record<string, number>> | undefined> {
    return this.#thread.call("callsOf", client);
  }

  /**
   * How long ago a client's latest call came in at its port, ms by the node's clock; undefined for a client without a
   * port, or that has made none. What {@link onPortEvent} tells of earlier calls has been told when this resolves.
   */
  async sinceLastCall(client: string): Promise<number | undefined> {
    const ms = await this.#thread.call("sinceLastCall", client);
    this.hearPortEvents();
    return ms;
  }

  /** How many connections clients have made at their ports so far: `connection` of what {@link onPortEvent} tells of the latest. */
  clientConnections(): Promise<number> {
    return this.#thread.call("clientConnections");
  }

  /**
   * The streams that are open now, oldest first; `client` names those of clients with a port of their own.
   *
   * @throws XmtpTestError `THREAD_ENDED` after {@link close}, or when the node has ended by itself
   */
  subscriptions(): Promise<readonly SubscriptionInfo[]> {
    return this.#thread.call("subscriptions");
  }

  /**
   * Resolves once at most `n` subscriptions are open.
   *
   * @param options `timeout` in ms (default 10,000; 0 or `Infinity`: no limit), and whose: `of` or `except` names,
   *   default everybody's. A number is the timeout, with `whose` after it: the former spelling
   * @throws XmtpTestError `STREAMS_OPEN` after the timeout, naming who is still subscribed
   */
  async waitForSubscriptions(
    n: number,
    options: number | (TimeoutOption & SubscriptionOwners) = {},
    whose?: SubscriptionOwners,
  ): Promise<void> {
    if (typeof options === "number") {
      await this.#thread.call("waitForSubscriptions", n, options, whose);
      return;
    }
    const { timeout: _, timeoutMs: __, ...owners } = options;
    await this.#thread.call("waitForSubscriptions", n, timeoutOf(options, 10_000), owners);
  }

  /**
   * Makes the next calls of a method fail, for `times` calls or `forMs` ms.
   *
   * @param method for example "SendGroupMessages"
   * @returns the fault's id, for {@link liftFault}
   * @throws XmtpTestError `BAD_METHOD` with the known names, `BAD_FAULT`
   */
  failNext(method: NodeMethod, options: FaultOptions): Promise<number> {
    return this.#thread.call("failNext", method, options);
  }

  /** Makes the next calls of a method wait, or until the fault is removed. Otherwise like {@link failNext}; both may hit the same call. */
  delayNext(method: NodeMethod, options: DelayOptions): Promise<number> {
    return this.#thread.call("delayNext", method, options);
  }

  /** Duplicates, reorders or loses the next live deliveries of subscriptions; what is stored stays as it is. */
  disturbDeliveries(kind: DeliveryFaultKind, options: DeliveryFaultOptions = {}): Promise<number> {
    return this.#thread.call("disturbDeliveries", kind, options);
  }

  /** All faults that have not been removed, oldest first, with how many calls or deliveries each has hit. */
  faults(): Promise<readonly NodeFaultInfo[]> {
    return this.#thread.call("faults");
  }

  /** Removes one fault; the deliveries it holds are sent. @returns how many calls or deliveries it has hit */
  liftFault(id: number): Promise<number> {
    return this.#thread.call("liftFault", id);
  }

  /** Advances the clock of the rate limits, so that a test need not wait for a refill. */
  advanceRateLimits(ms: number): Promise<void> {
    return this.#thread.call("advanceRateLimits", ms);
  }

  /** @internal */
  protected clearArmed(): Promise<void> {
    return this.#thread.call("clearFaults");
  }

  /** Calls `listener` each time a fault hits a call or a delivery, with the count so far. @returns the unsubscriber */
  onFaultTaken(listener: (id: number, taken: number) => void): () => void {
    this.#takenListeners.add(listener);
    return () => this.#takenListeners.delete(listener);
  }

  /**
   * Opens a separate port of the node for one client, so that faults and {@link subscriptions} know whose call it is.
   *
   * @returns its URL
   * @throws XmtpTestError `CLIENT_PORT` if the client already has one; `PORT_IN_USE`, `BAD_PORT` for a given port
   */
  async openClientPort(
    client: string,
    { port = 0, observe = false }: ClientPortOptions = {},
  ): Promise<string> {
    try {
      return `http://127.0.0.1:${await this.#thread.call("openClientPort", client, checkPort(port), observe)}`;
    } catch (error) {
      throw listenError("XMTP node", error);
    }
  }

  /** Calls `listener` with what the node sees at ports that were opened with `observe`. @returns the unsubscriber */
  onPortEvent(listener: (event: PortEvent) => void): () => void {
    return this.#host.portEvents.subscribe(listener);
  }

  /**
   * Tells at once what {@link onPortEvent} has to tell, and would in one of the next turns of the event loop. The node says
   * what was published before it delivers it: who has received a message, and asks then, hears where it came from.
   */
  readonly hearPortEvents = (): void => this.#host.portEvents.hear();

  /** Frees the client's port. Idempotent. */
  closeClientPort(client: string): Promise<void> {
    return this.#thread.call("closeClientPort", client);
  }

  /** Names of the clients that have their own port. */
  clientPorts(): Promise<readonly string[]> {
    return this.#thread.call("clientPorts");
  }

  /** Ends all client connections: with an HTTP/2 GOAWAY ("goaway"; open calls may finish), or with a TCP reset. */
  dropConnections(how: "goaway" | "reset"): Promise<void> {
    return this.#thread.call("dropConnections", how);
  }

  /**
   * Ends open subscriptions (default all) with this gRPC status, for example `"UNAVAILABLE"` or 14.
   *
   * @returns the ids of those it hit
   * @throws XmtpTestError `BAD_FAULT` for a code that gRPC does not define
   */
  endStreams(
    code: StatusCode,
    message = "stream ended by the test",
    which: SubscriptionFilter = {},
  ): Promise<readonly number[]> {
    return this.#thread.call("endStreams", code, message, which);
  }

  /** @internal */
  protected mute(which: SubscriptionFilter): Promise<readonly number[]> {
    return this.#thread.call("muteStreams", which);
  }

  /** Resolves with the reason (`THREAD_ENDED`) if the node ends by itself; never if it is closed. */
  get died(): Promise<Error> {
    return this.#thread.died;
  }

  /**
   * Ends connections that have carried no call for `idleMs` (default 1,000 ms): node-sdk keeps the connection of a
   * client that has ended. A client that is still in use reconnects.
   *
   * @returns how many have ended
   */
  releaseIdleConnections(idleMs = IDLE_MS): Promise<number> {
    return this.#thread.call("releaseIdleConnections", idleMs);
  }

  /** True between {@link stop} and {@link start}. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Makes the node accept signatures of `owner` for the contract account `account`. An account may have several owners. */
  addSmartContractWallet(wallet: TestWallet): Promise<void> {
    return this.#thread.call("addWallet", wallet);
  }

  /** Closes the ports and ends all connections; data is kept for {@link start}. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#thread.call("stop");
  }

  /**
   * Listens again, on the same ports.
   *
   * @throws XmtpTestError `PORT_IN_USE` if a port has been taken in the meantime
   */
  async start(): Promise<void> {
    try {
      await this.#thread.call("start");
    } catch (error) {
      throw listenError("XMTP node", error);
    }
    this.#stopped = false;
  }

  /**
   * Stops and starts: every connection and subscription ends, faults and ports stay.
   *
   * @param options `keep: false` empties the node, like a newly started one: it no longer knows its clients' inboxes.
   * Default true
   */
  async restart({ keep = true }: { readonly keep?: boolean } = {}): Promise<void> {
    try {
      await this.#thread.call("restart", keep);
    } catch (error) {
      throw listenError("XMTP node", error);
    }
    this.#stopped = false;
  }

  /** Writes all data to a file, for {@link restore} in another run. */
  snapshot(file: string): Promise<void> {
    return this.#thread.call("snapshot", file);
  }

  /**
   * Replaces all data with a snapshot's.
   *
   * @throws XmtpTestError `BAD_SNAPSHOT`, or `STREAMS_OPEN` while someone is subscribed
   */
  restore(file: string): Promise<void> {
    return this.#thread.call("restore", file);
  }

  /** Stops the node, then ends its thread. Idempotent. */
  close(): Promise<void> {
    this.#stopped = true;
    this.#closed ??= this.#host.close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
