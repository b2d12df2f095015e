import type { IdentityUpdate, Signature } from "../proto/gen/associations_pb.js";
import { AssociationError } from "./errors.js";
import { accountOf, memberOf } from "./member.js";
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

/** @throws AssociationError for an action, identifier or signature that is missing. */
export function actionsOf(update: IdentityUpdate): Action<Signature>[] {
  return update.actions.map(({ kind }): Action<Signature> => {
    switch (kind.case) {
      case "createInbox": {
        const { initialIdentifier, initialIdentifierKind, nonce, initialIdentifierSignature } = kind.value;
        const owner = accountOf(initialIdentifier, initialIdentifierKind);
        return { kind: "create", owner, nonce, signature: present(initialIdentifierSignature) };
      }
      case "add": {
        const { newMemberIdentifier, existingMemberSignature, newMemberSignature } = kind.value;
        const member = memberOf(newMemberIdentifier, "member_identifier");
        return {
          kind: "add",
          member,
          existing: present(existingMemberSignature),
          added: present(newMemberSignature),
        };
      }
      case "revoke": {
        const { memberToRevoke, recoveryIdentifierSignature } = kind.value;
        const member = memberOf(memberToRevoke, "member_to_revoke");
        return { kind: "revoke", member, signature: present(recoveryIdentifierSignature) };
      }
      case "changeRecoveryAddress": {
        const { newRecoveryIdentifier, newRecoveryIdentifierKind, existingRecoveryIdentifierSignature } =
          kind.value;
        const recovery = accountOf(newRecoveryIdentifier, newRecoveryIdentifierKind);
        return { kind: "changeRecovery", recovery, signature: present(existingRecoveryIdentifierSignature) };
      }
      default:
        throw new AssociationError("missing action");
    }
  });
}

function present(signature: Signature | undefined): Signature {
  if (signature === undefined) throw new AssociationError("missing signature");
  return signature;
}
