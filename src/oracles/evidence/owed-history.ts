import type { LedgerEvent } from "../../ledger/events.js";
import { absencesOf } from "./absences.js";
import { clockSkewMs, membershipChanges } from "./changes.js";
import type { ConversationSnapshot, SnapshotMessage } from "../../ledger/snapshot.js";

/**
 * Which messages of a conversation each installation's database must hold. MLS gives nobody the past: what was sent
 * before an installation was made, before its inbox was first added, or between its removal and re-addition is not
 * asked.
 *
 * Without evidence in the ledger every message is asked of everybody.
 */
export function owedHistory(
  events: readonly LedgerEvent[],
  conversationId: string,
): (snapshot: ConversationSnapshot) => (message: SnapshotMessage) => boolean {
  const changes = membershipChanges(events, conversationId).get(conversationId) ?? [];
  const sentAt = new Map(
    events.flatMap((one) =>
      one.kind === "send" && one.messageId !== undefined ? [[one.messageId, one.wall] as const] : [],
    ),
  );
  return ({ inboxId, installationId }) => {
    const absences = absencesOf(changes.filter((one) => one.inboxId === inboxId));
    const made = madeAt(events, installationId);
    return (message) => {
      const stamp = Number(message.sentAtNs) / 1e6;
      // The making is of this process's clock, as its sends are; a stamp is of the node's.
      if ((sentAt.get(message.id) ?? stamp - clockSkewMs) <= made) return false;
      return !absences.some((one) => one.from <= stamp && stamp <= one.to);
    };
  };
}

/** What is recorded of a new installation's making. */
export const makings: ReadonlySet<string> = new Set(["created", "installation_added", "reinstalled"]);

/** When an installation was made, Unix ms; -Infinity where the ledger does not say. */
export function madeAt(events: readonly LedgerEvent[], installationId: string): number {
  const made = events.find(
    (one) => one.kind === "lifecycle" && one.installationId === installationId && makings.has(one.state),
  );
  return made?.wall ?? -Infinity;
}
