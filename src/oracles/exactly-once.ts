import type { LedgerEvent, ReceiveEvent } from "../ledger/events.js";
import { groupBy } from "../ledger/group.js";
import { firstReceipts, readHistory, receiveKey, sendKey } from "../ledger/history.js";
import type { History, Scope } from "../ledger/history.js";
import { counted, verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/** What {@link exactlyOnce} judges, and what it lets pass. Every field is optional. */
export interface ExactlyOnceOptions extends Scope {
  /**
   * What becomes of a message that its sender published again: "fail" (default) or "allow", for tests whose sends
   * race with commits.
   *
   * libxmtp takes its own message for lost when exactly three commits overtook it, and publishes it again; everybody
   * else can still read the first copy, and their streams hand out both (measured on 5.5.0). Allowed is only what
   * shows this: the stream of the sender's own installation has the message with another time of sending, and nobody
   * was given it more than twice. Of an app or page the node shows it: it stored each copy.
   */
  readonly republished?: "fail" | "allow";
}

/**
 * No installation was given anything twice: by message id (a stream that emits one message twice), and by
 * sender and payload (a message stored twice under two ids, as a retried publish does).
 *
 * A message that the stream delivered and that was also read from the database counts once: reading is the
 * test's own doing. Payloads are judged only where the ledger holds the sends: two wanted "gm" are not a duplicate,
 * a third one is. Of what an app or page published, one publication is one message. Inconclusive when nothing was
 * received.
 */
export function exactlyOnce(events: readonly LedgerEvent[], options: ExactlyOnceOptions = {}): Verdict {
  const history = readHistory(events, options);
  const allowed = new Map<string, number>();
  for (const send of history.sends) {
    if (send.outcome !== "failed") allowed.set(sendKey(send), (allowed.get(sendKey(send)) ?? 0) + 1);
  }
  const ownTimes = options.republished === "allow" ? timesOfSenders(history) : undefined;
  const offenders = [...groupBy(history.receives, (one) => one.installationId).values()].flatMap(
    (receives) => [
      ...duplicateIds(history, receives, ownTimes),
      ...duplicatePayloads(history, receives, allowed),
      ...duplicatePublications(history, receives),
    ],
  );
  return verdictOf("exactlyOnce", {
    checked: history.receives.length,
    offenders,
    undecided: history.receives.length === 0 ? "nothing was received" : undefined,
  });
}

function duplicateIds(
  history: History,
  receives: readonly ReceiveEvent[],
  ownTimes: OwnTimes | undefined,
): Offender[] {
  const streamed = receives.filter(isStreamed);
  return [...groupBy(streamed, (one) => one.messageId).values()].flatMap((copies) =>
    copies.length === 1 ||
    (ownTimes && (isRepublished(copies, ownTimes) || isPublishedTwice(history, copies)))
      ? []
      : [offender("duplicate-id", copies, `${counted(copies.length, "time")} by its stream`, history)],
  );
}

const isStreamed = ({ source }: ReceiveEvent): boolean => source === "stream";

/** The times of sending that the stream of each message's own sender gave it. */
type OwnTimes = ReadonlyMap<string, ReadonlySet<string>>;

function timesOfSenders(history: History): OwnTimes {
  const times = new Map<string, Set<string>>();
  for (const one of history.receives) {
    if (!isStreamed(one) || history.sendOf(one)?.installationId !== one.installationId) continue;
    times.set(one.messageId, (times.get(one.messageId) ?? new Set<string>()).add(one.sentAtNs));
  }
  return times;
}

/** Whether there are two copies, each with another time of sending than the sender's own stream gave the message. */
function isRepublished(copies: readonly ReceiveEvent[], ownTimes: OwnTimes): boolean {
  if (copies.length > 2) return false;
  return copies.every(({ messageId, sentAtNs }) =>
    [...(ownTimes.get(messageId) ?? [])].some((time) => time !== sentAtNs),
  );
}

/** Whether there are two copies, and the node stored both for an app or page. */
function isPublishedTwice(history: History, copies: readonly ReceiveEvent[]): boolean {
  const stored = new Set(copies.flatMap((one) => history.publicationOf(one)?.seq ?? []));
  return copies.length === 2 && stored.size === 2;
}

function duplicatePublications(history: History, receives: readonly ReceiveEvent[]): Offender[] {
  const published = receives.filter((one) => history.publicationOf(one) !== undefined);
  return [...groupBy(published, (one) => String(history.publicationOf(one)?.seq)).values()].flatMap(
    (copies) => {
      const firsts = firstReceipts(copies);
      const how = `under ${firsts.length} message ids for 1 publication`;
      return firsts.length === 1 ? [] : [offender("duplicate-payload", firsts, how, history)];
    },
  );
}

function duplicatePayloads(
  history: History,
  receives: readonly ReceiveEvent[],
  allowed: ReadonlyMap<string, number>,
): Offender[] {
  // A page may share its inbox with a worker: what it published is not the worker's send once more.
  const others = receives.filter((one) => history.publicationOf(one) === undefined);
  return [...groupBy(others, receiveKey)].flatMap(([key, copies]) => {
    const sent = allowed.get(key);
    const ids = groupBy(copies, (one) => one.messageId);
    if (sent === undefined || ids.size <= sent) return [];
    const firsts = [...ids.values()].flatMap((same) => same.slice(0, 1));
    const how = `under ${ids.size} message ids for ${counted(sent, "send")}`;
    return [offender("duplicate-payload", firsts, how, history)];
  });
}

function offender(kind: string, copies: readonly ReceiveEvent[], how: string, history: History): Offender {
  const [first] = copies as [ReceiveEvent];
  const what = `"${first.payload.text}" (${first.messageId}) from ${history.nameOf(first.senderInboxId)}`;
  return {
    kind,
    worker: first.worker,
    installationId: first.installationId,
    detail: `${first.worker} received ${what} ${how}`,
    messageId: first.messageId,
    seqs: copies.map((one) => one.seq),
  };
}
