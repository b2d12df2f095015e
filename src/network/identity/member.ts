import { IdentifierKind } from "../proto/gen/associations_pb.js";
import type { MemberIdentifier as MemberIdentifierProto } from "../proto/gen/associations_pb.js";
import { AssociationError } from "./errors.js";

export type MemberKind = "ethereum" | "installation" | "passkey";

/**
 * Who can belong to an inbox. `value` is the Ethereum address as it came (compared as text: recovered signers are in
 * lower case), else the public key as lower-case hex. The relying party of a passkey is no part of its identity.
 */
export interface MemberIdentifier {
  readonly kind: MemberKind;
  readonly value: string;
}

/** An owner or recovery identifier: anything but an installation. */
export interface AccountIdentifier extends MemberIdentifier {
  readonly kind: "ethereum" | "passkey";
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export const memberKey = ({ kind, value }: MemberIdentifier): string => `${kind}:${value}`;

export const sameMember = (a: MemberIdentifier, b: MemberIdentifier): boolean =>
  a.kind === b.kind && a.value === b.value;

/** @throws AssociationError when the identifier is missing. */
export function memberOf(proto: MemberIdentifierProto | undefined, field: string): MemberIdentifier {
  switch (proto?.kind.case) {
    case "ethereumAddress":
      return { kind: "ethereum", value: proto.kind.value };
    case "installationPublicKey":
      return { kind: "installation", value: hex(proto.kind.value) };
    case "passkey":
      return { kind: "passkey", value: hex(proto.kind.value.key) };
    default:
      throw new AssociationError(`missing ${field}`);
  }
}

/** An unspecified kind is Ethereum: older clients leave it out. */
export function accountOf(value: string, kind: IdentifierKind): AccountIdentifier {
  if (kind !== IdentifierKind.PASSKEY) return { kind: "ethereum", value };
  if (!/^([0-9a-f]{2})*$/i.test(value))
    throw new AssociationError("invalid passkey public key: it must be hex");
  return { kind: "passkey", value: value.toLowerCase() };
}
