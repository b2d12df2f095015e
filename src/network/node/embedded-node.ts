import { resolve } from "node:path";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { timeoutOf } from "../../async/timeout.js";
import type { TimeoutOption } from "../../async/timeout.js";
import { threadEntry } from "../../threads/entry.js";
import { ThreadHost } from "../../threads/thread-host.js";
import { XmtpTestError, errorText } from "../../errors.js";
import type {
  DelayOptions,
  DeliveryFaultKind,
  DeliveryFaultOptions,
  FaultOptions,
  NodeFaultInfo,
} from "../faults/faults.js";
import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
} from "../identity/signatures/smart-contract-wallet.js";
import type { TestWallet } from "../identity/signatures/test-wallets.js";
import type { NodeThread, NodeThreadData } from "./node-thread.js";
import type { StatusCode } from "../grpc/status.js";
import type { PortEvent } from "./port-traffic.js";
import type { SubscriptionInfo } from "../store/subscriptions.js";
import type { WalletQuestion, WalletVerdict } from "./wallet-hook.js";
import { NetworkVerbs } from "./network-verbs.js";
import type { NodeMethod } from "./node-method.js";
import { checkHosts } from "../bounds/known-hosts.js";
import { checkChains } from "./chains.js";
import { checkRealism } from "../store/realism.js";
import type { Realism } from "../store/realism.js";
import { checkRateLimits } from "../services/rate-limits.js";
import type { RateLimitOptions } from "../services/rate-limits.js";
import { checkPort, listenError } from "../../threads/listening.js";
import type { NodeStats, SubscriptionFilter, SubscriptionOwners, XmtpNetwork } from "../types.js";

export interface NodeOptions {
  /** gRPC port on 127.0.0.1. Default 0 = a free one. */
  readonly port?: number;
  /** History server's port on 127.0.0.1. Default 0 = a free one. */
  readonly historyPort?: number;
  /**
   * Whether the node has `MlsApi/Subscribe` (XIP-83). Default true, as real nodes since June 2026; SDKs call it only
   * with `XMTP_BIDI_STREAMS_ENABLED=1`. False is an older node: UNIMPLEMENTED, and the SDK falls back.
   */
  readonly bidiStreams?: boolean;
  /**
   * How long a bidirectional stream may be idle before the node sends a Ping, and how long its Pong may take, ms.
   * Default 30,000, the real node's.
   */
  readonly keepaliveMs?: number;
  /**
   * Decides whether a smart contract wallet accepts a signature, in place of the registry of
   * {@link EmbeddedNode.addSmartContractWallet}. Throwing means "cannot tell" (UNAVAILABLE).
   */
  readonly verifySmartContractWallet?: (
    question: SmartContractWalletQuestion,
  ) => SmartContractWalletAnswer | Promise<SmartContractWalletAnswer>;
  /**
   * Chains that are asked about smart contract wallets, as the real node asks them: JSON-RPC URL by CAIP-2 chain id,
   * for example `{ "eip155:31337": "http://127.0.0.1:8545" }`. Accounts of {@link EmbeddedNode.addSmartContractWallet}
   * are still checked against the registry. If a chain is not listed or does not answer, the verify call's entry
   * reports it, and an identity update that needs it is refused with UNAVAILABLE. Default: no chain; the registry
   * decides alone.
   */
  readonly chainRpcUrls?: Readonly<Record<string, string>>;
  /** Milliseconds that one call of a chain may take. Default 10,000. */
  readonly chainTimeoutMs?: number;
  /** Limits calls per client address: `true` as the real node does, or with numbers of your own. Default off. */
  readonly rateLimits?: boolean | RateLimitOptions;
  /**
   * How live messages reach subscribers. "prompt" (default): at once, and all of them. "real": by a poll of the store
   * every 25 ms, which loses messages under concurrent publishing to several groups, as a real node does: they are
   * stored, a sync finds them, and no stream has them. {@link NodeStats.lostDeliveries} counts them.
   */
  readonly realism?: Realism;
  /** Drives what `realism: "real"` draws: how long each message takes to be stored. Default "xmtp". */
  readonly seed?: string;
  /**
   * File for the node's data, created if missing. Each change is written before it is answered, so whatever a client
   * was told survives the end of the process, even kill -9 (a power failure may lose the latest changes). Only one
   * node at a time can use it. Default: data is in memory, and lost when the node ends.
   */
  readonly stateFile?: string;
  /**
   * Names under which clients reach the node, beside addresses, names without a dot, `localhost`, `*.localhost` and
   * `*.internal`: for a proxy on another host. A request under any other name is refused, PERMISSION_DENIED (HTTP 403),
   * since a stranger's web page may point such a name here (DNS rebinding). Default: none.
   */
  readonly allowedHosts?: readonly string[];
}

export interface ClientPortOptions {
  /** The port to take. Default 0: a free one. */
  readonly port?: number;
  /** Whether {@link EmbeddedNode.onPortEvent} reports what this client publishes, receives and subscribes to. Default false. */
  readonly observe?: boolean;
}

/** A thread that does not stop its servers within this time is ended as it is. */
const CLOSE_TIMEOUT_MS = 5_000;
/** Longer than a client that is at work pauses between two calls. */
const IDLE_MS = 1_000;
/** xmtp-node-go's ping interval, and xmtpd's. */
const DEFAULT_KEEPALIVE_MS = 30_000;
/** Node's timers go no further. */
const MAX_TIMER_MS = 2_147_483_647;

