import type { LedgerEvent, ReceiveEvent } from "../ledger/events.js";
import { groupBy, readHistory, receiveKey, sendKey } from "./evidence/history.js";
import type { History, Scope } from "./evidence/history.js";
import { counted, verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

export interface ExactlyOnceOptions extends Scope {
  /**
   * What becomes of a message that its sender published again: "fail" (default) or "allow", for tests whose sends
   * race with commits.
   *
   * libxmtp takes its own message for lost when exactly three commits overtook it, and publishes it again; everybody
   * else can still read the first copy, and their streams hand out both (measured on 5.5.0). Allowed is only what
   * shows this: the stream of the sender's own installation has the message with another time of sending.
   */
  readonly republished?: "fail" | "allow";
}

/**
 * No installation was given anything twice: by message id (a stream that emits one message twice), and by
 * sender and payload (a message stored twice under two ids, as a retried publish does).
 *
 * A message that the stream delivered and that was also read from the database counts once: reading is the
 * test's own doing. Payloads are judged only where the ledger holds the sends: two wanted "gm" are no duplicate,
 * a third one is. Inconclusive when nothing was received.
 */
export function exactlyOnce(events: readonly LedgerEvent[], options: ExactlyOnceOptions = {}): Verdict {
  const history = readHistory(events, options);
  const allowed = new Map<string, number>();
  for (const send of history.sends) {
    if (send.outcome !== "failed") allowed.set(sendKey(send), (allowed.get(sendKey(send)) ?? 0) + 1);
  }
  const offenders = [...groupBy(history.receives, (one) => one.installationId).values()].flatMap(
    (receives) => [
      ...duplicateIds(history, receives, options),
      ...duplicatePayloads(history, receives, allowed),
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
  { republished }: ExactlyOnceOptions,
): Offender[] {
  const streamed = receives.filter(isStreamed);
  return [...groupBy(streamed, (one) => one.messageId).values()].flatMap((copies) =>
    copies.length === 1 || (republished === "allow" && copies.every((copy) => isRepublished(copy, history)))
      ? []
      : [offender("duplicate-id", copies, `${counted(copies.length, "time")} by its stream`, history)],
  );
}

const isStreamed = ({ source }: ReceiveEvent): boolean => source === "stream";

/** Whether the sender's own stream has the message with another time of sending than this copy. */
function isRepublished(copy: ReceiveEvent, history: History): boolean {
  const installationId = history.sendOf(copy)?.installationId;
  return history.receives.some(
    (own) =>
      own.messageId === copy.messageId &&
      own.installationId === installationId &&
      isStreamed(own) &&
      own.sentAtNs !== copy.sentAtNs,
  );
}

function duplicatePayloads(
  history: History,
  receives: readonly ReceiveEvent[],
  allowed: ReadonlyMap<string, number>,
): Offender[] {
  return [...groupBy(receives, receiveKey)].flatMap(([key, copies]) => {
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
