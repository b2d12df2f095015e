import { XmtpTestError } from "../../errors.js";
import { HeldBytes } from "../bounds/held-bytes.js";
import { KnownHosts } from "../bounds/known-hosts.js";
import { ArmedFaults } from "../faults/armed-faults.js";
import { ClientCalls } from "./client-calls.js";
import { ClientPorts } from "./client-ports.js";
import { OwnedSubscriptions } from "./owned-subscriptions.js";
import { PortTraffic } from "./port-traffic.js";
import type { PortEvent } from "./port-traffic.js";
import { threadCpuMs } from "./thread-cpu.js";
import { checkDelay, checkEnding, checkFault, checkScope } from "../faults/faults.js";
import type {
  DelayOptions,
  DeliveryFaultKind,
  DeliveryFaultOptions,
  FaultOptions,
  NodeFaultInfo,
} from "../faults/faults.js";
import { GrpcServer } from "../grpc/server.js";
import type { DropKind } from "../grpc/server.js";
import type { Intercept } from "../grpc/incoming-call.js";
import type { Router } from "../grpc/service.js";
import { Code, StatusError } from "../grpc/status.js";
import type { StatusCode } from "../grpc/status.js";
import { HistoryServer } from "../history/history-server.js";
import type { TestWallet } from "../identity/signatures/test-wallets.js";
import { resolveMethod, shortName } from "../faults/method-names.js";
import { RateLimiter } from "../services/rate-limits.js";
import type { RateLimitOptions } from "../services/rate-limits.js";
import { rateLimited } from "../services/rate-limited.js";
import { nodeRouter } from "../services/router.js";
import type { ServiceOptions } from "../services/router.js";
import { Wallets } from "../services/wallets.js";
import type { WalletSources } from "../services/wallets.js";
import { readWhole, writeWhole } from "../state/whole-file.js";
import { keepState } from "../state/keep-state.js";
import type { KeptState } from "../state/keep-state.js";
import { NodeStore } from "../store/node-store.js";
import { PolledFeed } from "../store/polled-feed.js";
import type { Realism } from "../store/realism.js";
import { SeededRandom } from "../../random.js";
import { restoreSnapshot, takeSnapshot } from "../store/snapshot.js";
import type { SubscriptionInfo } from "../store/subscriptions.js";
import type { NodeStats, SubscriptionFilter, SubscriptionOwners } from "../types.js";

/** How long calls under way may take to finish when the node stops. */
const STOP_GRACE_MS = 250;

export interface NodeServerOptions extends ServiceOptions {
  readonly port: number;
  readonly historyPort: number;
  readonly realism: Realism;
  /** Drives what `realism: "real"` draws. */
  readonly seed: string;
  /** undefined: none. */
  readonly rateLimits?: RateLimitOptions | undefined;
  /** Names beside those of this machine that its servers answer to. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Where the data is kept; undefined: in memory only. */
  readonly stateFile?: string | undefined;
}

/** The node inside its thread: servers, data, faults and counts. */
export class NodeServer {
  readonly #store: NodeStore;
  readonly #wallets: Wallets;
  readonly #router: Router;
  readonly #faults: ArmedFaults;
  readonly #ports: ClientPorts;
  readonly #traffic: PortTraffic;
  readonly #calls = new ClientCalls();
  readonly #subscriptions: OwnedSubscriptions;
  readonly #grpc: GrpcServer;
  readonly #history: HistoryServer;
  readonly #state: KeptState | undefined;
  readonly #limits: RateLimitOptions | undefined;
  #limiter: RateLimiter;
  #clockOffsetMs = 0;
  #port: number;
  #historyPort: number;
  #running = false;

  constructor(
    options: NodeServerOptions,
    wallets: WalletSources = {},
    onTaken?: (id: number, taken: number) => void,
    onTrouble?: (trouble: string) => void,
    onPortEvent: (event: PortEvent) => void = () => undefined,
  ) {
    this.#store = new NodeStore(
      options.realism === "real" ? new PolledFeed(new SeededRandom(options.seed, "commits")) : undefined,
    );
    const bounds = { hosts: new KnownHosts(options.allowedHosts), held: new HeldBytes() };
    this.#history = new HistoryServer(this.#store.historyFiles, bounds);
    this.#wallets = new Wallets(wallets);
    const { stateFile } = options;
    if (stateFile !== undefined) {
      this.#state = keepState(this.#store, stateFile, onTrouble);
    }
    const router = nodeRouter(this.#store, this.#wallets, options);
    const { rateLimits } = options;
    this.#limits = rateLimits;
    this.#limiter = this.#newLimiter();
    this.#router = rateLimits ? rateLimited(router, () => this.#limiter) : router;
    const clientOf = (peer: string): string | undefined => this.#ports.clientOf(peer);
    const intercept: Intercept = (path, call) => {
      this.#calls.count(shortName(path), clientOf(call.peer));
      return this.#faults.takeCall(path, call.peer);
    };
    this.#grpc = new GrpcServer(this.#router, intercept, bounds);
    this.#ports = new ClientPorts((socket) => this.#grpc.accept(socket));
    this.#faults = new ArmedFaults(clientOf, onTaken);
    this.#store.tap = this.#faults;
    this.#subscriptions = new OwnedSubscriptions(this.#store.subscriptions, clientOf);
    this.#traffic = new PortTraffic(this.#store, (peer) => this.#ports.connectionOf(peer), onPortEvent);
    this.#store.traffic = this.#traffic;
    this.#store.subscriptions.onChange = (info, open) => this.#traffic.changed(info, open);
    this.#port = options.port;
    this.#historyPort = options.historyPort;
  }

