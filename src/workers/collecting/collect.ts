import { after, timeoutOf } from "../../async/timeout.js";
import type { TimeoutOption } from "../../async/timeout.js";
import { XmtpTestError } from "../../errors.js";
import { contentFits } from "../../ledger/content.js";
import type { Content } from "../../ledger/content.js";
import type { ConsentEvent, ConversationEvent, LedgerEvent, ReceiveEvent } from "../../ledger/events.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import { checkOptionObject } from "../registry/worker-defaults.js";

/** Options of the collectors. Default timeout 10,000 ms. */
export interface CollectOptions extends TimeoutOption {
  /** Only events after this ledger position (`event.seq`). Default 0: from the start of the test. */
  readonly afterSeq?: number;
}

export interface CollectMessagesOptions extends CollectOptions {
  /** Content types that count. Default `["text"]`. */
  readonly contentTypes?: readonly string[];
  /** Only messages of this sender. */
  readonly senderInboxId?: string;
  /** Only messages with this text, or that match this pattern or predicate. */
  readonly content?: Content;
  /** Also count what this installation sent itself. Default false, as in the matchers. */
  readonly own?: boolean;
}

export interface CollectGroupUpdatesOptions extends CollectOptions {
  /** Only updates that set this field, for example "group_name". */
  readonly field?: string;
  /** Only updates that set a field to this value. */
  readonly newValue?: string;
}

export interface CollectConsentOptions extends CollectOptions {
  readonly entity?: string;
  readonly state?: ConsentEvent["state"];
}

const known = new Set(
  "timeout timeoutMs afterSeq contentTypes senderInboxId content own field newValue entity state".split(" "),
);

/**
 * Waits until `count` events of a worker fit, counting those already in the ledger.
 *
 * @throws XmtpTestError `COLLECT_TIMEOUT` at the deadline, with what came and what did not
 */
export async function collect<E extends LedgerEvent>(
  ledger: WorkerLedger,
  what: string,
  count: number,
  fits: (event: LedgerEvent) => event is E,
  options: CollectOptions = {},
): Promise<E[]> {
  checkOptionObject("of the collector", options, known);
  if (!Number.isInteger(count) || count < 1) {
    throw new XmtpTestError(
      "INVALID_COUNT",
      `${ledger.worker} was asked to collect ${JSON.stringify(count)} ${what}.`,
      "Give a whole number, 1 or more.",
    );
  }
  const { afterSeq = 0 } = options;
  const timeoutMs = timeoutOf(options, 10_000);
  const wanted = (event: LedgerEvent): event is E => event.seq > afterSeq && fits(event);
  const found = ledger.events.filter(wanted);
  if (found.length >= count) return found.slice(0, count);
  return await new Promise<E[]>((resolve, reject) => {
    const stop = (): void => {
      cancel();
      unsubscribe();
    };
    const unsubscribe = ledger.subscribe((event) => {
      if (!wanted(event) || found.includes(event)) return;
      found.push(event);
      if (found.length < count) return;
      stop();
      resolve(found);
    });
    const cancel = after(timeoutMs, () => {
      stop();
      reject(timedOut(ledger, what, count, found, timeoutMs));
    });
  });
}

function timedOut(
  ledger: WorkerLedger,
  what: string,
  count: number,
  found: readonly LedgerEvent[],
  timeoutMs: number,
): XmtpTestError {
  const last = ledger.events.slice(-5).map((event) => `  ${describeEvent(event)}`);
  const streams = ledger.events.some((event) => event.kind === "stream" && event.state === "live");
  return new XmtpTestError(
    "COLLECT_TIMEOUT",
    `${ledger.worker} collected ${found.length} of ${count} ${what} in ${timeoutMs} ms. Its last events:\n${last.join("\n") || "  (none)"}\n`,
    streams
      ? "Was it sent, and does this worker belong to the conversation?"
      : `No stream of ${ledger.worker} was ever live: call startStream first.`,
  );
}

