import type { LedgerEvent } from "../ledger/events.js";
import type { ConversationSnapshot } from "../ledger/snapshot.js";
import { chances } from "./evidence/chance.js";
import { groupBy } from "../ledger/group.js";
import { readHistory } from "../ledger/history.js";
import type { History, Scope } from "../ledger/history.js";
import { Members } from "./evidence/membership.js";
import type { Membership } from "./evidence/membership.js";
import { Spans } from "./evidence/spans.js";
import { madeAt } from "./evidence/owed-history.js";
import { deliveries, isAcknowledged, membershipsFor, obligations } from "./evidence/obligations.js";
import { overtakenSends, SendRaces } from "./evidence/send-races.js";
import type { OvertakenOptions } from "./evidence/send-races.js";
import type { Obligation } from "./evidence/obligations.js";
import { counted, verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/** What {@link noLoss}, {@link noLossInDatabase} and `gapAfterReconnect` judge. Every field is optional. */
export interface LossOptions extends Scope, OvertakenOptions {
  /** Who was a member when. Default: as far as the ledger shows, see `membershipsOf`. */
  readonly memberships?: readonly Membership[];
  /**
   * How long a stream must have listened on after an acknowledgement, in ms, for a missing message to count as lost;
   * default 1000. Ask for more than the slowest delivery you allow.
   */
  readonly chanceMs?: number;
}

/**
 * Every acknowledged send reached every installation that was a member and had a live message stream from
 * before the call until after its acknowledgement, by its stream or by reading the gap.
 *
 * Sends whose outcome is `unknown` may appear or not. A second installation, made when its inbox was a member
 * already, is asked from its first own sign in the conversation: nobody may have added it before. Going offline ends
 * nothing: the streams that coming online brings back owe what was sent meanwhile. Membership is that of the time of
 * sending: what a sender encrypted before its own stream told it of an addition is not owed to who was added.
 *
 * Inconclusive when nothing was owed to anybody, and when all that is missing may still come (it was sent in an outage
 * that had not ended when the ledger did, or less than `chanceMs` before `asOf`) or could no longer come: its
 * receiver's stream was ended less than `chanceMs` after the acknowledgement. What a stream was given a later
 * message of the same conversation instead of is lost at once.
 */
export function noLoss(events: readonly LedgerEvent[], options: LossOptions = {}): Verdict {
  const history = readHistory(events, options);
  const overtaken = overtakenSends(history, new SendRaces(events), options);
  const owed = obligations(history, membershipsFor(events, options.memberships)).filter(
    ({ send }) => !overtaken(send),
  );
  const reached = deliveries(history);
  const missing = owed.filter(({ send, receiver }) => reached.sources(receiver, send).size === 0);
  const chanceOf = chances(history, options);
  const down = missing.filter((one) => mayStillCome(one));
  const groups = groupBy(
    missing.filter((one) => !mayStillCome(one)),
    chanceOf,
  );
  return verdictOf("noLoss", {
    checked: owed.length,
    unjudged: history.sends.filter(isAcknowledged).length - new Set(owed.map(({ send }) => send)).size,
    offenders: (groups.get("had") ?? []).map((one) => lost(one)),
    undecided: undecided(history, owed, {
      down,
      open: groups.get("open") ?? [],
      cutShort: groups.get("cut-short") ?? [],
    }),
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
  const history = readHistory(events, options);
  const races = new SendRaces(events);
  const isOvertaken = overtakenSends(history, races, options);
  const sends = history.sends
    .filter(isAcknowledged)
    .filter((send) => !races.withOwnRemoval(send) && !isOvertaken(send));
  const members = new Members(membershipsFor(events, options.memberships));
  const byConversation = groupBy(sends, (send) => send.conversationId);
  const offenders: Offender[] = [];
  let checked = 0;
  const asked = new Set<unknown>();
  for (const snapshot of snapshots) {
    const stored = new Set(snapshot.messages.map((one) => one.id));
    const made = madeAt(events, snapshot.installationId);
    const member = new Spans(members.spans(snapshot.conversationId, snapshot.inboxId));
    for (const send of byConversation.get(snapshot.conversationId) ?? []) {
      if (send.messageId === undefined || send.wall < made) continue;
      if (member.covering(send.at, send.endedAt) === undefined) continue;
      if (races.withAdditionOf(send, snapshot.inboxId)) continue;
      checked += 1;
      asked.add(send);
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
    unjudged: sends.length - asked.size,
    offenders,
    undecided: checked === 0 ? nothing : undefined,
  });
}

function mayStillCome({ send, receiver }: Obligation): boolean {
  return receiver.broken.touching(send.at, send.endedAt) !== undefined;
}

/** What is missing and not lost: its stream is down, listens still, or was ended too early. */
interface Open {
  readonly down: readonly Obligation[];
  readonly open: readonly Obligation[];
  readonly cutShort: readonly Obligation[];
}

function undecided(
  history: History,
  owed: readonly Obligation[],
  { down, open, cutShort }: Open,
): string | undefined {
  if (!history.sends.some(isAcknowledged)) return "no send was acknowledged";
  if (owed.length === 0) return "no other member had a live message stream around an acknowledged send";
  const reasons = [
    ...(down.length === 0
      ? []
      : [
          `${counted(down.length, "message")} may still come: the stream of ${receivers(down)} is not back yet`,
        ]),
    ...(open.length === 0 ? [] : [stillComingReason(open)]),
    ...(cutShort.length === 0 ? [] : [cutShortReason(cutShort)]),
  ];
  return reasons.join("; ") || undefined;
}

/** For messages that were acknowledged only just. */
export function stillComingReason(open: readonly Obligation[]): string {
  const what = counted(open.length, "message");
  return `${what} may still come: the stream of ${receivers(open)} has not had its time yet; ask later, or wait with expect(workers).toSatisfy(noLoss)`;
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
