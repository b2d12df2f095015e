/**
 * Whole verifications, as people know them from other XMTP suites: let receivers listen, do something, and
 * judge by value and identity who saw it. Each returns a `Verification`: a verdict, and per receiver what
 * came, what is missing, duplicate, foreign or out of order, with latencies from each event's own time.
 */
import {
  verifyConsent,
  verifyConversations,
  verifyMembership,
  verifyMessages,
  verifyMetadata,
  verifyResponses,
} from "../oracles/index.js";
import type { Verification } from "../oracles/index.js";
import { XmtpTestError } from "../errors.js";
import { typeofStream } from "../ledger/events.js";
import type { ConsentValue, LedgerEvent, SendEvent } from "../ledger/events.js";
import type { Worker } from "../workers/worker.js";
import { checkedOptions, installationOf, whileListening } from "./listen.js";
import type { VerifyOptions } from "./listen.js";

/** A conversation of the real SDK, as far as the verifications use it. */
interface SdkConversation {
  readonly id: string;
  sendText(text: string): Promise<unknown>;
}

/** A group of the real SDK, as far as the verifications use it. */
interface SdkGroup {
  readonly id: string;
  updateName(name: string): Promise<unknown>;
  addMembers(inboxIds: string[]): Promise<unknown>;
}

interface VerifyMessagesOptions extends VerifyOptions {
  /** How many messages to send. Default 1. */
  readonly count?: number;
  /** Text of each; `{i}` is its number from 1, which a function is called with. Default "gm-{i}". */
  readonly template?: string | ((number: number) => string);
}

/** Sends messages in `conversation`, and judges whether each receiver got each of them once and in order. */
export async function verifyMessageStream(
  conversation: SdkConversation,
  receivers: readonly Worker[],
  options: VerifyMessagesOptions = {},
): Promise<Verification> {
  const { count = 1, template = "gm-{i}" } = checkedOptions(options);
  const textOf =
    typeof template === "string" ? (number: number) => template.replaceAll("{i}", String(number)) : template;
  const texts = Array.from({ length: count }, (_, at) => textOf(at + 1));
  const act = async () => {
    for (const text of texts) await conversation.sendText(text);
    return (events: readonly LedgerEvent[]) =>
      verifyMessages(events, receivers.map(installationOf), {
        conversationId: conversation.id,
        messages: sendsOf(events, conversation.id, texts),
        foreign: "list",
      });
  };
  return await whileListening(receivers, typeofStream.Message, act, options);
}

/** Renames `group` to each of `names`, and judges whether each receiver saw each new name, in order. */
export async function verifyMetadataStream(
  group: SdkGroup,
  receivers: readonly Worker[],
  names: readonly string[],
  options: VerifyOptions = {},
): Promise<Verification> {
  checkList("verifyMetadataStream", "names", names);
  const act = async () => {
    const changes = await inTurn(names, async (value) => {
      await group.updateName(value);
      return { value };
    });
    return (events: readonly LedgerEvent[]) =>
      verifyMetadata(events, receivers.map(installationOf), {
        conversationId: group.id,
        field: "group_name",
        changes,
      });
  };
  return await whileListening(receivers, typeofStream.GroupUpdated, act, options);
}

/** Adds inboxes to `group` one by one, and judges whether each receiver saw each of them join. */
export async function verifyMembershipStream(
  group: SdkGroup,
  receivers: readonly Worker[],
  inboxIds: readonly string[],
  options: VerifyOptions = {},
): Promise<Verification> {
  checkList("verifyMembershipStream", "inbox ids", inboxIds);
  const act = async () => {
    const changes = await inTurn(inboxIds, async (inboxId) => {
      await group.addMembers([inboxId]);
      return { change: "added" as const, inboxId };
    });
    return (events: readonly LedgerEvent[]) =>
      verifyMembership(events, receivers.map(installationOf), { conversationId: group.id, changes });
  };
  return await whileListening(receivers, typeofStream.GroupUpdated, act, options);
}

