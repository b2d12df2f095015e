import {
  typeofStream,
  verifyConsentStream as verifyConsent,
  verifyConversationStream as verifyConversation,
  verifyMembershipStream as verifyMembership,
  verifyMessageStream as verifyMessages,
  verifyMetadataStream as verifyMetadata,
} from "../../../fixtures/index.js";
import type { ConversationEvent, LedgerEvent, ReceiveEvent } from "../../../fixtures/index.js";
import { scope } from "../scope.js";
import { ConsentEntityType } from "../sdk/enums.js";
import type { CompatConversation, CompatGroup } from "../sdk/types.js";
import { ownerOf } from "../sdk/wrap.js";
import { gather, streamTimeout } from "../workers/events.js";
import type { Worker } from "../workers/worker.js";
import { resultOf, seenBy } from "./result.js";
import type { Seen, VerifyStreamResult } from "./result.js";

let suffixes = 0;
const template = "gm-{i}-{randomSuffix}";

/** Makes a text of its index, from 0, and of a word that is this call's alone. */
export type TextMaker = (index: number, suffix: string) => string;

/** `count` texts of a template, in which `{i}` is each one's number, from 1, and `{randomSuffix}` a word of its own. */
function textsOf(count: number, how: string | TextMaker): string[] {
  const suffix = `${Date.now().toString(36)}${++suffixes}`;
  const text = (index: number): string =>
    typeof how === "function"
      ? how(index, suffix)
      : how.replaceAll("{randomSuffix}", suffix).replaceAll("{i}", String(index + 1));
  return Array.from({ length: count }, (_, index) => text(index));
}

/** Streams that a helper starts stay on, as the suites count on. */
async function listen(receivers: readonly Worker[], type: typeofStream): Promise<void> {
  await scope("a verify helper").faults.settled();
  await Promise.all(receivers.map(({ native }) => native.worker.startStream(type)));
}

/** Sends a text its own way. */
export type Sender = (group: CompatConversation, text: string) => Promise<unknown>;

const natives = (receivers: readonly Worker[]) => receivers.map(({ native }) => native);

/**
 * Sends `count` texts and says who of `receivers` got them. By text, once each, where the suites' own counts any text
 * of anybody. Who is not a member while a text is sent is not owed it. Who sends counts the echo on its own stream.
 *
 * @param timeoutOrSender ms; the earliest suites have a function here that sends
 * @param onSent called after each text
 */
export async function verifyMessageStream(
  group: CompatConversation,
  receivers: readonly Worker[],
  count = 1,
  messageTemplate: string | TextMaker = template,
  timeoutOrSender: number | Sender = streamTimeout,
  onSent?: () => void,
): Promise<VerifyStreamResult> {
  const timeoutMs = typeof timeoutOrSender === "number" ? timeoutOrSender : streamTimeout;
  const say: Sender = typeof timeoutOrSender === "number" ? (to, text) => to.sendText(text) : timeoutOrSender;
  await listen(receivers, typeofStream.Message);
  const owed = new Map<string, number>();
  const members = async (): Promise<Set<string>> =>
    new Set((await group.members()).map((one) => one.inboxId));
  let before = await members();
  const talk = {
    id: group.id,
    sendText: async (text: string) => {
      const id = await say(group, text);
      onSent?.();
      const after = await members();
      for (const inboxId of after) if (before.has(inboxId)) owed.set(inboxId, (owed.get(inboxId) ?? 0) + 1);
      before = after;
      return id;
    },
  };
  const sender = ownerOf(group);
  const [own, others] = divided(receivers, (one) => one.installationId === sender);
  const texts = textsOf(count, messageTemplate);
  const isEcho = (event: LedgerEvent): event is ReceiveEvent =>
    event.kind === "receive" && event.conversationId === group.id && texts.includes(event.payload.text);
  const sentAt = performance.now();
  const echoes = own.map(async ({ native }) => await gather(native, isEcho, count, timeoutMs));
  // The ledger is a receiver's: with nobody but the sender there is none to ask, and the echo says it.
  if (others.length === 0) for (const text of texts) await talk.sendText(text);
  const result =
    others.length === 0
      ? undefined
      : await verifyMessages(talk, natives(others), {
          count,
          template: (number) => texts[number - 1] ?? "",
          timeoutMs,
        });
  return resultOf([
    ...(result === undefined ? [] : seenBy(result, count, (inboxId) => owed.get(inboxId) ?? 0)),
    ...(await seen(own, echoes, sentAt, count)),
  ]);
}

/** Those that fit, and the rest. */
function divided<T>(all: readonly T[], fits: (one: T) => boolean): readonly [T[], T[]] {
  return [all.filter(fits), all.filter((one) => !fits(one))];
}

/** Renames the group `count` times and says who saw the new names. */
export async function verifyMetadataStream(
  group: CompatGroup,
  receivers: readonly Worker[],
  count = 1,
  messageTemplate: string | TextMaker = template,
): Promise<VerifyStreamResult> {
  await listen(receivers, typeofStream.GroupUpdated);
  const names = textsOf(count, messageTemplate);
  const result = await verifyMetadata(group, natives(receivers), names, { timeoutMs: streamTimeout });
  return resultOf(seenBy(result, count));
}

/**
 * Adds the inboxes one after the other and says who saw each come; the suites' own waits for one update of any kind. A
 * receiver that is added itself should see the group come: the SDK's stream brings it no update of its own addition.
 */