/** An XMTP node in a thread of this process, data in memory, reachable on the loopback address only. */
export class EmbeddedNode extends NetworkVerbs implements XmtpNetwork, AsyncDisposable {
  readonly kind = "embedded";
  readonly env = "embedded";
  readonly url: string;
  readonly historyUrl: string;
  readonly #thread: ThreadHost<NodeThread>;
  readonly #takenListeners = new Set<(id: number, taken: number) => void>();
  readonly #portEvents: MessagePort;
  readonly #portListeners = new Set<(event: PortEvent) => void>();
  #stopped = false;
  #closed: Promise<void> | undefined;

  private constructor(
    thread: ThreadHost<NodeThread>,
    portEvents: MessagePort,
    ports: { port: number; historyPort: number },
  ) {
    super();
    this.#thread = thread;
    this.#portEvents = portEvents;
    portEvents.on("message", (event: PortEvent) => this.#tellPortEvent(event)).unref();
    this.url = `http://127.0.0.1:${ports.port}`;
    this.historyUrl = `http://127.0.0.1:${ports.historyPort}`;
    // Once for each time that changes begin to be refused, and once when they are taken again.
    thread.onEvent("trouble", (trouble) => process.emitWarning(String(trouble), "XmtpNodeWarning"));
    thread.onEvent("faultTaken", (event) => {
      const { id, taken } = event as { id: number; taken: number };
      for (const listener of [...this.#takenListeners]) listener(id, taken);
    });
  }

  /** @internal use `startNode` */
  static async start(options: NodeOptions): Promise<EmbeddedNode> {
    const { port1: portEvents, port2 } = new MessageChannel();
    const data: NodeThreadData = {
      portEvents: port2,
      port: checkPort(options.port ?? 0),
      historyPort: checkPort(options.historyPort ?? 0),
      bidiStreams: options.bidiStreams ?? true,
      keepaliveMs: checkKeepalive(options.keepaliveMs ?? DEFAULT_KEEPALIVE_MS),
      walletHook: options.verifySmartContractWallet !== undefined,
      chainRpcUrls: checkChains(options),
      chainTimeoutMs: options.chainTimeoutMs,
      realism: checkRealism(options.realism ?? "prompt"),
      seed: options.seed ?? "xmtp",
      rateLimits: checkRateLimits(options.rateLimits ?? false),
      allowedHosts: checkHosts(options.allowedHosts ?? []),
      stateFile: options.stateFile === undefined ? undefined : resolve(options.stateFile),
    };
    const entry = threadEntry("node", new URL("./node-thread.js", import.meta.url));
    const started = ThreadHost.start<NodeThread>(entry, { name: "XMTP node", data, transfer: [port2] });
    const { host, ready } = await started.catch((error: unknown) => {
      portEvents.close();
      throw error;
    });
    const ask = options.verifySmartContractWallet;
    host.onEvent("verifyWallet", (event) => {
      const { id, question } = event as WalletQuestion;
      // Rejects only when the thread has ended, and then nobody waits for the verdict.
      void verdictOf(ask, question)
        .then((verdict) => host.call("walletVerdict", id, verdict))
        .catch(() => undefined);
    });
    return new EmbeddedNode(host, portEvents, ready as { port: number; historyPort: number });
  }

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
    this.#portListeners.add(listener);
    return () => this.#portListeners.delete(listener);
  }

  /**
   * Tells at once what {@link onPortEvent} has to tell, and would in one of the next turns of the event loop. The node says
   * what was published before it delivers it: who has received a message, and asks then, hears where it came from.
   */
  readonly hearPortEvents = (): void => {
    for (;;) {
      const next = receiveMessageOnPort(this.#portEvents);
      if (next === undefined) return;
      this.#tellPortEvent(next.message as PortEvent);
    }
  };

  #tellPortEvent(event: PortEvent): void {
    for (const listener of [...this.#portListeners]) listener(event);
  }

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

  /** Keeps open subscriptions open, but delivers nothing more on them. @returns the ids of those it hit */
  muteStreams(which: SubscriptionFilter = {}): Promise<readonly number[]> {
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

  /**
   * Stops the node, then ends its thread. Idempotent.
   *
   * In this order, because ending a thread in the middle of an HTTP/2 request aborts the whole process
   * (Node 20: "Assertion failed: onread->IsFunction()" in stream_base.cc).
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#stopped = true;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    try {
      await Promise.race([this.#thread.call("stop").then(() => this.#thread.call("release")), deadline]);
    } catch (error) {
      // A thread that died by itself has nothing left to stop.
      if (!(error instanceof XmtpTestError && error.code === "THREAD_ENDED")) throw error;
    } finally {
      clearTimeout(timer);
      await this.#thread.terminate();
      // The thread's end closes it too, but later: nothing of the node may be open once this resolves.
      this.#portEvents.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function checkKeepalive(ms: number): number {
  if (Number.isInteger(ms) && ms > 0 && ms <= MAX_TIMER_MS) return ms;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `The node's option keepaliveMs is ${ms}.`,
    `Give whole milliseconds from 1 to ${MAX_TIMER_MS}.`,
  );
}

async function verdictOf(
  ask: NodeOptions["verifySmartContractWallet"],
  question: SmartContractWalletQuestion,
): Promise<WalletVerdict> {
  try {
    return ask ? await ask(question) : { error: "no verifier" };
  } catch (error) {
    return { error: errorText(error) };
  }
}
