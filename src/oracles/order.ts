import type { LedgerEvent, ReceiveEvent, SendEvent } from "../ledger/events.js";
import { groupBy } from "../ledger/group.js";
import { firstReceipts, readHistory } from "../ledger/history.js";
import type { History, Scope } from "../ledger/history.js";
import { isAcknowledged } from "./evidence/obligations.js";
import { verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/**
 * No installation's stream gave it two messages of one sender's installation in the wrong order.
 *
 * Only real-time order is asked: "a before b" holds when a's send was acknowledged before b's began. Sends that
 * overlap, and sends whose outcome is `unknown` (the node may store them late), may come either way round.
 * What was read from the database after a gap is not judged. Inconclusive when no two such messages were seen.
 */
export function orderPerSender(events: readonly LedgerEvent[], scope: Scope = {}): Verdict {
  const history = readHistory(events, scope);
  const sequences = [...streamed(history, (one) => one.installationId).values()].flatMap((receives) => [
    ...groupBy(
      matched(receives, history),
      ({ send }) => `${send.conversationId} ${send.installationId}`,
    ).values(),
  ]);
  const judged = sequences.filter((one) => one.length > 1);
  return verdictOf("orderPerSender", {
    checked: judged.reduce((sum, one) => sum + one.length, 0),
    offenders: judged.flatMap((one) => inversions(one)),
    undecided:
      judged.length === 0 ? "no installation's stream delivered two messages of one sender" : undefined,
  });
}

/**
 * All installations saw the messages of a conversation in the same relative order on their streams.
 * Inconclusive when no two installations share two messages.
 */
export function orderPerConversation(events: readonly LedgerEvent[], scope: Scope = {}): Verdict {
  const history = readHistory(events, scope);
  const offenders: Offender[] = [];
  let checked = 0;
  for (const inConversation of groupBy(history.receives, (one) => one.conversationId).values()) {
    const sequences = [...streamed({ receives: inConversation }, (one) => one.installationId).values()];
    for (const [index, one] of sequences.entries()) {
      for (const other of sequences.slice(index + 1)) {
        const common = commonIds(one, other);
        if (common.length < 2) continue;
        checked += common.length;
        offenders.push(...disagreement(one, other));
      }
    }
  }
  return verdictOf("orderPerConversation", {
    checked,
    offenders,
    undecided: checked === 0 ? "no two installations' streams share two messages" : undefined,
  });
}

/**
 * The first two ids of which `one` has `[x, y]` in this order and `other` the other way round; ids that only
 * one of them has are left out. Undefined when they agree.
 */
export function firstInversion(
  one: readonly string[],
  other: readonly string[],
): readonly [string, string] | undefined {
  const place = new Map(other.map((id, index) => [id, index]));
  let last: { readonly id: string; readonly at: number } | undefined;
  for (const id of one) {
    const at = place.get(id);
    if (at === undefined) continue;
    if (last && at < last.at) return [last.id, id];
    last = { id, at };
  }
  return undefined;
}

interface Matched {
  readonly receive: ReceiveEvent;
  readonly send: SendEvent;
}

function matched(receives: readonly ReceiveEvent[], history: History): Matched[] {
  return receives.flatMap((receive) => {
    const send = history.sendOf(receive);
    return send ? [{ receive, send }] : [];
  });
}

/** What streams delivered, each message once, by a key. */
function streamed(
  history: Pick<History, "receives">,
  key: (receive: ReceiveEvent) => string,
): Map<string, ReceiveEvent[]> {
  const groups = groupBy(
    history.receives.filter((one) => one.source === "stream"),
    key,
  );
  return new Map([...groups].map(([name, receives]) => [name, firstReceipts(receives)]));
}

/** Each message that came after one whose send began only when its own had been acknowledged. */
function inversions(sequence: readonly Matched[]): Offender[] {
  const offenders: Offender[] = [];
  let latest: Matched | undefined;
  for (const item of sequence) {
    if (latest && isAcknowledged(item.send) && item.send.endedAt <= latest.send.at)
      offenders.push(swapped(item, latest));
    if (!latest || item.send.at > latest.send.at) latest = item;
  }
  return offenders;
}

function swapped({ receive, send }: Matched, earlier: Matched): Offender {
  const { worker, installationId, messageId, seq } = receive;
  const wrong = `${worker} received ${quoted(earlier.receive)} before ${quoted(receive)}`;
  const detail = `${wrong}, but ${send.worker} sent the latter first`;
  return {
    kind: "out-of-order",
    worker,
    installationId,
    detail,
    messageId,
    seqs: [earlier.receive.seq, seq],
  };
}

function commonIds(one: readonly ReceiveEvent[], other: readonly ReceiveEvent[]): string[] {
  const ids = new Set(other.map((receive) => receive.messageId));
  return one.flatMap(({ messageId }) => (ids.has(messageId) ? [messageId] : []));
}

function disagreement(one: readonly ReceiveEvent[], other: readonly ReceiveEvent[]): Offender[] {
  const inverted = firstInversion(
    one.map((receive) => receive.messageId),
    other.map((receive) => receive.messageId),
  );
  if (!inverted) return [];
  const [x, y] = inverted.map((id) => one.find((receive) => receive.messageId === id)) as [
    ReceiveEvent,
    ReceiveEvent,
  ];
  const [{ worker, installationId }] = other as [ReceiveEvent];
  return [
    {
      kind: "order-differs",
      worker,
      installationId,
      detail: `${x.worker} received ${quoted(x)} before ${quoted(y)}, ${worker} the other way round`,
      messageId: y.messageId,
      seqs: [x.seq, y.seq],
    },
  ];
}

function quoted(receive: ReceiveEvent): string {
  return `"${receive.payload.text}" (${receive.messageId})`;
}
