import type { LedgerEvent, ReceiveEvent } from "../ledger/events.js";
import { isTranscript } from "../ledger/history.js";
import { inboxOf } from "../ledger/party.js";
import type { InboxLike } from "../ledger/party.js";
import type { LedgerOwner } from "./receivers.js";

export { contentFits as fits } from "../ledger/content.js";
export type { Content } from "../ledger/content.js";
export { inboxOf, labelOf } from "../ledger/party.js";

/** Which messages a matcher looks at, besides their content. */
export interface Where {
  /** Only messages of this conversation. Default: any. */
  readonly conversationId?: string;
  /** Only messages of this sender: a worker, an app or an inbox id. Default: anybody but this installation itself. */
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
  const from = where.from === undefined ? undefined : inboxOf(where.from);
  const byId = new Map<string, { readonly event: ReceiveEvent; streamed: number }>();
  for (const event of events) {
    if (event.kind !== "receive" || event.worker !== owner.name) continue;
    if (where.conversationId !== undefined && event.conversationId !== where.conversationId) continue;
    if (from !== undefined && event.senderInboxId !== from) continue;
    const known = byId.get(event.messageId) ?? { event, streamed: 0 };
    byId.set(event.messageId, known);
    if (event.source === "stream") known.streamed += 1;
  }
  const others = from === undefined ? sentByOthers(owner, events) : undefined;
  return [...byId.values()]
    .filter(({ event }) => !others || event.senderInboxId !== owner.inboxId || others.has(event.messageId))
    .map(({ event, streamed }) => ({ event, times: Math.max(1, streamed) }));
}

/** What other installations of the worker's own inbox sent: it receives that, unlike its own messages. */
function sentByOthers(owner: LedgerOwner, events: readonly LedgerEvent[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const event of events) {
    if (event.kind !== "send" || event.worker === owner.name || event.messageId === undefined) continue;
    if (event.inboxId === owner.inboxId) ids.add(event.messageId);
  }
  return ids;
}

/** What somebody said, and not the group's own records of members and names. */
export function isSaid({ event }: Received): boolean {
  return !isTranscript(event.contentType);
}
