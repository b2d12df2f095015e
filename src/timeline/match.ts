import type { LedgerEvent, ReceiveEvent, SendEvent } from "../ledger/events.js";

/**
 * Finds the send behind each receipt: by message id, else (its id is not known) by conversation, sender and
 * payload, the oldest unmatched one first.
 */
export function sendFinder(events: readonly LedgerEvent[]): (receive: ReceiveEvent) => SendEvent | undefined {
  const byId = new Map<string, SendEvent>();
  const unnamed: SendEvent[] = [];
  for (const event of events) {
    if (event.kind !== "send") continue;
    if (event.messageId === undefined) unnamed.push(event);
    else byId.set(event.messageId, event);
  }
  return (receive) => {
    const known = byId.get(receive.messageId);
    if (known) return known;
    const place = unnamed.findIndex(
      (send) =>
        send.conversationId === receive.conversationId &&
        send.inboxId === receive.senderInboxId &&
        send.payload.hash === receive.payload.hash,
    );
    const [send] = place === -1 ? [] : unnamed.splice(place, 1);
    if (send) byId.set(receive.messageId, send);
    return send;
  };
}
