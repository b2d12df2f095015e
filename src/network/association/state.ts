import type { AccountIdentifier, MemberIdentifier } from "./member.js";

export interface Member {
  readonly identifier: MemberIdentifier;
  /** Who let it in; undefined for the owner that created the inbox. */
  readonly addedBy: MemberIdentifier | undefined;
  /** Chain of the smart contract wallet that it signed with when it came in. */
  readonly chainId: bigint | undefined;
}

/** What the verified updates of one inbox add up to. Never changed in place: an update makes a new one. */
export interface AssociationState {
  readonly inboxId: string;
  /** By `memberKey` */
  readonly members: ReadonlyMap<string, Member>;
  readonly recovery: AccountIdentifier;
  /** Canonical bytes (hex) of every signature of every update so far. */
  readonly seenSignatures: ReadonlySet<string>;
}

/** Ethereum addresses that an update brought into an inbox, or took out: what address look-ups change by. */
export interface AccountChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Compares the states around an update; an account that came and went within it is not a change. */
export function accountChanges(
  before: AssociationState | undefined,
  after: AssociationState,
): AccountChanges {
  const missing = (from: AssociationState | undefined, other: AssociationState | undefined): string[] =>
    [...(from?.members ?? [])]
      .filter(([key, { identifier }]) => identifier.kind === "ethereum" && other?.members.has(key) !== true)
      .map(([, { identifier }]) => identifier.value);
  return { added: missing(after, before), removed: missing(before, after) };
}
