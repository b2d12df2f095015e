/** Who belongs to an inbox: identity updates, verified and applied as the real node's validation service does. */
export { applyIdentityUpdate } from "./apply-update.js";
export { ChainVerifier } from "./signatures/chain-verifier.js";
export { AssociationError } from "./errors.js";
export { inboxIdOf } from "./inbox-id.js";
export { answerSignatureRequest } from "./signatures/smart-contract-wallet.js";
export { accountChanges } from "../association/state.js";
export type { AssociationState } from "../association/state.js";
export { TestWallets } from "./signatures/test-wallets.js";