/** One line on an event, for messages. */
export function describeEvent(event: LedgerEvent): string {
  switch (event.kind) {
    case "send":
    case "receive":
      return `${event.kind} ${event.contentType} "${event.payload.text}" in ${event.conversationId.slice(0, 8)}`;
    case "conversation":
      return `conversation ${event.conversationId.slice(0, 8)} (${event.conversationType})`;
    case "consent":
      return `consent ${event.entityType} ${event.entity.slice(0, 8)} ${event.state}`;
    case "stream":
      return `stream ${event.streamType} #${event.streamId} ${event.state}${event.error ? `: ${event.error}` : ""}`;
    case "sync":
      return `sync ${event.syncType} ${event.state}`;
    case "fault":
      return `fault ${event.fault} ${event.state}: ${event.detail}`;
    case "line":
      return `line ${event.what} ${event.about} ${event.conversationId.slice(0, 8)}`;
    case "lifecycle":
      return `${event.state}: ${event.detail}`;
  }
}

/** What `collectMessages` counts, in words. */
export function messagesWanted({ contentTypes = ["text"], own = false }: CollectMessagesOptions): string {
  return `messages (${contentTypes.join(" or ")}, ${own ? "own ones too" : "of others"})`;
}

/** A test for messages of one conversation. */
export function messageFits(ledger: WorkerLedger, conversationId: string, options: CollectMessagesOptions) {
  const { contentTypes = ["text"], senderInboxId, content, own = false } = options;
  return (event: LedgerEvent): event is ReceiveEvent =>
    event.kind === "receive" &&
    event.conversationId === conversationId &&
    contentTypes.includes(event.contentType) &&
    (senderInboxId === undefined || event.senderInboxId === senderInboxId) &&
    (own || !isOwn(ledger, event)) &&
    (content === undefined || contentFits(event, content));
}

/** Whether this installation sent it. A stream may bring a message before the call that sent it has returned its id. */
function isOwn(
  { events }: WorkerLedger,
  { inboxId, senderInboxId, messageId, payload }: ReceiveEvent,
): boolean {
  return (
    senderInboxId === inboxId &&
    events.some(
      (sent) =>
        sent.kind === "send" &&
        (sent.messageId === undefined ? sent.payload.hash === payload.hash : sent.messageId === messageId),
    )
  );
}

/** A test for group updates of one group. */
export function updateFits(groupId: string, { field, newValue }: CollectGroupUpdatesOptions) {
  return (event: LedgerEvent): event is ReceiveEvent =>
    event.kind === "receive" &&
    event.conversationId === groupId &&
    event.update !== undefined &&
    (field === undefined || event.update.fields.some((change) => change.field === field)) &&
    (newValue === undefined || event.update.fields.some((change) => change.newValue === newValue));
}

/** A test for updates that add members; these members where any are named. */
export function additionFits(groupId: string, inboxIds: readonly string[]) {
  return (event: LedgerEvent): event is ReceiveEvent => {
    if (event.kind !== "receive" || event.conversationId !== groupId || !event.update) return false;
    const { addedInboxIds } = event.update;
    return addedInboxIds.length > 0 && inboxIds.every((inboxId) => addedInboxIds.includes(inboxId));
  };
}

/** A test for conversations; those that `inboxId` added this worker to where it is given. */
export function conversationFits(addedByInboxId: string | undefined) {
  return (event: LedgerEvent): event is ConversationEvent =>
    event.kind === "conversation" &&
    (addedByInboxId === undefined || event.addedByInboxId === addedByInboxId);
}

/** A test for consent changes. */
export function consentFits({ entity, state }: CollectConsentOptions) {
  return (event: LedgerEvent): event is ConsentEvent =>
    event.kind === "consent" &&
    (entity === undefined || event.entity === entity) &&
    (state === undefined || event.state === state);
}
