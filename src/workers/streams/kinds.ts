import type { LedgerEvent } from "../../ledger/events.js";
import type { EventOwner } from "../../ledger/ledger.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import type { SdkClient, SdkConsent, SdkConversationInfo, SdkMessage } from "../sdk/types.js";
import type { StreamKind } from "./stream.js";

/** What the kinds of stream need of their worker. */
export interface KindContext {
  readonly events: WorkerLedger;
  owner(): EventOwner;
  sdk(): SdkClient;
  /** Whether a message of this content type is wanted by an active message-like stream type. */
  wants(contentType: string): boolean;
  /** Since when (local time, Unix ms) it has been wanted without a pause; undefined when it is not. */
  wantedSince(contentType: string): number | undefined;
}

/** What of one kind the worker's ledger has already. */
function idsOf(
  context: KindContext,
  idOf: (event: LedgerEvent) => string | undefined,
): ReadonlySet<string | undefined> {
  return new Set(context.events.events.map(idOf));
}

/** Whether a time in Unix nanoseconds is not before one in milliseconds. */
export const isSince = (ns: string, sinceMs: number): boolean => BigInt(ns) >= BigInt(sinceMs) * 1_000_000n;

/** All messages of all conversations; shared by the message-like stream types. */
export function messageStream(context: KindContext): StreamKind<SdkMessage> {
  return {
    what: "message stream",
    open: (handlers, options) => context.sdk().streamMessages(handlers, options),
    identity: (message) => message.id,
    // By the time of sending: `insertedAfterNs` finds all of these, and also what was stored up to 59 s before,
    // because libxmtp adds the second of the minute twice to a message's time of insertion (measured on 5.5).
    missed: async (sinceMs) => {
      await context.sdk().fetchMissed();
      const conversations = await context.sdk().listConversations();
      const lists = await Promise.all(conversations.map(({ id }) => context.sdk().listMessages(id, sinceMs)));
      const recorded = idsOf(context, (event) => (event.kind === "receive" ? event.messageId : undefined));
      return lists
        .flat()
        .filter(({ id, contentType, sentAtNs }) => {
          const since = context.wantedSince(contentType);
          return since !== undefined && isSince(sentAtNs, Math.max(since, sinceMs)) && !recorded.has(id);
        })
        .sort((a, b) => (BigInt(a.sentAtNs) < BigInt(b.sentAtNs) ? -1 : 1));
    },
    emit: (message, source, streamId, streamSeq) => {
      if (!context.wants(message.contentType)) return;
      const { id, conversationId, senderInboxId, contentType, payload, sentAtNs, content, update } = message;
      context.events.append({
        kind: "receive",
        ...context.owner(),
        source,
        streamId,
        streamSeq,
        conversationId,
        messageId: id,
        senderInboxId,
        contentType,
        payload,
        sentAtNs,
        content,
        ...(update && { update }),
      });
    },
  };
}

/** New conversations, whoever made them. */
export function conversationStream(context: KindContext): StreamKind<SdkConversationInfo> {
  return {
    what: "conversation stream",
    open: (handlers, options) => context.sdk().streamConversations(handlers, options),
    identity: (conversation) => conversation.id,
    missed: async (sinceMs) => {
      const recorded = idsOf(context, (event) =>
        event.kind === "conversation" ? event.conversationId : undefined,
      );
      return (await context.sdk().listConversations()).filter(
        ({ id, createdAtNs }) => isSince(createdAtNs, sinceMs) && !recorded.has(id),
      );
    },
    emit: (conversation, source, streamId, streamSeq) => {
      context.events.append({
        kind: "conversation",
        ...context.owner(),
        source,
        streamId,
        streamSeq,
        conversationId: conversation.id,
        conversationType: conversation.type,
        addedByInboxId: conversation.addedByInboxId,
      });
    },
  };
}

/** Consent changes. The database keeps no time of a change, so a gap cannot be filled. */
export function consentStream(context: KindContext): StreamKind<SdkConsent> {
  return {
    what: "consent stream",
    open: (handlers, options) => context.sdk().streamConsent(handlers, options),
    identity: (consent) => `${consent.entityType}:${consent.entity}:${consent.state}`,
    emit: (consent, source, streamId, streamSeq) => {
      context.events.append({ kind: "consent", ...context.owner(), source, streamId, streamSeq, ...consent });
    },
  };
}
