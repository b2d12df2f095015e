/**
 * Pure functions that judge a ledger or snapshots. None of them sees a client, waits, or has state: the same
 * input gives the same {@link Verdict}. "Nothing to judge" and "cannot know yet" are `inconclusive`, never `pass`.
 */
export { combineVerdicts, verdictLines } from "./verdict.js";
export type { Fail, Inconclusive, Offender, Pass, Verdict } from "./verdict.js";
export type { Scope } from "../ledger/history.js";
export { exactlyOnce } from "./exactly-once.js";
export type { ExactlyOnceOptions } from "./exactly-once.js";
export { noLoss, noLossInDatabase } from "./no-loss.js";
export type { LossOptions } from "./no-loss.js";
export { noForeign } from "./no-foreign.js";
export type { ForeignOptions } from "./no-foreign.js";
export { orderPerConversation, orderPerSender } from "./order.js";
export { gapAfterReconnect } from "./gap-after-reconnect.js";
export type { GapOptions } from "./gap-after-reconnect.js";
export { clockSkew } from "./clock-skew.js";
export type { SkewOptions } from "./clock-skew.js";
export { convergence } from "./convergence.js";
export type { ConvergenceOptions } from "./convergence.js";
export { forkStatus } from "./fork-status.js";
export type { ForkOptions } from "./fork-status.js";
export { stopGuarantee, streamGuarantee } from "./streams.js";
export { membershipsOf } from "./evidence/membership.js";
export type { Membership } from "./evidence/membership.js";
export type {
  Expected,
  Latency,
  Observed,
  ReceiverReport,
  Verification,
  VerificationRules,
} from "./verification.js";
export { verify } from "./verification.js";
export {
  verifyConsent,
  verifyConversations,
  verifyMembership,
  verifyMessages,
  verifyMetadata,
  verifyResponses,
} from "./verifications.js";
export type { ExpectedMessage } from "./verifications.js";
export type { Installation } from "./evidence/listening.js";
