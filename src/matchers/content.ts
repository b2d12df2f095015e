import type { LedgerEvent, ReceiveEvent } from "../ledger/events.js";
import type { InboxLike, LedgerOwner } from "./receivers.js";

/** What a received message should be: its exact text, a pattern its text fits, or a test of the whole event. */
export type Content = string | RegExp | ((message: ReceiveEvent) => boolean);

/** Which messages a matcher looks at, besides their content. */
export interface Where {
  /** Only messages of this conversation. Default: any. */
  readonly conversationId?: string;
  /** Only messages of this sender: a worker or an inbox id. Default: anybody but this installation itself. */
  readonly from?: InboxLike;
}

/** One message as one worker got it, with all its deliveries. */
export interface Received {
  /** The first delivery. */
  readonly event: ReceiveEvent;
  /** How often the worker was given it: stream deliveries, or 1 when only its database had it. */
  readonly times: number;
}

/** The messages a worker received in the places asked for, oldest first, each message id once. */
export function receivedBy(owner: LedgerOwner, where: Where = {}): Received[] {
  const { events } = owner.worker.events;
  const byId = new Map<string, ReceiveEvent[]>();
  for (const event of events) {
    if (event.kind !== "receive" || event.worker !== owner.name) continue;
    if (where.conversationId !== undefined && event.conversationId !== where.conversationId) continue;
    if (where.from === undefined ? isOwn(owner, event, events) : event.senderInboxId !== inboxOf(where.from))
      continue;
    byId.set(event.messageId, [...(byId.get(event.messageId) ?? []), event]);
  }
  return [...byId.values()].flatMap((deliveries) => {
    const streamed = deliveries.filter((one) => one.source === "stream").length;
    return deliveries.slice(0, 1).map((event) => ({ event, times: Math.max(1, streamed) }));
  });
}

/** True when the message is what was asked for. */
export function fits(event: ReceiveEvent, content: Content): boolean {
  if (typeof content === "function") return content(event);
  const whole = typeof event.content === "string" ? event.content : undefined;
  if (typeof content === "string")
    return whole === undefined ? event.payload.text === cut(content) : whole === content;
  // A fresh pattern without "g" and "y": these make `test` remember where it stopped.
  return new RegExp(content.source, content.flags.replace(/[gy]/g, "")).test(whole ?? event.payload.text);
}

/** The inbox id of a worker, or the id itself. */
export function inboxOf(who: InboxLike): string {
  return typeof who === "string" ? who : who.inboxId;
}

/** The name of a worker where there is one, else the inbox id. */
export function labelOf(who: InboxLike): string {
  return typeof who === "string" ? who : (who.name ?? who.inboxId);
}

/** A message that this installation sent itself. One from another installation of the same inbox is received. */
function isOwn(owner: LedgerOwner, event: ReceiveEvent, events: readonly LedgerEvent[]): boolean {
  if (event.senderInboxId !== owner.inboxId) return false;
  return !events.some(
    (one) => one.kind === "send" && one.messageId === event.messageId && one.worker !== owner.name,
  );
}

/** As the ledger cuts a payload's text. */
function cut(text: string): string {
  return text.slice(0, 200);
}
