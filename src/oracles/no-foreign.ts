import type { LedgerEvent, ReceiveEvent } from "../ledger/events.js";
import { groupBy } from "../ledger/group.js";
import { firstReceipts, readHistory } from "../ledger/history.js";
import type { History, Scope } from "../ledger/history.js";
import { outsiders } from "./evidence/absences.js";
import type { Membership } from "./evidence/membership.js";
import { verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/** What {@link noForeign} judges, and who belongs to the test. Every field is optional. */
export interface ForeignOptions extends Scope {
  /** The only conversations messages may arrive in; default: any. */
  readonly conversations?: readonly string[];
  /** Who was ever a member; a receipt by anybody else is foreign. Default: not judged. */
  readonly memberships?: readonly Membership[];
}

/**
 * Every message received is one that somebody in the ledger sent: with that sender, that payload and in that
 * conversation, by a send that did not fail; and the node stored it while its receiver was a member, as far as the
 * group updates in the ledger show. Each installation's first receipt of a message is judged.
 *
 * What an app or a page published at its port counts as sent, by conversation, sender and the node's time; its payload
 * is not judged, for the node sees ciphertext only.
 *
 * Use it where all traffic is the test's own. Inconclusive when nothing was received.
 */
export function noForeign(events: readonly LedgerEvent[], options: ForeignOptions = {}): Verdict {
  const history = readHistory(events, options);
  const receipts = [...groupBy(history.receives, (one) => one.installationId).values()].flatMap((one) =>
    firstReceipts(one),
  );
  const isOut = outsiders(events);
  return verdictOf("noForeign", {
    checked: receipts.length,
    offenders: receipts.flatMap((one) => judge(one, history, isOut, options)),
    undecided: receipts.length === 0 ? "nothing was received" : undefined,
  });
}

function judge(
  receive: ReceiveEvent,
  history: History,
  isOut: ReturnType<typeof outsiders>,
  options: ForeignOptions,
): Offender[] {
  const { conversations, memberships } = options;
  const { conversationId, inboxId, worker } = receive;
  const sender = history.nameOf(receive.senderInboxId);
  const what = `${worker} received "${receive.payload.text}" (${receive.messageId}) from ${sender}`;
  const found: Offender[] = [];
  const add = (kind: string, why: string, seqs: readonly number[] = []): void => {
    const { installationId, messageId } = receive;
    const detail = `${what}, ${why}`;
    found.push({ kind, worker, installationId, detail, messageId, seqs: [...seqs, receive.seq] });
  };
  if (conversations && !conversations.includes(conversationId))
    add("foreign-conversation", `in conversation ${conversationId}, which is not this test's`);
  if (memberships && !isEverMember(memberships, conversationId, inboxId))
    add("not-a-member", `but was never a member of conversation ${conversationId}`);
  // A sender's own copy bears the sender's time; everybody else's the node's.
  if (receive.senderInboxId !== inboxId && isOut(conversationId, inboxId, Number(receive.sentAtNs) / 1e6))
    add("sent-while-out", `which was sent while ${worker} was out of the group`);
  const send = history.sendOf(receive);
  if (!send) {
    if (history.publicationOf(receive)) return found;
    const near = history.publications.near(receive);
    if (near) add("wrong-sender", `but ${near.worker} published it`, [near.seq]);
    else add("unsent", "which nobody sent");
    return found;
  }
  if (send.inboxId !== receive.senderInboxId) add("wrong-sender", `but ${send.worker} sent it`, [send.seq]);
  if (send.payload.hash !== receive.payload.hash)
    add("wrong-value", `but "${send.payload.text}" was sent`, [send.seq]);
  if (send.conversationId !== conversationId)
    add("wrong-conversation", `but it was sent to ${send.conversationId}, not ${conversationId}`, [send.seq]);
  if (send.outcome === "failed") add("failed-send", "but its send had failed", [send.seq]);
  return found;
}

function isEverMember(memberships: readonly Membership[], conversationId: string, inboxId: string): boolean {
  return memberships.some((one) => one.conversationId === conversationId && one.inboxId === inboxId);
}