/** `creator` makes a group of `receivers`; judges whether each of them got exactly that conversation from that inbox. */
export async function verifyConversationStream(
  creator: Worker,
  receivers: readonly Worker[],
  options: VerifyOptions = {},
): Promise<Verification> {
  const act = async () => {
    const at = performance.now();
    const { id } = await creator.client.conversations.createGroup(receivers.map(({ inboxId }) => inboxId));
    return (events: readonly LedgerEvent[]) =>
      verifyConversations(events, receivers.map(installationOf), {
        conversations: [{ conversationId: id, byInboxId: creator.inboxId, at }],
        foreign: "list",
      });
  };
  return await whileListening(receivers, typeofStream.Conversation, act, options);
}

/** `receiver` sets its consent for an inbox; judges that its own stream reported this entity and this state. */
export async function verifyConsentStream(
  receiver: Worker,
  change: {
    readonly entityType: "inbox" | "conversation";
    readonly entity: string;
    readonly state: ConsentValue;
  },
  options: VerifyOptions = {},
): Promise<Verification> {
  checkChange(change);
  const act = async () => {
    const at = performance.now();
    await receiver.setConsent(change.entityType, change.entity, change.state);
    return (events: readonly LedgerEvent[]) =>
      verifyConsent(events, [installationOf(receiver)], { changes: [{ ...change, at }], foreign: "list" });
  };
  return await whileListening([receiver], typeofStream.Consent, act, options);
}

/**
 * `asker` sends each question in `conversation`; judges whether `responderInboxId` answered each exactly once. A late answer
 * to one question never counts for the next. With `text`, each answer must have this text.
 */
export async function verifyResponseStream(
  conversation: SdkConversation,
  asker: Worker,
  responderInboxId: string,
  options: VerifyOptions & { readonly questions?: readonly string[]; readonly text?: string } = {},
): Promise<Verification> {
  const { questions = ["hi"], text } = checkedOptions(options);
  const act = async () => {
    for (const question of questions) await conversation.sendText(question);
    return (events: readonly LedgerEvent[]) =>
      verifyResponses(events, installationOf(asker), {
        questions: sendsOf(events, conversation.id, questions),
        responderInboxId,
        ...(text !== undefined && { text }),
      });
  };
  return await whileListening([asker], typeofStream.Message, act, options);
}

/** @throws XmtpTestError `INVALID_OPTION` */
function checkList(verb: string, what: string, list: unknown): void {
  if (Array.isArray(list)) return;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `${verb} got ${JSON.stringify(list)} for its ${what}.`,
    `Give a list of ${what} after the receivers.`,
  );
}

/** @throws XmtpTestError `INVALID_OPTION` */
function checkChange(change: unknown): void {
  const { entityType, entity, state } = (change ?? {}) as Record<string, unknown>;
  const good =
    (entityType === "inbox" || entityType === "conversation") &&
    typeof entity === "string" &&
    ["unknown", "allowed", "denied"].includes(String(state));
  if (good) return;
  throw new XmtpTestError(
    "INVALID_OPTION",
    "verifyConsentStream got no change of consent as its second argument.",
    'Give (receiver, { entityType: "inbox", entity: inboxId, state: "denied" }).',
  );
}

/** Does one thing after the other, and notes when each began: latencies run from there. */
async function inTurn<T, R extends object>(
  things: readonly T[],
  act: (thing: T) => Promise<R>,
): Promise<(R & { readonly at: number })[]> {
  const done: (R & { readonly at: number })[] = [];
  for (const thing of things) {
    const at = performance.now();
    done.push({ ...(await act(thing)), at });
  }
  return done;
}

/** The recorded sends of these texts. @throws XmtpTestError `NOT_RECORDED` when the conversation is not a worker's */
function sendsOf(
  events: readonly LedgerEvent[],
  conversationId: string,
  texts: readonly string[],
): SendEvent[] {
  const sends = events.filter(
    (event): event is SendEvent =>
      event.kind === "send" &&
      !event.automatic &&
      event.conversationId === conversationId &&
      texts.includes(event.payload.text),
  );
  if (sends.length >= texts.length) return sends;
  throw new XmtpTestError(
    "NOT_RECORDED",
    `The ledger has ${sends.length} of ${texts.length} sends in ${conversationId}.`,
    "Give a conversation object that comes from a worker's own client.",
  );
}
