/**
 * The verifications people know from other XMTP suites, on the ledger and by identity: delivery and order of
 * messages, answers, metadata, membership, conversations and consent. Each receiver is an installation; times are
 * those of its own events.
 *
 * They read the ledger as it is: await the deliveries first (with a matcher), then ask.
 */
import type {
  ConsentEvent,
  ConsentValue,
  ConversationEvent,
  LedgerEvent,
  Payload,
  ReceiveEvent,
  SendEvent,
} from "../ledger/events.js";
import { isTranscript, readHistory } from "../ledger/history.js";
import type { Installation } from "./evidence/listening.js";
import { verify } from "./verification.js";
import type { Expected, Observed, Verification, VerificationRules } from "./verification.js";

/** A message that receivers should get: a send from the ledger, or a text and who says it. */
export type ExpectedMessage =
  SendEvent | { readonly text: string; readonly senderInboxId: string; readonly at?: number };

/**
 * Delivery and order: each receiver got each message, with its text and from its sender, once and in this order.
 *
 * Messages are told apart by their ids where they are given as sends of the ledger: a second copy of one "gm" does not
 * stand for another that was lost. Texts alone are told apart by sender and value, and each message id counts once.
 * The order of what was read from the database after a gap is not judged.
 *
 * A receiver's echo of its own send does not count; what another installation of its inbox sent does. Automatic
 * answers count only where they are expected: they are the framework's own doing.
 */
export function verifyMessages(
  events: readonly LedgerEvent[],
  receivers: readonly Installation[],
  expected: {
    readonly conversationId: string;
    readonly messages: readonly ExpectedMessage[];
  } & VerificationRules,
): Verification {
  const byHash = expected.messages.every((message) => "kind" in message);
  const wanted = expected.messages.map((message): Expected => {
    const sent = "kind" in message;
    const text = sent ? message.payload.text : message.text.slice(0, cutAt);
    const key = sent
      ? messageKey(message.inboxId, message.payload, byHash)
      : `${message.senderInboxId} ${text}`;
    return { key, label: JSON.stringify(text), ...time(message.at), ...(sent && { id: sendId(message) }) };
  });
  const asked = new Set(wanted.map((one) => one.key));
  const history = readHistory(events, { conversationId: expected.conversationId });
  const named = new Set(wanted.flatMap((one) => one.id ?? []));
  const identity = (one: ReceiveEvent): { readonly id: string; readonly isOther: boolean } => {
    const send = history.sendOf(one);
    const id = send && !named.has(one.messageId) ? sendId(send) : one.messageId;
    // Another send of the ledger with the same value is not a copy of an expected one.
    return { id, isOther: byHash && send?.automatic === false && !named.has(id) };
  };
  const seen = receipts(events, expected.conversationId)
    .filter((one) => !isTranscript(one.contentType) && !isEcho(one, history.sendOf(one)))
    .map((one) => {
      const { id, isOther } = identity(one);
      const value = messageKey(one.senderInboxId, one.payload, byHash);
      const key = isOther ? `another send: ${value}` : value;
      return { key, id, one, automatic: history.sendOf(one)?.automatic === true };
    })
    .filter(({ key, automatic }) => !automatic || asked.has(key))
    .map(({ key, id, one }) => observed(one, key, JSON.stringify(one.payload.text), id));
  return verify("messages", receivers, wanted, seen, expected);
}

/**
 * Answers: the asking installation got one answer from `responder` after each question, the first answer to the
 * first question and so on, so that a late answer to one question is never taken for the next one's.
 * Latencies run from the question's send to its answer's receipt.
 */
export function verifyResponses(
  events: readonly LedgerEvent[],
  asker: Installation,
  expected: {
    readonly questions: readonly SendEvent[];
    readonly responderInboxId: string;
    /** What the answer must say; default: anything. */
    readonly text?: string;
  } & VerificationRules,
): Verification {
  const { questions, responderInboxId, text } = expected;
  const conversations = new Set(questions.map((one) => one.conversationId));
  const wanted = questions.map((one, index): Expected => {
    return {
      key: String(index),
      label: `answer ${index + 1} to ${JSON.stringify(one.payload.text)}`,
      at: one.at,
    };
  });
  const answers = events
    .filter((one) => one.kind === "receive")
    .filter((one) => one.installationId === asker.installationId && conversations.has(one.conversationId))
    .filter((one) => one.senderInboxId === responderInboxId && !isTranscript(one.contentType));
  let next = 0;
  /** What each message id answers: a second copy of one answer is none to the next question. */
  const keys = new Map<string, string>();
  const seen = withoutRereads(answers, (one) => one.messageId).map((one) => {
    const question = questions[next];
    const fits =
      question !== undefined && one.at >= question.at && (text === undefined || one.payload.text === text);
    const key = keys.get(one.messageId) ?? (fits ? String(next++) : `no question: ${one.messageId}`);
    keys.set(one.messageId, key);
    return observed(one, key, JSON.stringify(one.payload.text), one.messageId);
  });
  return verify("responses", [asker], wanted, seen, expected);
}

/**
 * Metadata: each receiver saw the field change to each value, in this order. Name who made the changes
 * (`byInboxId`) for all of them, or for none.
 */
