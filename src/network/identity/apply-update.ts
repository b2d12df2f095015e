import { toBinary } from "@bufbuild/protobuf";
import { SignatureSchema } from "../proto/gen/associations_pb.js";
import type { IdentityUpdate, Signature } from "../proto/gen/associations_pb.js";
import { actionsOf } from "./actions.js";
import type { Action } from "./actions.js";
import { AssociationError } from "./errors.js";
import { hex } from "../association/member.js";
import { applyAction, signaturesOf } from "./rules.js";
import { signatureText } from "./signatures/signature-text.js";
import type { SmartContractWalletVerifier } from "./signatures/smart-contract-wallet.js";
import type { AssociationState } from "../association/state.js";
import { verifySignature } from "./signatures/verify-signature.js";
import type { VerifiedSignature } from "./signatures/verify-signature.js";

/**
 * The state of an inbox after one more update: all its signatures are verified first, then its actions are applied
 * in order, all or none. `state` is undefined before the first update, and is left as it was.
 *
 * The number of updates per inbox is not limited here.
 *
 * @throws AssociationError, and nothing else, whatever the update holds.
 */
export async function applyIdentityUpdate(
  state: AssociationState | undefined,
  update: IdentityUpdate,
  wallets: SmartContractWalletVerifier,
): Promise<AssociationState> {
  const actions = await verifyActions(update, wallets);
  let next = state;
  for (const action of actions) next = applyAction(next, action);
  if (next === undefined) throw new AssociationError("XID not yet created");
  if (next.inboxId !== update.inboxId) throw new AssociationError("Wrong inbox_id specified on association");
  // Only now: within one update a signature may serve several actions (clients create and add with one).
  const seen = new Set(next.seenSignatures);
  for (const action of actions) for (const { id } of signaturesOf(action)) seen.add(id);
  return { ...next, seenSignatures: seen };
}

async function verifyActions(
  update: IdentityUpdate,
  wallets: SmartContractWalletVerifier,
): Promise<Action<VerifiedSignature>[]> {
  const actions = await actionsOf(update);
  const text = signatureText(update.inboxId, update.clientTimestampNs, actions);
  const known = new Map<string, Promise<VerifiedSignature>>();
  const verify = (signature: Signature): Promise<VerifiedSignature> => {
    const key = hex(toBinary(SignatureSchema, signature));
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    const verdict = verifySignature(text, signature, wallets);
    known.set(key, verdict);
    return verdict;
  };
  // The real node polls all actions side by side: what needs no chain is judged first, in order, each action up to its
  // first wallet; then the chains answer.
  for (const action of actions) {
    for (const signature of inOrder(action)) {
      if (signature.signature.case === "erc6492") break;
      await verify(signature);
    }
  }
  const result: Action<VerifiedSignature>[] = [];
  for (const action of actions) {
    if (action.kind === "add") {
      const added = await verify(action.added);
      result.push({ ...action, added, existing: await verify(action.existing) });
    } else {
      result.push({ ...action, signature: await verify(action.signature) });
    }
  }
  return result;
}

/** An action's signatures in the order in which they are verified. */
function inOrder(action: Action<Signature>): Signature[] {
  return action.kind === "add" ? [action.added, action.existing] : [action.signature];
}
