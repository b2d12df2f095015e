import { EmbeddedNode } from "./embedded-node.js";
import type { NodeOptions } from "./embedded-node.js";

export { connectNetwork } from "./connect.js";
export type { ConnectOptions } from "./connect.js";
export type { EmbeddedNode, NodeOptions } from "./embedded-node.js";
export type {
  DelayOptions,
  DeliveryFaultKind,
  DeliveryFaultOptions,
  FaultOptions,
  FaultScope,
  NodeFaultInfo,
} from "./faults.js";
export type { RateLimitOptions } from "./rate-limits.js";
export { Code } from "./grpc/status.js";
export type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
} from "./identity/smart-contract-wallet.js";
export type { TestWallet } from "./identity/test-wallets.js";
export type { SubscriptionInfo } from "./store/subscriptions.js";
export type { NodeStats, SubscriptionFilter, XmtpNetwork } from "./types.js";

/**
 * Starts an embedded XMTP node on the loopback address.
 *
 * @throws XmtpTestError `PORT_IN_USE` or `BAD_PORT` for a given port, `THREAD_START` when the thread fails
 */
export function startNode(options: NodeOptions = {}): Promise<EmbeddedNode> {
  return EmbeddedNode.start(options);
}
