/** A ledger sorted for judging: who sent what, who received what, and which send a receipt belongs to. */
import type { LedgerEvent, LineEvent, ReceiveEvent, SendEvent } from "./events.js";
import { groupBy } from "./group.js";
import { Publications } from "./publications.js";

/** What part of the ledger an oracle judges. */
export interface Scope {
  /** Only this conversation; default: all. */
  readonly conversationId?: string;
  /**
   * When the ledger was read, monotonic ms (`performance.now()`); default: its last event. A stream that still
   * listens has had its chance `chanceMs` after the acknowledgement, which a ledger that nothing more is added to
   * cannot show by itself.
   */
  readonly asOf?: number;
}

export interface History {
  readonly events: readonly LedgerEvent[];
  /** When the last thing happened that the ledger shows, monotonic ms; -Infinity for an empty one. */
  readonly endsAt: number;
  /** Sends of the scope, oldest first. */
  readonly sends: readonly SendEvent[];
  /** Receipts of what people sent (no transcript messages) in the scope, oldest first. */
  readonly receives: readonly ReceiveEvent[];
  /** The send that a receipt belongs to; undefined when no worker in the ledger sent it. */
  readonly sendOf: (receive: ReceiveEvent) => SendEvent | undefined;
  /** What an app or a page published, as their ports show it. */
  readonly publications: Publications;
  /** The publication of an app or page that a receipt belongs to; undefined for workers' sends. */
  readonly publicationOf: (receive: ReceiveEvent) => LineEvent | undefined;
  /** The name of the party with this inbox, else the inbox id. */
  readonly nameOf: (inboxId: string) => string;
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
  let endsAt = -Infinity;
  for (const event of events) {
    endsAt = Math.max(endsAt, event.at);
    if (event.inboxId !== "" && event.worker !== "" && !names.has(event.inboxId))
      names.set(event.inboxId, event.worker);
    if (event.kind === "send") {
      endsAt = Math.max(endsAt, event.endedAt ?? event.at);
      if (inScope(event.conversationId)) sends.push(event);
    }
    if (event.kind === "receive" && inScope(event.conversationId) && !isTranscript(event.contentType))
      receives.push(event);
  }
  const publications = new Publications(events);
  // What an app or page published explains no send of a worker.
  const sendByMessage = matchSends(
    sends,
    receives.filter((one) => !publications.of(one)),
  );
  return {
    events,
    endsAt,
    sends,
    receives,
    sendOf: (receive) => sendByMessage.get(receive.messageId),
    publications,
    publicationOf: (receive) => (sendByMessage.has(receive.messageId) ? undefined : publications.of(receive)),
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
  for (const send of sends) if (send.messageId !== undefined) matched.set(send.messageId, send);
  const nameless = sends.filter((send) => send.messageId === undefined);
  // What failed was most likely not stored: it claims what no other send explains.
  const unnamed = [
    ...nameless.filter((send) => send.outcome !== "failed"),
    ...nameless.filter((send) => send.outcome === "failed"),
  ];
  const unclaimed = new Map([...groupBy(unnamed, sendKey)].map(([key, group]) => [key, group.values()]));
  for (const receive of receives) {
    if (matched.has(receive.messageId)) continue;
    const next = unclaimed.get(receiveKey(receive))?.next();
    if (next && next.done !== true) matched.set(receive.messageId, next.value);
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

/** The first receipt of each message id, oldest first. */
export function firstReceipts(receives: readonly ReceiveEvent[]): ReceiveEvent[] {
  return [...groupBy(receives, (one) => one.messageId).values()].flatMap((copies) => copies.slice(0, 1));
}
