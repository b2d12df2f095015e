import { resolve } from "node:path";
import { XmtpTestError } from "../../errors.js";
import { checkPort } from "../../threads/listening.js";
import { checkHosts } from "../bounds/known-hosts.js";
import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
} from "../identity/signatures/smart-contract-wallet.js";
import { checkRateLimits } from "../services/rate-limits.js";
import type { RateLimitOptions } from "../services/rate-limits.js";
import { checkRealism } from "../store/realism.js";
import type { Realism } from "../store/realism.js";
import { checkChains } from "./chains.js";
import type { NodeThreadData } from "./node-thread.js";

/** Options of an embedded node, {@link startNode}. All have defaults. */
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

/** Options of a client's own port, {@link EmbeddedNode.openClientPort}. */
export interface ClientPortOptions {
  /** The port to take. Default 0: a free one. */
  readonly port?: number;
  /** Whether {@link EmbeddedNode.onPortEvent} reports what this client publishes, receives and subscribes to. Default false. */
  readonly observe?: boolean;
}

/** xmtp-node-go's ping interval, and xmtpd's. */
const DEFAULT_KEEPALIVE_MS = 30_000;
/** Node's timers go no further. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * The options as the thread takes them: checked, and with their defaults.
 *
 * @throws XmtpTestError for the first that is wrong: `BAD_PORT` for a port; `BAD_CHAIN` for `chainRpcUrls` and
 *   `chainTimeoutMs`; `INVALID_OPTION` for `keepaliveMs`, `realism`, `rateLimits` and `allowedHosts`
 */
export function checkedNodeOptions(options: NodeOptions): Omit<NodeThreadData, "portEvents"> {
  return {
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
}

function checkKeepalive(ms: number): number {
  if (Number.isInteger(ms) && ms > 0 && ms <= MAX_TIMER_MS) return ms;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `The node's option keepaliveMs is ${ms}.`,
    `Give whole milliseconds from 1 to ${MAX_TIMER_MS}.`,
  );
}
