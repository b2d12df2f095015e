import { workerData } from "node:worker_threads";
import { serveThread } from "../../threads/serve-thread.js";
import type {
  DelayOptions,
  DeliveryFaultKind,
  DeliveryFaultOptions,
  FaultOptions,
} from "../faults/faults.js";
import type { DropKind } from "../grpc/server.js";
import { ChainVerifier } from "../identity/signatures/chain-verifier.js";
import type { TestWallet } from "../identity/signatures/test-wallets.js";
import { loadCurves } from "../identity/signatures/curves.js";
import { NodeServer } from "./node-server.js";
import type { ServiceOptions } from "../services/router.js";
import type { RateLimitOptions } from "../services/rate-limits.js";
import type { SubscriptionFilter, SubscriptionOwners } from "../types.js";
import type { Realism } from "../store/realism.js";
import { RemoteWalletHook } from "./wallet-hook.js";
import type { WalletVerdict } from "./wallet-hook.js";

/** What the thread is started with. */
export interface NodeThreadData extends ServiceOptions {
  readonly port: number;
  readonly historyPort: number;
  /** Whether the parent answers for smart contract wallets. */
  readonly walletHook: boolean;
  /** RPC URLs by CAIP-2 chain id. */
  readonly chainRpcUrls: Readonly<Record<string, string>> | undefined;
  readonly chainTimeoutMs: number | undefined;
  readonly realism: Realism;
  readonly seed: string;
  readonly rateLimits: RateLimitOptions | undefined;
  readonly stateFile: string | undefined;
  readonly allowedHosts: readonly string[];
}

const data = workerData as NodeThreadData;
const hook = new RemoteWalletHook((question) => report("verifyWallet", question));
const { chainRpcUrls, chainTimeoutMs: timeoutMs } = data;
const wallets = {
  hook: data.walletHook ? hook : undefined,
  chains: chainRpcUrls && new ChainVerifier(chainRpcUrls, timeoutMs === undefined ? {} : { timeoutMs }),
};
const server = new NodeServer(
  data,
  wallets,
  (id, taken) => report("faultTaken", { id, taken }),
  (trouble) => report("trouble", trouble),
  (event) => report("port", event),
);

const methods = {
  stats: () => server.stats(),
  subscriptions: () => server.subscriptions(),
  waitForSubscriptions: (n: number, timeoutMs: number, whose?: SubscriptionOwners) =>
    server.waitForSubscriptions(n, timeoutMs, whose),
  failNext: (method: string, options: FaultOptions) => server.failNext(method, options),
  delayNext: (method: string, options: DelayOptions) => server.delayNext(method, options),
  disturbDeliveries: (kind: DeliveryFaultKind, options: DeliveryFaultOptions) =>
    server.disturbDeliveries(kind, options),
  faults: () => server.faults(),
  liftFault: (id: number) => server.liftFault(id),
  openClientPort: (client: string, port: number, observe: boolean) =>
    server.openClientPort(client, port, observe),
  closeClientPort: (client: string) => server.closeClientPort(client),
  clientPorts: () => server.clientPorts(),
  callsOf: (client: string) => server.callsOf(client),
  advanceRateLimits: (ms: number) => server.advanceRateLimits(ms),
  clearFaults: () => server.clearFaults(),
  dropConnections: (how: DropKind) => server.dropConnections(how),
  releaseIdleConnections: (idleMs: number) => server.releaseIdleConnections(idleMs),
  endStreams: (code: number, message: string, which: SubscriptionFilter) =>
    server.endStreams(code, message, which),
  muteStreams: (which: SubscriptionFilter) => server.muteStreams(which),
  addWallet: (wallet: TestWallet) => server.addWallet(wallet),
  walletVerdict: (id: number, verdict: WalletVerdict) => hook.answer(id, verdict),
  start: () => server.start(),
  stop: () => server.stop(),
  restart: (keep: boolean) => server.restart(keep),
  release: () => server.release(),
  snapshot: (file: string) => server.snapshot(file),
  restore: (file: string) => server.restore(file),
};

/** What the parent may call. */
export type NodeThread = typeof methods;

const report = serveThread(methods, await server.start());
// The first registration needs them; until then the test imports its SDK, so this costs nobody time.
await loadCurves();
