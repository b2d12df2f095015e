import { createHash } from "node:crypto";
import type { GroupUpdate, Payload } from "../../ledger/events.js";
import type { AnyMessage } from "./shapes.js";
import type { SdkMessage } from "./types.js";

const TEXT_LIMIT = 200;

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** JSON with sorted keys, without empty members, with bytes as hex: the same for every SDK version. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "bigint") return inner.toString();
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString("hex");
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner ?? undefined;
    const entries = Object.entries(inner).filter(([, member]) => !isEmpty(member));
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const reactionActions: Record<string, string> = { "0": "unknown", "1": "added", "2": "removed" };

/** What counts as the content, in words that no SDK version changes. */
function essence(contentType: string, content: unknown): string {
  if (typeof content === "string") return content;
  const fields = record(content);
  if (contentType === "reaction") {
    const action = String(fields["action"]);
    return canonical([fields["reference"], reactionActions[action] ?? action, fields["content"]]);
  }
  if (contentType === "reply") {
    const inner = fields["content"];
    const encoded = record(inner)["content"];
    const words = encoded instanceof Uint8Array ? Buffer.from(encoded).toString("utf8") : inner;
    return canonical([fields["reference"] ?? fields["referenceId"], words]);
  }
  if (content === undefined || content === null) return "";
  return canonical(content);
}

/**
 * A message's identity by what it says. Text is hashed as it is, everything else as canonical JSON of the
 * decoded content, so that the sender's and every receiver's SDK version agree.
 */
export function payloadOf(contentType: string, content: unknown): Payload {
  const text = essence(contentType, content);
  const hash = createHash("sha256").update(contentType).update("\0").update(text).digest("hex");
  const shown = typeof content === "string" ? content : `${contentType} ${text}`;
  return { hash: hash.slice(0, 16), text: shown.slice(0, TEXT_LIMIT) };
}

function inboxIds(value: unknown): string[] {
  return Array.isArray(value) ? value.map((inbox) => String(record(inbox)["inboxId"])) : [];
}

/** A field's value as text; a missing one is "". */
const word = (value: unknown): string => (typeof value === "string" ? value : "");

/** The content of a `group_updated` message; its field names are the same since 4.4. */
function groupUpdate(content: unknown): GroupUpdate {
  const fields = record(content);
  const changes = fields["metadataFieldChanges"];
  return {
    initiatedByInboxId: word(fields["initiatedByInboxId"]),
    addedInboxIds: inboxIds(fields["addedInboxes"]),
    removedInboxIds: inboxIds(fields["removedInboxes"]),
    leftInboxIds: inboxIds(fields["leftInboxes"]),
    fields: (Array.isArray(changes) ? changes : []).map((change) => ({
      field: word(record(change)["fieldName"]),
      oldValue: word(record(change)["oldValue"]),
      newValue: word(record(change)["newValue"]),
    })),
  };
}

/** Membership transcripts are marked by kind: 1 or a word with that start, depending on the version. */
const isMembership = (kind: number | string): boolean => kind === 1 || String(kind).startsWith("membership");

export function toSdkMessage(message: AnyMessage): SdkMessage {
  const contentType = message.contentType?.typeId ?? "";
  return {
    id: message.id,
    conversationId: message.conversationId,
    senderInboxId: message.senderInboxId,
    contentType,
    kind: isMembership(message.kind) ? "membership" : "application",
    payload: payloadOf(contentType, message.content),
    sentAtNs: BigInt(message.sentAtNs).toString(),
    content: message.content,
    ...(contentType === "group_updated" ? { update: groupUpdate(message.content) } : {}),
  };
}

/**
 * A list in the order in which the SDK gives it, with the reactions that 5.x keeps inside their message. These have no
 * place of their own there, so they stand where their time puts them among the others.
 */
export function flatten(messages: readonly AnyMessage[]): AnyMessage[] {
  const listed = new Map(messages.map((message) => [message.id, message]));
  const inside = new Map<string, AnyMessage>();
  for (const { reactions = [] } of messages)
    for (const reaction of reactions) if (!listed.has(reaction.id)) inside.set(reaction.id, reaction);
  return insertByTime([...listed.values()], [...inside.values()]);
}

/** `list` in its own order, and `others` among it, each before the first message that is later than itself. */
export function insertByTime(list: readonly AnyMessage[], others: readonly AnyMessage[]): AnyMessage[] {
  const waiting = [...others].sort((a, b) => Number(BigInt(a.sentAtNs) - BigInt(b.sentAtNs)));
  const all: AnyMessage[] = [];
  let next = 0;
  for (const message of list) {
    const time = BigInt(message.sentAtNs);
    for (let one = waiting[next]; one && BigInt(one.sentAtNs) < time; one = waiting[next]) {
      all.push(one);
      next += 1;
    }
    all.push(message);
  }
  return [...all, ...waiting.slice(next)];
}
