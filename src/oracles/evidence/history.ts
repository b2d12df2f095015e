/** A ledger sorted for judging: who sent what, who received what, and which send a receipt belongs to. */
import type { LedgerEvent, ReceiveEvent, SendEvent } from "../../ledger/events.js";

/** What part of the ledger an oracle judges. */
export interface Scope {
  /** Only this conversation; default: all. */
  readonly conversationId?: string;
}

export interface History {
  readonly events: readonly LedgerEvent[];
  /** Sends of the scope, oldest first. */
  readonly sends: readonly SendEvent[];
  /** Receipts of what people sent (no transcript messages) in the scope, oldest first. */
  readonly receives: readonly ReceiveEvent[];
  /** The send that a receipt belongs to; undefined when nobody in the ledger sent it. */
  sendOf(receive: ReceiveEvent): SendEvent | undefined;
  /** The name of the worker with this inbox, else the inbox id. */
  nameOf(inboxId: string): string;
}

/** Messages that the protocol writes by itself about membership and metadata: nobody "sends" them. */
const transcriptTypes: ReadonlySet<string> = new Set(["group_updated", "leave_request"]);

export function isTranscript(contentType: string): boolean {
  return transcriptTypes.has(contentType);
}

export function readHistory(events: readonly LedgerEvent[], scope: Scope = {}): History {
  const inScope = (id: string): boolean => scope.conversationId === undefined || id === scope.conversationId;
  const sends: SendEvent[] = [];
  const receives: ReceiveEvent[] = [];
  const names = new Map<string, string>();
  for (const event of events) {
    if (event.inboxId !== "" && !names.has(event.inboxId)) names.set(event.inboxId, event.worker);
    if (event.kind === "send" && inScope(event.conversationId)) sends.push(event);
    if (event.kind === "receive" && inScope(event.conversationId) && !isTranscript(event.contentType))
      receives.push(event);
  }
  const sendByMessage = matchSends(sends, receives);
  return {
    events,
    sends,
    receives,
    sendOf: (receive) => sendByMessage.get(receive.messageId),
    nameOf: (inboxId) => names.get(inboxId) ?? inboxId,
  };
}

/**
 * Message id to send. A send whose id is not known (its outcome was `unknown`, or it has not settled) is
 * claimed by the first otherwise unexplained message with its conversation, sender and payload.
 */
function matchSends(
  sends: readonly SendEvent[],
  receives: readonly ReceiveEvent[],
): ReadonlyMap<string, SendEvent> {
  const matched = new Map<string, SendEvent>();
  const unclaimed = new Map<string, SendEvent[]>();
  for (const send of sends) {
    if (send.messageId !== undefined) matched.set(send.messageId, send);
    else unclaimed.set(sendKey(send), [...(unclaimed.get(sendKey(send)) ?? []), send]);
  }
  for (const receive of receives) {
    if (matched.has(receive.messageId)) continue;
    const send = unclaimed.get(receiveKey(receive))?.shift();
    if (send) matched.set(receive.messageId, send);
  }
  return matched;
}

/** Conversation, sender and payload: equal for a message and its resend under a new id. */
export function sendKey(send: SendEvent): string {
  return [send.conversationId, send.inboxId, send.payload.hash].join(" ");
}

export function receiveKey(receive: ReceiveEvent): string {
  return [receive.conversationId, receive.senderInboxId, receive.payload.hash].join(" ");
}

/** Groups by a key, keeping the order of first appearance. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** The first receipt of each message id, oldest first. */
export function firstReceipts(receives: readonly ReceiveEvent[]): ReceiveEvent[] {
  return [...groupBy(receives, (one) => one.messageId).values()].flatMap((copies) => copies.slice(0, 1));
}
