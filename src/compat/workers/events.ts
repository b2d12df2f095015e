import { clearTimeout, setTimeout } from "node:timers";
import type { LedgerEvent, ReceiveEvent, Worker as Real } from "../../../fixtures/index.js";
import { variable } from "../../environment.js";

/** Patience of a collector that names none, ms, as in the suites' own; `DEFAULT_STREAM_TIMEOUT_MS` sets it. */
export const streamTimeout = Number.parseInt(variable("DEFAULT_STREAM_TIMEOUT_MS") ?? "10000", 10);

/**
 * What a worker's streams bring from now on: `count` events that fit, or as many as came in time. Never throws, and
 * knows nothing of what came before the call, as the suites' own.
 */
export async function gather<E extends LedgerEvent>(
  real: Real,
  fits: (event: LedgerEvent) => event is E,
  count: number,
  timeoutMs: number = streamTimeout,
): Promise<E[]> {
  const { ownEvents } = real.worker;
  const from = real.worker.events.events.length;
  const found: E[] = [];
  return await new Promise<E[]>((resolve) => {
    const stop = (): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve(found);
    };
    const unsubscribe = ownEvents.subscribe((event) => {
      if (event.seq <= from || !fits(event) || found.includes(event)) return;
      found.push(event);
      if (found.length >= count) stop();
    });
    const timer = setTimeout(stop, timeoutMs);
  });
}

/** A message, as a collector gives it. */
export interface CollectedMessage {
  /** The same as the message's own. */
  readonly conversationId: string;
  /** When its stream brought it, Unix ms. */
  readonly receivedAt: number;
  /** Of the SDK's message, what is kept; `content` is decoded, `contentType` has its `typeId` only. */
  readonly message: {
    readonly id: string;
    readonly conversationId: string;
    readonly senderInboxId: string;
    readonly content: unknown;
    readonly contentType: { readonly typeId: string };
    readonly sentAt: Date;
    readonly sentAtNs: bigint;
  };
}

export function toMessage(event: ReceiveEvent): CollectedMessage {
  const { conversationId, messageId, senderInboxId, contentType, sentAtNs, payload, content, wall } = event;
  const nanoseconds = BigInt(sentAtNs);
  return {
    conversationId,
    receivedAt: wall,
    message: {
      id: messageId,
      conversationId,
      senderInboxId,
      content: content ?? payload.text,
      contentType: { typeId: contentType },
      sentAt: new Date(Number(nanoseconds / 1_000_000n)),
      sentAtNs: nanoseconds,
    },
  };
}

/** A group update, as a collector gives it. */
export interface CollectedUpdate {
  /** The group. */
  readonly conversationId: string;
  /** When its stream brought it, Unix ms. */
  readonly receivedAt: number;
  /** Who was added; empty for another change. */
  readonly addedInboxes: readonly { readonly inboxId: string }[];
  /** The group by its id; `name` is the new one, "" where the update does not rename it. */
  readonly group: {
    readonly conversationId: string;
    readonly name: string;
    readonly addedInboxes: readonly { readonly inboxId: string }[];
  };
  /** The update itself. Fields that changed are named as libxmtp does, for example "group_name". */
  readonly content: {
    readonly addedInboxes: readonly { readonly inboxId: string }[];
    readonly metadataFieldChanges: readonly {
      readonly fieldName: string;
      readonly oldValue: string;
      readonly newValue: string;
    }[];
  };
}

export function toUpdate(event: ReceiveEvent): CollectedUpdate {
  const { conversationId, update, wall } = event;
  const addedInboxes = (update?.addedInboxIds ?? []).map((inboxId) => ({ inboxId }));
  const metadataFieldChanges = (update?.fields ?? []).map(({ field, oldValue, newValue }) => ({
    fieldName: field,
    oldValue,
    newValue,
  }));
  const name = metadataFieldChanges.find(({ fieldName }) => fieldName === "group_name")?.newValue ?? "";
  return {
    conversationId,
    receivedAt: wall,
    addedInboxes,
    group: { conversationId, name, addedInboxes },
    content: { addedInboxes, metadataFieldChanges },
  };
}
