import type { LedgerEvent } from "../../ledger/events.js";
import { clockSkewMs, membershipChanges } from "./changes.js";
import type { Change } from "./changes.js";
import type { ConversationSnapshot, SnapshotMessage } from "../../ledger/snapshot.js";

/** A stretch of wall time in milliseconds in which an inbox was certainly not a member. */
interface Absence {
  readonly from: number;
  readonly to: number;
}

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

function absencesOf(changes: readonly Change[]): Absence[] {
  const absences: Absence[] = [];
  // Whoever is added first was not a member before; whoever is removed first had been one from the start.
  let absentSince = changes[0]?.change === "joined" ? -Infinity : undefined;
  for (const { stamp, change } of changes) {
    if (change === "left") absentSince ??= stamp;
    else if (absentSince !== undefined) {
      absences.push({ from: absentSince, to: stamp });
      absentSince = undefined;
    }
  }
  return absentSince === undefined ? absences : [...absences, { from: absentSince, to: Infinity }];
}
