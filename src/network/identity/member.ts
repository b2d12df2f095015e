import { IdentifierKind } from "../proto/gen/associations_pb.js";
import type { MemberIdentifier as MemberIdentifierProto } from "../proto/gen/associations_pb.js";
import { hex } from "../association/member.js";
import type { AccountIdentifier, MemberIdentifier } from "../association/member.js";
import { AssociationError, missingField } from "./errors.js";

/** @param field the name that the error gives it @throws AssociationError when the identifier is missing. */
export function memberOf(proto: MemberIdentifierProto | undefined, field: string): MemberIdentifier {
  if (proto === undefined) throw missingField(field, "identity::associations::MemberIdentifier");
  switch (proto.kind.case) {
    case "ethereumAddress":
      return { kind: "ethereum", value: proto.kind.value };
    case "installationPublicKey":
      return { kind: "installation", value: hex(proto.kind.value) };
    case "passkey":
      return { kind: "passkey", value: hex(proto.kind.value.key) };
    default:
      throw missingField("member_identifier", "identity::associations::member_identifier::Kind");
  }
}

/** An unspecified kind is Ethereum: older clients leave it out. */
export function accountOf(value: string, kind: IdentifierKind): AccountIdentifier {
  if (kind !== IdentifierKind.PASSKEY) return { kind: "ethereum", value };
  if (!/^([0-9a-f]{2})*$/i.test(value)) throw new AssociationError("passkey is invalid: None");
  return { kind: "passkey", value: value.toLowerCase() };
}
