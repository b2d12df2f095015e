import type { LedgerEvent } from "../ledger/events.js";
import type { ConversationSnapshot } from "../ledger/snapshot.js";
import { hadItsChance } from "./evidence/chance.js";
import { readHistory } from "./evidence/history.js";
import type { History, Scope } from "./evidence/history.js";
import { overlaps } from "./evidence/listening.js";
import { isMemberThroughout } from "./evidence/membership.js";
import type { Membership } from "./evidence/membership.js";
import { madeAt } from "./evidence/owed-history.js";
import { deliveries, isAcknowledged, membershipsFor, obligations } from "./evidence/obligations.js";
import type { Obligation } from "./evidence/obligations.js";
import { counted, verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

export interface LossOptions extends Scope {
  /** Who was a member when. Default: as far as the ledger shows, see `membershipsOf`. */
  readonly memberships?: readonly Membership[];
  /**
   * How long a stream that was ended must have listened on after an acknowledgement, in ms, for a missing message
   * to count as lost; default 1000. Ask for more than the slowest delivery you allow.
   */
  readonly chanceMs?: number;
}

/**
 * Every acknowledged send reached every installation that was a member and had a live message stream from
 * before the call until after its acknowledgement, by its stream or by reading the gap.
 *
 * Sends whose outcome is `unknown` may appear or not. A second installation, made when its inbox was a member
 * already, is asked from its first own sign in the conversation: nobody may have added it before. Inconclusive when nothing was owed to anybody, and when
 * all that is missing may still come (it was sent in an outage that had not ended when the ledger did) or could
 * not come any more: its receiver's stream was ended less than `chanceMs` after the acknowledgement, and had
 * not been given a later message either.
 */
export function noLoss(events: readonly LedgerEvent[], options: LossOptions = {}): Verdict {
  const history = readHistory(events, options);
  const owed = obligations(history, membershipsFor(events, options.memberships));
  const reached = deliveries(history);
  const missing = owed.filter(({ send, receiver }) => reached.sources(receiver, send).size === 0);
  const late = missing.filter((one) => mayStillCome(one));
  const cutShort = missing.filter(
    (one) => !mayStillCome(one) && !hadItsChance(history, one, options.chanceMs),
  );
  const open = new Set([...late, ...cutShort]);
  return verdictOf("noLoss", {
    checked: owed.length,
    offenders: missing.filter((one) => !open.has(one)).map((one) => lost(one)),
    undecided: undecided(history, owed, late, cutShort),
  });
}

/**
 * The same on what is stored instead of on streams: every acknowledged message id is in the database of every
 * installation that was a member when it was sent: no installation made later is asked, for MLS gives nobody the
 * past. Snapshots must be taken after a sync.
 */
export function noLossInDatabase(
  events: readonly LedgerEvent[],
  snapshots: readonly ConversationSnapshot[],
  options: LossOptions = {},
): Verdict {
  const sends = readHistory(events, options).sends.filter(isAcknowledged);
  const memberships = membershipsFor(events, options.memberships);
  const offenders: Offender[] = [];
  let checked = 0;
  for (const snapshot of snapshots) {
    const stored = new Set(snapshot.messages.map((one) => one.id));
    const made = madeAt(events, snapshot.installationId);
    for (const send of sends) {
      if (send.conversationId !== snapshot.conversationId || send.messageId === undefined) continue;
      if (send.wall < made) continue;
      if (!isMemberThroughout(memberships, snapshot, send.at, send.endedAt)) continue;
      checked += 1;
      if (stored.has(send.messageId)) continue;
      offenders.push({
        kind: "lost-in-database",
        worker: snapshot.worker,
        installationId: snapshot.installationId,
        detail: `"${send.payload.text}" (${send.messageId}) from ${send.worker} is not in ${snapshot.worker}'s database`,
        messageId: send.messageId,
        seqs: [send.seq],
      });
    }
  }
  const nothing = "no snapshot belongs to a member of a conversation with an acknowledged send";
  return verdictOf("noLossInDatabase", {
    checked,
    offenders,
    undecided: checked === 0 ? nothing : undefined,
  });
}

function mayStillCome({ send, receiver }: Obligation): boolean {
  return receiver.outages.some((one) => one.to === undefined && overlaps(one, send.at, send.endedAt));
}

function undecided(
  history: History,
  owed: readonly Obligation[],
  late: readonly Obligation[],
  cutShort: readonly Obligation[],
): string | undefined {
  if (!history.sends.some(isAcknowledged)) return "no send was acknowledged";
  if (owed.length === 0) return "no other member had a live message stream around an acknowledged send";
  const reasons = [
    ...(late.length === 0
      ? []
      : [
          `${counted(late.length, "message")} may still come: the stream of ${receivers(late)} is not back yet`,
        ]),
    ...(cutShort.length === 0 ? [] : [cutShortReason(cutShort)]),
  ];
  return reasons.join("; ") || undefined;
}

/** For messages whose receiver's stream was ended before they could come. */
export function cutShortReason(cutShort: readonly Obligation[]): string {
  const what = counted(cutShort.length, "message");
  return `${what} had no time to come: the stream of ${receivers(cutShort)} was ended right afterwards; end it later`;
}

function receivers(owed: readonly Obligation[]): string {
  return [...new Set(owed.map((one) => one.receiver.worker))].join(", ");
}

function lost({ send, receiver }: Obligation): Offender {
  const what = `"${send.payload.text}" (${send.messageId ?? "no id"}) from ${send.worker}`;
  return {
    kind: "lost",
    worker: receiver.worker,
    installationId: receiver.installationId,
    detail: `${receiver.worker} never received ${what}`,
    ...(send.messageId === undefined ? {} : { messageId: send.messageId }),
    seqs: [send.seq],
  };
}