export async function verifyMembershipStream(
  group: CompatGroup,
  receivers: readonly Worker[],
  membersToAdd: readonly string[],
): Promise<VerifyStreamResult> {
  const [added, others] = divided(receivers, ({ inboxId }) => membersToAdd.includes(inboxId));
  await listen(others, typeofStream.GroupUpdated);
  await listen(added, typeofStream.Conversation);
  const came = added.map(async ({ native }) => await gather(native, isGroup(group.id), 1, streamTimeout));
  const sentAt = performance.now();
  const result = await verifyMembership(group, natives(others), membersToAdd, { timeoutMs: streamTimeout });
  return resultOf([...seenBy(result, membersToAdd.length), ...(await seen(added, came, sentAt))]);
}

const isGroup =
  (id: string) =>
  (event: LedgerEvent): event is ConversationEvent =>
    event.kind === "conversation" && event.conversationId === id;

/** The same; the suites' own adds all at once and waits for one update that adds somebody. */
export const verifyAddMemberStream = verifyMembershipStream;

/** `initiator` makes a group of `receivers`; says whose stream brought it. */
export async function verifyConversationStream(
  initiator: Worker,
  receivers: readonly Worker[],
): Promise<VerifyStreamResult> {
  await listen(receivers, typeofStream.Conversation);
  const result = await verifyConversation(initiator.native, natives(receivers), { timeoutMs: streamTimeout });
  return resultOf(seenBy(result, 1));
}

/** Adds `receivers` to the group; says whose stream brought it as a new conversation. */
export async function verifyNewConversationStream(
  group: CompatGroup,
  receivers: readonly Worker[],
): Promise<VerifyStreamResult> {
  await listen(receivers, typeofStream.Conversation);
  const came = receivers.map(async ({ native }) => await gather(native, isGroup(group.id), 1, streamTimeout));
  const sentAt = performance.now();
  await group.addMembers(receivers.map(({ inboxId }) => inboxId));
  return resultOf(await seen(receivers, came, sentAt));
}

/** `receiver` changes its consent for its own inbox; says whether its stream brought it. The first argument has no part. */
export async function verifyConsentStream(_initiator: Worker, receiver: Worker): Promise<VerifyStreamResult> {
  await listen([receiver], typeofStream.Consent);
  const state = await receiver.client.preferences.getConsentState(
    ConsentEntityType.InboxId,
    receiver.inboxId,
  );
  const change = {
    entityType: "inbox" as const,
    entity: receiver.inboxId,
    state: isAllowed(state) ? ("denied" as const) : ("allowed" as const),
  };
  const result = await verifyConsent(receiver.native, change, { timeoutMs: streamTimeout });
  return resultOf(seenBy(result, 1));
}

/** Each receiver changes its own consent for the group; says whose stream brought it. */
export async function verifyGroupConsentStream(
  group: CompatGroup,
  receivers: readonly Worker[],
): Promise<VerifyStreamResult> {
  await listen(receivers, typeofStream.Consent);
  const all: Seen[] = [];
  for (const receiver of receivers) {
    await receiver.client.conversations.sync();
    const state = await receiver.client.preferences.getConsentState(ConsentEntityType.GroupId, group.id);
    const change = {
      entityType: "conversation" as const,
      entity: group.id,
      state: isAllowed(state) ? ("denied" as const) : ("allowed" as const),
    };
    const result = await verifyConsent(receiver.native, change, { timeoutMs: streamTimeout });
    all.push(...seenBy(result, 1));
  }
  return resultOf(all);
}

/**
 * Sends `triggerMessage` and waits for the first answer of somebody else, of one of the `types`; asks again up to
 * `maxRetries` times in all.
 */
export async function verifyAgentMessageStream(
  group: CompatConversation,
  receivers: readonly Worker[],
  triggerMessage: string,
  maxRetries = 1,
  types: readonly string[] = ["text", "reply", "reaction", "actions"],
  timeoutMs: number = streamTimeout,
): Promise<VerifyStreamResult> {
  await listen(receivers, typeofStream.Message);
  const own = new Set(receivers.map(({ inboxId }) => inboxId));
  const fits = (event: LedgerEvent): event is ReceiveEvent =>
    event.kind === "receive" &&
    event.conversationId === group.id &&
    types.includes(event.contentType) &&
    !own.has(event.senderInboxId);
  for (let attempt = 1; ; attempt++) {
    const came = receivers.map(async ({ native }) => await gather(native, fits, 1, timeoutMs));
    const sentAt = performance.now();
    await group.sendText(triggerMessage);
    const result = resultOf(await seen(receivers, came, sentAt));
    if (result.allReceived || attempt >= maxRetries) return result;
  }
}

/** The same, by its older name. */
export const verifyBotMessageStream = verifyAgentMessageStream;

async function seen(
  receivers: readonly Worker[],
  came: readonly Promise<readonly LedgerEvent[]>[],
  sentAt: number,
  expected = 1,
): Promise<Seen[]> {
  const events = await Promise.all(came);
  return receivers.map(({ name }, at) => {
    const own = events[at] ?? [];
    return {
      name,
      expected,
      received: own.map((event) => (event.kind === "receive" ? event.payload.text : event.kind)),
      inOrder: own.length > 0,
      latenciesMs: own.map((event) => event.at - sentAt),
    };
  });
}

const isAllowed = (state: unknown): boolean => Number(state) === 1;

/** Changes a client's consent for a group: allowed to denied, and anything else to allowed. */
export async function updateGroupConsent(
  client: { readonly preferences: { setConsentStates(states: never[]): Promise<unknown> } },
  group: { readonly id: string; consentState(): unknown },
): Promise<void> {
  const change = { entity: group.id, entityType: 0, state: isAllowed(group.consentState()) ? 2 : 1 };
  await client.preferences.setConsentStates([change as never]);
}
