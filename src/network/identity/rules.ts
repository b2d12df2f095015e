import type { Action } from "./actions.js";
import { AssociationError } from "./errors.js";
import { inboxIdOf } from "./inbox-id.js";
import { memberKey, sameMember } from "../association/member.js";
import type { MemberIdentifier } from "../association/member.js";
import type { AssociationState, Member } from "../association/state.js";
import type { VerifiedSignature } from "./signatures/verify-signature.js";

type Verified<K extends Action<unknown>["kind"]> = Extract<Action<VerifiedSignature>, { kind: K }>;

/**
 * The state after one action of an update. The order of the checks decides which error a client sees.
 *
 * Whether a signature's kind fits its signer needs no rule here: each kind of member has kinds of signature of its own.
 */
export function applyAction(
  state: AssociationState | undefined,
  action: Action<VerifiedSignature>,
): AssociationState {
  if (action.kind === "create") return create(state, action);
  if (state === undefined) throw new AssociationError("XID not yet created");
  for (const { id } of signaturesOf(action)) {
    if (state.seenSignatures.has(id)) throw new AssociationError("Replay detected");
  }
  switch (action.kind) {
    case "add":
      return add(state, action);
    case "revoke":
      return revoke(state, action);
    case "changeRecovery":
      signedByRecovery(state, action.signature);
      return { ...state, recovery: action.recovery };
  }
}

export function signaturesOf<S>(action: Action<S>): S[] {
  return action.kind === "add" ? [action.existing, action.added] : [action.signature];
}

function create(state: AssociationState | undefined, action: Verified<"create">): AssociationState {
  if (state !== undefined) throw new AssociationError("Multiple create operations detected");
  const { owner, nonce, signature } = action;
  if (!sameMember(signature.signer, owner)) throw new AssociationError("Missing existing member");
  if (signature.delegated && nonce !== 0n) throw delegatedElsewhere();
  const member: Member = { identifier: owner, addedBy: undefined, chainId: signature.chainId };
  return {
    inboxId: inboxIdOf(owner, nonce),
    members: new Map([[memberKey(owner), member]]),
    recovery: owner,
    seenSignatures: new Set(),
  };
}

function add(state: AssociationState, action: Verified<"add">): AssociationState {
  const { member, existing, added } = action;
  if (!sameMember(added.signer, member))
    throw new AssociationError("The new member identifier does not match the signer");
  if (sameMember(added.signer, existing.signer))
    throw new AssociationError("Error creating association tried to add self");
  if ((added.delegated || existing.delegated) && !isFirstInboxOf(existing.signer, state))
    throw delegatedElsewhere();
  chainFits(state, existing);
  if (!state.members.has(memberKey(existing.signer))) {
    if (!sameMember(existing.signer, state.recovery)) throw new AssociationError("Missing existing member");
    if (existing.delegated) throw delegatedElsewhere();
  }
  if (existing.signer.kind === "installation" && member.kind === "installation")
    throw new AssociationError("Member of kind installation not allowed to add installation");
  const newcomer: Member = { identifier: member, addedBy: existing.signer, chainId: added.chainId };
  return { ...state, members: new Map(state.members).set(memberKey(member), newcomer) };
}

function revoke(state: AssociationState, action: Verified<"revoke">): AssociationState {
  signedByRecovery(state, action.signature);
  const members = [...state.members].filter(([, member]) => !leavesWith(member, action.member));
  return { ...state, members: new Map(members) };
}

/** Whoever is revoked takes along the installations that it let in, but not the accounts. */
function leavesWith({ identifier, addedBy }: Member, revoked: MemberIdentifier): boolean {
  if (sameMember(identifier, revoked)) return true;
  return identifier.kind === "installation" && addedBy !== undefined && sameMember(addedBy, revoked);
}

/** Delegated keys may sign in the inbox that their wallet had first; an installation has none, and is not asked. */
function isFirstInboxOf({ kind, value }: MemberIdentifier, state: AssociationState): boolean {
  return kind === "installation" || inboxIdOf({ kind, value }, 0n) === state.inboxId;
}

function delegatedElsewhere(): AssociationError {
  return new AssociationError(
    "Legacy key is only allowed to be associated using a legacy signature with nonce 0",
  );
}

function signedByRecovery(state: AssociationState, signature: VerifiedSignature): void {
  chainFits(state, signature);
  if (signature.delegated)
    throw new AssociationError('Signature not allowed for role "ethereum" "legacy-delegated"');
  if (!sameMember(signature.signer, state.recovery)) throw new AssociationError("Missing existing member");
}

/** A member that came in by a wallet on one chain signs on that chain only, and a plain key as a plain key. */
function chainFits(state: AssociationState, { signer, chainId }: VerifiedSignature): void {
  const member = state.members.get(memberKey(signer));
  if (member !== undefined && member.chainId !== chainId)
    throw new AssociationError(
      `Wrong chain id. Initially added with ${member.chainId ?? 0} but now signing from ${chainId ?? 0}`,
    );
}
