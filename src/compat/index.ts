/**
 * What vitest suites of the on-demand worker framework import, over this package's public names: describe-scope
 * workers, verify helpers, SDK names of all generations, inboxes, node faults. `npx playwright-xmtp migrate` rewrites a
 * suite's imports to this entry.
 */
export { describe, describe as suite, it, it as test } from "./suite/describe.js";
export { afterAll, afterEach, beforeAll, beforeEach } from "./suite/describe.js";
export type { CaseOptions, Describe, HookFunction, It } from "./suite/describe.js";
export type { CaseContext } from "./suite/tree.js";
export { expect } from "./expect/index.js";
export type { ExpectExtras } from "./expect/index.js";
export type { ExpectState } from "./expect/state.js";
export { setupDurationTracking, setupSummaryTable, setupTestLifecycle } from "./lifecycle.js";
export { sendPerformanceResult, sendTestResults } from "./lifecycle.js";
export type { LifecycleOptions } from "./lifecycle.js";

export { typeofStream, typeOfSync } from "../../fixtures/index.js";
export { getWorkers } from "./workers/get-workers.js";
export type { GetWorkersOptions } from "./workers/get-workers.js";
export { WorkerManager } from "./workers/manager.js";
export { Worker } from "./workers/worker.js";
export type { Worker as WorkerBase } from "./workers/worker.js";
export { installationThreshold, WorkerClient } from "./workers/worker-client.js";
export type { FileSizes } from "./workers/worker-client.js";
export { streamTimeout } from "./workers/events.js";
export type { CollectedMessage, CollectedUpdate } from "./workers/events.js";
export { defaultNames, getFixedNames, getRandomNames } from "./workers/names.js";
export * from "./workers/versions.js";

export * from "./verify/streams.js";
export * from "./verify/older.js";
export { calculateMessageStats } from "./verify/stats.js";
export type { MessageStats } from "./verify/stats.js";
export type { VerifyStreamResult } from "./verify/result.js";

export { DockerContainer, iptables, blockHostPort, unblockHostPort } from "./containers.js";
export * from "./metrics.js";
export * from "./helpers.js";

export {
  getAddresses,
  getInboxByInstallationCount,
  getInboxes,
  getInboxIds,
  getManualUsers,
  getRandomAddress,
  getRandomInboxIds,
  getRandomInboxIdsWithRandomInstallations,
} from "./sdk/pool.js";
export type { InboxData, ManualUser } from "./sdk/pool.js";
export * from "./sdk/content-types.js";
export * from "./sdk/enums.js";
export { Client } from "./sdk/client-class.js";
export type { Signer } from "./sdk/client-class.js";
export type {
  CompatConversation as Conversation,
  CompatDm as Dm,
  CompatGroup as Group,
  DecodedMessage,
  Identifier,
  Message,
} from "./sdk/types.js";
export type {
  ClientOptions,
  GroupMember,
  GroupMetadata,
  InboxState,
  Installation,
  KeyPackageStatus,
  Reaction,
  XmtpEnv,
} from "@xmtp/node-sdk";
