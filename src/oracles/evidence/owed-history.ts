import type { LedgerEvent } from "../../ledger/events.js";
import type { ConversationSnapshot, SnapshotMessage } from "../../ledger/snapshot.js";

/** A stretch of wall time in milliseconds in which an inbox was certainly not a member. */
interface Absence {
  readonly from: number;
  readonly to: number;
}

/**
 * Which messages this installation's database must hold. MLS gives nobody the past: what was sent before an
 * installation was made, before its inbox was first added, or between its removal and re-addition is not asked.
 *
 * Without evidence in the ledger every message is asked of everybody.
 */
export function owedHistory(
  events: readonly LedgerEvent[],
  { conversationId, inboxId, installationId }: ConversationSnapshot,
): (message: SnapshotMessage) => boolean {
  const absences = [
    ...absencesOf(events, conversationId, inboxId),
    { from: -Infinity, to: madeAt(events, installationId) },
  ];
  return (message) => {
    const sentAt = Number(message.sentAtNs) / 1e6;
    return !absences.some((one) => one.from <= sentAt && sentAt <= one.to);
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

function absencesOf(events: readonly LedgerEvent[], conversationId: string, inboxId: string): Absence[] {
  const changes = new Map<number, "joined" | "left">();
  for (const event of events) {
    if (event.kind !== "receive" || event.conversationId !== conversationId || !event.update) continue;
    const stamp = Number(event.sentAtNs) / 1e6;
    const { addedInboxIds, removedInboxIds, leftInboxIds } = event.update;
    if (addedInboxIds.includes(inboxId)) changes.set(stamp, "joined");
    if (removedInboxIds.includes(inboxId) || leftInboxIds.includes(inboxId)) changes.set(stamp, "left");
  }
  const absences: Absence[] = [];
  const inOrder = [...changes].sort(([a], [b]) => a - b);
  // Whoever is added first was no member before; whoever is removed first had been one from the start.
  let absentSince = inOrder[0]?.[1] === "joined" ? -Infinity : undefined;
  for (const [stamp, change] of inOrder) {
    if (change === "left") absentSince ??= stamp;
    else if (absentSince !== undefined) {
      absences.push({ from: absentSince, to: stamp });
      absentSince = undefined;
    }
  }
  return absentSince === undefined ? absences : [...absences, { from: absentSince, to: Infinity }];
}
