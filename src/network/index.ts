import { EmbeddedNode } from "./node/embedded-node.js";
import type { NodeOptions } from "./node/node-options.js";

export { connectNetwork } from "./connect.js";
export type { ConnectOptions } from "./connect.js";
export type { NodeMethod } from "./node/node-method.js";
export type { NetworkFault } from "./node/network-fault.js";
export type { FaultWindow } from "./node/network-verbs.js";
export type { EmbeddedNode } from "./node/embedded-node.js";
export type { ClientPortOptions, NodeOptions } from "./node/node-options.js";
export type {
  DelayOptions,
  DeliveryFaultKind,
  DeliveryFaultOptions,
  FaultOptions,
  FaultScope,
  NodeFaultInfo,
} from "./faults/faults.js";
export type { PortEvent } from "./node/port-traffic.js";
export type { RateLimitOptions } from "./services/rate-limits.js";
export { checkRealism } from "./store/realism.js";
export type { Realism } from "./store/realism.js";
export { Code } from "./grpc/status.js";
export type { StatusCode } from "./grpc/status.js";
export type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
} from "./identity/signatures/smart-contract-wallet.js";
export type { TestWallet } from "./identity/signatures/test-wallets.js";
export type { SubscriptionInfo } from "./store/subscriptions.js";
export type { NodeStats, SubscriptionFilter, SubscriptionOwners, XmtpNetwork } from "./types.js";

/**
 * Starts an embedded XMTP node on the loopback address.
 *
 * @throws XmtpTestError `PORT_IN_USE` or `BAD_PORT` for a given port; `BAD_CHAIN` or `INVALID_OPTION` for another option;
 *   `NOT_A_FILE`, `BAD_STATE_FILE`, `STATE_IN_USE` or `STATE_NOT_STORED` for `stateFile`; `THREAD_START` when the thread
 *   fails
 */
export function startNode(options: NodeOptions = {}): Promise<EmbeddedNode> {
  return EmbeddedNode.start(options);
}