export function verifyMetadata(
  events: readonly LedgerEvent[],
  receivers: readonly Installation[],
  expected: {
    readonly conversationId: string;
    /** For example "group_name". */
    readonly field: string;
    readonly changes: readonly {
      readonly value: string;
      readonly byInboxId?: string;
      readonly at?: number;
    }[];
  } & VerificationRules,
): Verification {
  const named = expected.changes.some((one) => one.byInboxId !== undefined);
  const key = (value: string, by: string | undefined): string => JSON.stringify([value, named ? by : ""]);
  const label = (value: string): string => `${expected.field}=${JSON.stringify(value)}`;
  const wanted = expected.changes.map((one): Expected => {
    return { key: key(one.value, one.byInboxId), label: label(one.value), ...time(one.at) };
  });
  const seen = receipts(events, expected.conversationId).flatMap((one) =>
    (one.update?.fields ?? [])
      .filter((change) => change.field === expected.field)
      .map((change, index) => {
        const name = key(change.newValue, one.update?.initiatedByInboxId);
        return observed(one, name, label(change.newValue), `${one.messageId} ${index}`);
      }),
  );
  return verify("metadata", receivers, wanted, seen, expected);
}

/** Membership: each receiver saw exactly these inboxes come and go, in this order. */
export function verifyMembership(
  events: readonly LedgerEvent[],
  receivers: readonly Installation[],
  expected: {
    readonly conversationId: string;
    readonly changes: readonly {
      readonly change: "added" | "removed" | "left";
      readonly inboxId: string;
      readonly at?: number;
    }[];
  } & VerificationRules,
): Verification {
  const wanted = expected.changes.map((one): Expected => {
    const key = `${one.change} ${one.inboxId}`;
    return { key, label: key, ...time(one.at) };
  });
  const seen = receipts(events, expected.conversationId).flatMap((one) => {
    const keys = [
      ...(one.update?.addedInboxIds ?? []).map((id) => `added ${id}`),
      ...(one.update?.removedInboxIds ?? []).map((id) => `removed ${id}`),
      ...(one.update?.leftInboxIds ?? []).map((id) => `left ${id}`),
    ];
    return keys.map((name) => observed(one, name, name, `${one.messageId} ${name}`));
  });
  return verify("membership", receivers, wanted, seen, expected);
}

/** Conversations: each receiver's conversation stream delivered exactly these conversations. */
export function verifyConversations(
  events: readonly LedgerEvent[],
  receivers: readonly Installation[],
  expected: {
    readonly conversations: readonly {
      readonly conversationId: string;
      readonly byInboxId: string;
      readonly at?: number;
    }[];
  } & VerificationRules,
): Verification {
  const key = (id: string, by: string): string => `conversation ${id} by ${by}`;
  const wanted = expected.conversations.map((one): Expected => {
    const name = key(one.conversationId, one.byInboxId);
    return { key: name, label: name, ...time(one.at) };
  });
  const given = events.filter((one) => one.kind === "conversation");
  const seen = withoutRereads(given, (one) => one.conversationId).map((one) => {
    const name = key(one.conversationId, one.addedByInboxId);
    return observed(one, name, name);
  });
  return verify("conversations", receivers, wanted, seen, expected);
}

/** Consent: each receiver's consent stream delivered exactly these states, all three values told apart. */
export function verifyConsent(
  events: readonly LedgerEvent[],
  receivers: readonly Installation[],
  expected: {
    readonly changes: readonly {
      readonly entity: string;
      readonly state: ConsentValue;
      readonly at?: number;
    }[];
  } & VerificationRules,
): Verification {
  const wanted = expected.changes.map((one): Expected => {
    const key = `${one.entity} ${one.state}`;
    return { key, label: key, ...time(one.at) };
  });
  const seen = events.flatMap((one) =>
    one.kind === "consent" ? [observed(one, `${one.entity} ${one.state}`, `${one.entity} ${one.state}`)] : [],
  );
  return verify("consent", receivers, wanted, seen, expected);
}

/** A message of one's own inbox, unless another installation of it is known to have sent it. */
function isEcho(receive: ReceiveEvent, send: SendEvent | undefined): boolean {
  if (receive.senderInboxId !== receive.inboxId) return false;
  return send === undefined || send.installationId === receive.installationId;
}

/** A conversation's receipts; what was streamed and later also read from the database counts once. */
function receipts(events: readonly LedgerEvent[], conversationId: string): ReceiveEvent[] {
  return withoutRereads(
    events.filter((one) => one.kind === "receive").filter((one) => one.conversationId === conversationId),
    (one) => one.messageId,
  );
}

/** Something counts as often as a stream delivered it, and once when only the database had it. */
function withoutRereads<E extends ReceiveEvent | ConversationEvent>(
  events: readonly E[],
  idOf: (event: E) => string,
): E[] {
  const streamed = new Map<string, boolean>();
  return events.filter((one) => {
    const id = `${one.installationId} ${idOf(one)}`;
    const isStream = one.source === "stream";
    const before = streamed.get(id);
    streamed.set(id, isStream || before === true);
    return before === undefined || (isStream && before);
  });
}

function observed(
  event: ReceiveEvent | ConversationEvent | ConsentEvent,
  key: string,
  label: string,
  id?: string,
): Observed {
  const { installationId, at, seq, source } = event;
  return {
    ...{ installationId, key, label, at, seq },
    ...(id !== undefined && { id }),
    ...(source !== "stream" && { unordered: true }),
  };
}

/** A send's message id; while nobody knows it, its place in the ledger. */
function sendId(send: SendEvent): string {
  return send.messageId ?? `send ${send.seq}`;
}

/** Hashes tell long texts apart; texts are all there is to go by where the test gave only those. */
function messageKey(senderInboxId: string, payload: Payload, byHash: boolean): string {
  return `${senderInboxId} ${byHash ? payload.hash : payload.text}`;
}

/** Where the ledger cuts a payload's text, in characters. */
const cutAt = 200;

function time(at: number | undefined): { readonly at?: number } {
  return at === undefined ? {} : { at };
}
