import type { IdentityAction, IdentityUpdate, Signature } from "../proto/gen/associations_pb.js";
import { parseAccountId } from "./account-id.js";
import { missingField } from "./errors.js";
import { accountOf, memberOf } from "./member.js";
import { loadCurves } from "./signatures/curves.js";
import type { AccountIdentifier, MemberIdentifier } from "../association/member.js";

/** What an update asks for, before any signature is checked. `S` is a signature: as it came, or verified. */
export type Action<S> =
  | {
      readonly kind: "create";
      readonly owner: AccountIdentifier;
      readonly nonce: bigint;
      readonly signature: S;
    }
  | { readonly kind: "add"; readonly member: MemberIdentifier; readonly existing: S; readonly added: S }
  | { readonly kind: "revoke"; readonly member: MemberIdentifier; readonly signature: S }
  | { readonly kind: "changeRecovery"; readonly recovery: AccountIdentifier; readonly signature: S };

/**
 * Reads an update as libxmtp's conversion from protobuf does, in its order: which hole is told depends on it. All actions
 * are looked for before the first is read; nothing is verified.
 *
 * @throws AssociationError for an action, identifier or signature that is missing, and for what cannot be a key or an
 * account.
 */
export async function actionsOf(update: IdentityUpdate): Promise<Action<Signature>[]> {
  if (update.actions.some(({ kind }) => kind.case === undefined))
    throw missingField("action", "identity::associations::identity_action::Kind");
  const actions: Action<Signature>[] = [];
  for (const action of update.actions) actions.push(await actionOf(action));
  return actions;
}

async function actionOf({ kind }: IdentityAction): Promise<Action<Signature>> {
  switch (kind.case) {
    case "createInbox": {
      const { initialIdentifier, initialIdentifierKind, nonce, initialIdentifierSignature } = kind.value;
      const owner = accountOf(initialIdentifier, initialIdentifierKind);
      return { kind: "create", owner, nonce, signature: await present(initialIdentifierSignature) };
    }
    case "add": {
      const added = await present(kind.value.newMemberSignature);
      const existing = await present(kind.value.existingMemberSignature);
      const member = memberOf(kind.value.newMemberIdentifier, "member_identifier");
      return { kind: "add", member, existing, added };
    }
    case "revoke": {
      const signature = await present(kind.value.recoveryIdentifierSignature);
      return { kind: "revoke", member: memberOf(kind.value.memberToRevoke, "member_to_revoke"), signature };
    }
    case "changeRecoveryAddress": {
      const { newRecoveryIdentifier, newRecoveryIdentifierKind, existingRecoveryIdentifierSignature } =
        kind.value;
      const recovery = accountOf(newRecoveryIdentifier, newRecoveryIdentifierKind);
      return {
        kind: "changeRecovery",
        recovery,
        signature: await present(existingRecoveryIdentifierSignature),
      };
    }
    default:
      throw missingField("action", "identity::associations::identity_action::Kind");
  }
}

async function present(proto: Signature | undefined): Promise<Signature> {
  if (proto === undefined) throw missingField("signature", "identity::associations::Signature");
  const { signature } = proto;
  switch (signature.case) {
    case undefined:
      throw missingField("signature", "identity::associations::signature::Signature");
    case "delegatedErc191":
      if (signature.value.signature === undefined)
        throw missingField("signature", "identity::associations::RecoverableEcdsaSignature");
      if (signature.value.delegatedKey === undefined)
        throw missingField("delegated_key", "message_contents::SignedPublicKey");
      return proto;
    case "installationKey": {
      const { installation } = await loadCurves();
      installation.checkInstallationKey(signature.value.publicKey);
      return proto;
    }
    case "erc6492":
      parseAccountId(signature.value.accountId);
      return proto;
    default:
      return proto;
  }
}
