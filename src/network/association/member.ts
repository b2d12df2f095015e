export type MemberKind = "ethereum" | "installation" | "passkey";

/**
 * Who can belong to an inbox. `value` is the Ethereum address as it came (compared as text: recovered signers are in
 * lower case), else the public key as lower-case hex. The relying party of a passkey is not part of its identity.
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
