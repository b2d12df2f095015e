import { workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { methodsOf, serveThread } from "../../threads/serve-thread.js";
import { ChainVerifier } from "../identity/signatures/chain-verifier.js";
import { loadCurves } from "../identity/signatures/curves.js";
import { NodeServer } from "./node-server.js";
import type { ServiceOptions } from "../services/router.js";
import type { RateLimitOptions } from "../services/rate-limits.js";
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
  /** Takes what clients did at their ports: a way of its own, as the parent may not wait for its turn to read it. */
  readonly portEvents: MessagePort;
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
  (event) => data.portEvents.postMessage(event),
);

const methods = {
  ...methodsOf(server),
  walletVerdict: (id: number, verdict: WalletVerdict) => hook.answer(id, verdict),
};

/** What the parent may call: every public method of the server, under its own name and types. */
export type NodeThread = typeof methods;

const report = serveThread(methods, await server.start());
// The first registration needs them; until then the test imports its SDK, so this costs nobody time.
await loadCurves();
