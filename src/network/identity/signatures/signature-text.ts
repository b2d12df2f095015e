import type { Action } from "../actions.js";
import type { MemberIdentifier } from "../../association/member.js";

const ADD = {
  installation: "Grant messaging access to app",
  ethereum: "Link address to inbox",
  passkey: "Link passkey to inbox",
} as const;
const REVOKE = {
  installation: "Revoke messaging access from app",
  ethereum: "Unlink address from inbox",
  passkey: "Unlink passkey from inbox",
} as const;
const LABEL = { installation: "ID", ethereum: "Address", passkey: "Passkey" } as const;

/** The one text that every signature of an update signs. */
export function signatureText(
  inboxId: string,
  clientTimestampNs: bigint,
  actions: readonly Action<unknown>[],
): string {
  return [
    "XMTP : Authenticate to inbox",
    "",
    `Inbox ID: ${inboxId}`,
    `Current time: ${wholeSeconds(clientTimestampNs)}`,
    "",
    actions.map(lines).join("\n"),
    "",
    "For more info: https://xmtp.org/signatures",
  ].join("\n");
}

function lines(action: Action<unknown>): string {
  switch (action.kind) {
    case "create":
      return `- Create inbox\n  (Owner: ${action.owner.value})`;
    case "add":
      return `- ${ADD[action.member.kind]}\n  (${named(action.member)})`;
    case "revoke":
      return `- ${REVOKE[action.member.kind]}\n  (${named(action.member)})`;
    case "changeRecovery":
      // "Address" also for a passkey: that is what clients sign.
      return `- Change inbox recovery address\n  (Address: ${action.recovery.value})`;
  }
}

const named = ({ kind, value }: MemberIdentifier): string => `${LABEL[kind]}: ${value}`;

const NS_PER_SECOND = 1_000_000_000n;

/** RFC 3339 in UTC, rounded down. The protocol reads the unsigned field as a signed number of nanoseconds. */
function wholeSeconds(ns: bigint): string {
  const signed = BigInt.asIntN(64, ns);
  const remainder = ((signed % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  const milliseconds = Number(((signed - remainder) / NS_PER_SECOND) * 1000n);
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}