  /** Empties the node where `keep` is false; in any case all connections end, and the ports stay. */
  async restart(keep: boolean): Promise<void> {
    await this.stop();
    try {
      if (!keep) this.#store.clear();
    } finally {
      this.#limiter = this.#newLimiter();
      await this.start();
    }
  }

  /** Gives the state file back; for the end. */
  release(): void {
    this.#state?.release();
  }

  /** Listens; a stopped node takes its old ports again, a running one stays as it is. If one port fails, none is held. */
  async start(): Promise<{ port: number; historyPort: number }> {
    if (!this.#running) {
      try {
        this.#port = await this.#grpc.listen(this.#port);
        this.#historyPort = await this.#history.listen(this.#historyPort);
        await this.#ports.resume();
      } catch (error) {
        await Promise.all([this.#ports.pause(), this.#grpc.close(0), this.#history.close()]);
        throw error;
      }
      this.#running = true;
    }
    return { port: this.#port, historyPort: this.#historyPort };
  }

  /** Streams end UNAVAILABLE, connections are told to go, ports are freed; data is kept. */
  async stop(): Promise<void> {
    this.#running = false;
    this.endStreams(Code.UNAVAILABLE, "service is shutting down");
    await Promise.all([this.#ports.pause(), this.#grpc.close(STOP_GRACE_MS), this.#history.close()]);
    this.#state?.sync();
  }

  stats(): NodeStats {
    const { groupMessages, welcomes, identityLog, keyPackages, commitLog, subscriptions, deliveries } =
      this.#store;
    const cpuMs = threadCpuMs();
    return {
      openSubscriptions: subscriptions.size,
      openConnections: this.#grpc.openConnections,
      connectionErrors: this.#grpc.connectionErrors,
      groupMessages: groupMessages.log.size,
      welcomes: welcomes.log.size,
      identityUpdates: identityLog.size,
      keyPackages: keyPackages.size,
      commitLogEntries: commitLog.size,
      deliveries,
      lostDeliveries: groupMessages.feed.lost,
      encodes: groupMessages.encodes + welcomes.encodes,
      requests: this.#calls.all,
      ...(cpuMs === undefined ? {} : { cpuMs }),
    };
  }

  advanceRateLimits(ms: number): void {
    this.#clockOffsetMs += ms;
  }

  #newLimiter(): RateLimiter {
    return new RateLimiter(this.#limits ?? {}, () => performance.now() + this.#clockOffsetMs);
  }

  subscriptions(): SubscriptionInfo[] {
    return this.#subscriptions.list();
  }

  async openClientPort(client: string, asked: number, observe: boolean): Promise<number> {
    const port = await this.#ports.open(client, asked);
    this.#calls.watch(client);
    if (observe) this.#traffic.listen(client);
    return port;
  }

  callsOf(client: string): Record<string, number> | undefined {
    return this.#calls.of(client);
  }

  sinceLastCall(client: string): number | undefined {
    return this.#calls.sinceLast(client);
  }

  clientConnections(): number {
    return this.#ports.accepted;
  }

  async closeClientPort(client: string): Promise<void> {
    this.#traffic.unlisten(client);
    this.#calls.unwatch(client);
    await this.#ports.close(client);
  }

  clientPorts(): string[] {
    return this.#ports.names;
  }

  async waitForSubscriptions(n: number, timeoutMs: number, whose: SubscriptionOwners = {}): Promise<void> {
    await this.#subscriptions.waitForAtMost(n, timeoutMs, whose);
  }

  failNext(method: string, options: FaultOptions): number {
    const checked = checkFault(options);
    return this.#faults.fail(resolveMethod(this.#router, method), checked);
  }

  delayNext(method: string, options: DelayOptions): number {
    checkDelay(options);
    return this.#faults.delay(resolveMethod(this.#router, method), options);
  }

  disturbDeliveries(kind: DeliveryFaultKind, options: DeliveryFaultOptions): number {
    checkScope(options);
    return this.#faults.delivery(kind, options);
  }

  faults(): NodeFaultInfo[] {
    return this.#faults.list();
  }

  liftFault(id: number): number {
    return this.#faults.lift(id);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  async dropConnections(how: DropKind): Promise<void> {
    await this.#grpc.drop(how);
  }

  releaseIdleConnections(idleMs: number): Promise<number> {
    return this.#grpc.releaseIdle(idleMs);
  }

  addWallet(wallet: TestWallet): void {
    this.#wallets.add(wallet);
  }

  async snapshot(file: string): Promise<void> {
    await writeWhole(file, "snapshot", takeSnapshot(this.#store));
  }

  async restore(file: string): Promise<void> {
    const bytes = await readWhole(file, "snapshot", "BAD_SNAPSHOT");
    const open = this.#store.subscriptions.size;
    if (open > 0) {
      throw new XmtpTestError(
        "STREAMS_OPEN",
        `The node's data cannot be replaced under ${open} open subscriptions.`,
        "End all streams before restore().",
      );
    }
    this.#store.step(() => restoreSnapshot(this.#store, bytes));
  }

  endStreams(code: StatusCode, message: string, which: SubscriptionFilter = {}): number[] {
    return this.#subscriptions.end(new StatusError(checkEnding(code), message), which);
  }

  muteStreams(which: SubscriptionFilter): number[] {
    return this.#subscriptions.mute(which);
  }
}
