import type { LedgerEvent } from "../../ledger/events.js";
import { groupBy } from "../../ledger/group.js";
import { membershipChanges, nodeClock } from "./changes.js";
import type { Change } from "./changes.js";
import { Spans } from "./spans.js";

/** A stretch of wall time in Unix ms in which an inbox was not a member. */
export interface Absence {
  readonly from: number;
  readonly to: number;
  /** Whether its ends are of the node's clock, as messages are. */
  readonly certain: boolean;
}

/** When an inbox was not a member, by its changes in the order of the commits. */
export function absencesOf(changes: readonly Change[]): Absence[] {
  const absences: Absence[] = [];
  // Whoever is added first was not a member before; whoever is removed first had been one from the start.
  let since = changes[0]?.change === "joined" ? { from: -Infinity, certain: true } : undefined;
  for (const { stamp, clock, change } of changes) {
    const certain = clock === nodeClock;
    if (change === "left") since ??= { from: stamp, certain };
    else if (since !== undefined) {
      absences.push({ from: since.from, to: stamp, certain: since.certain && certain });
      since = undefined;
    }
  }
  return since === undefined ? absences : [...absences, { ...since, to: Infinity }];
}

/** The ends are no part of it: the news of a removal bears the time of the removal. In ms: a double tells 0.0003 apart. */
const strictMs = 0.001;

/**
 * Whether an inbox was out of a conversation at a moment of the node's clock, Unix ms: by changes whose stamps are
 * the node's, which stamps the messages too. False where that is not certain.
 */
export function outsiders(
  events: readonly LedgerEvent[],
): (conversationId: string, inboxId: string, stamp: number) => boolean {
  const absences = new Map<string, Map<string, Spans>>();
  for (const [id, changes] of membershipChanges(events)) {
    const ofInboxes = [...groupBy(changes, (one) => one.inboxId)].map(
      ([inboxId, own]) => [inboxId, new Spans(absencesOf(own).filter(({ certain }) => certain))] as const,
    );
    absences.set(id, new Map(ofInboxes));
  }
  return (conversationId, inboxId, stamp) =>
    absences
      .get(conversationId)
      ?.get(inboxId)
      ?.covering(stamp - strictMs, stamp + strictMs) !== undefined;
}
