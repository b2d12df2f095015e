import type { Group } from "@xmtp/node-sdk";
import { exactlyOnce, noLoss, noLossInDatabase, orderPerSender, verdictLines } from "playwright-xmtp/oracles";
import type { Verdict } from "playwright-xmtp/oracles";
import { expect, typeofStream } from "playwright-xmtp";
import type { Worker, WorkerManager } from "playwright-xmtp";

/** How long workers may take to recover after the last fault was lifted: a lost connection is noticed after 26 s. */
export const recoveryMs = 40_000;

/**
 * A group of all workers, known to each, with live message streams. Group updates are streamed too: the oracles
 * read from them who was a member when.
 *
 * Each says a first word, one after the other: a member's first send also commits a new key (libxmtp 1.9), and
 * many such commits at once outdate messages on their way, which their senders then publish again (seen with 20
 * members: one message twice on a stream, and its time another at its sender than at all others).
 *
 * All streams have brought the last of these words in the end. A real node's streams bring it later than its sender is
 * told that it is stored; a fault that takes the next delivery would take that one.
 */
export async function meet(workers: WorkerManager, name = "chaos"): Promise<string> {
  await workers.startStream(typeofStream.Message);
  await workers.startStream(typeofStream.GroupUpdated);
  const { id } = await workers.createGroupBetweenAll(name);
  for (const worker of workers) {
    await worker.client.conversations.sync();
    await expect(worker).toHaveConversation(id, { timeout: 15_000 });
    await say(worker, id, `${worker.name} is here`);
  }
  for (const worker of workers) await (await groupOf(worker, id)).sync();
  const last = workers.getAll().at(-1);
  for (const worker of workers)
    if (worker !== last)
      await expect(worker).toHaveReceived(`${last?.name} is here`, { conversationId: id, timeout: 15_000 });
  return id;
}

/** The same for two in a DM. */
export async function meetInDm(workers: WorkerManager): Promise<string> {
  await workers.startStream(typeofStream.Message);
  const [creator, other] = workers.getAll();
  if (!creator || !other) throw new Error("a DM takes two");
  const { id } = await creator.client.conversations.createDm(other.inboxId);
  await say(creator, id, "hello");
  await expect(other).toHaveReceived("hello", { timeout: 15_000 });
  return id;
}

/** The worker's own view of the group. */
export async function groupOf(worker: Worker, groupId: string): Promise<Group> {
  const group = await worker.client.conversations.getConversationById(groupId);
  if (!group) throw new Error(`${worker.name} does not know the group ${groupId}`);
  return group as Group;
}

/** Texts that the worker's own database has of a conversation, in its order. */
export async function storedTexts(worker: Worker, conversationId: string): Promise<unknown[]> {
  const messages = await (await groupOf(worker, conversationId)).messages();
  return messages.map(({ content }) => content);
}

/** Texts that the worker's streams brought, in order; of these sources only, if any are named. */
export function received(worker: Worker, ...sources: string[]): string[] {
  const wanted = worker.events
    .receives()
    .filter(({ source }) => sources.length === 0 || sources.includes(source));
  return wanted.map(({ payload }) => payload.text);
}

/** What became of the worker's streams, in order. */
export function streamStates(worker: Worker): string[] {
  return worker.events.streams().map(({ state }) => state);
}

/** Sends, and fails when the SDK does. */
export async function say(worker: Worker, groupId: string, text: string): Promise<void> {
  await (await groupOf(worker, groupId)).sendText(text);
}

/**
 * Sends under a fault: the SDK may fail, after which the message may still arrive or not (the ledger has the
 * outcome, and the oracles know what each outcome owes).
 *
 * @returns whether the SDK said that it was sent
 */
export async function trySay(worker: Worker, groupId: string, text: string): Promise<boolean> {
  try {
    await say(worker, groupId, text);
    return true;
  } catch {
    return false;
  }
}

export interface SoundOptions {
  /**
   * Sends race with commits: libxmtp may publish a message again, which its sender then has with another time than
   * everybody else, and others may get twice. See ConvergenceOptions.order and ExactlyOnceOptions.republished.
   */
  readonly racing?: boolean;
  /**
   * Sends race with the return of removed members: see LossOptions.overtaken. Judged by the databases: libxmtp stores
   * what was sent between a member's return and its own learning of it, and never streams it (seen on 5.5.0).
   */
  readonly returning?: boolean;
}

/** What the oracles have against a conversation: nothing lost, nothing twice, each sender's messages in order. */
export function complaints(
  worker: Worker,
  conversationId: string,
  { racing = false, returning = false }: SoundOptions = {},
): string[] {
  const { events } = worker.events.ledger;
  const scope = { conversationId };
  const verdicts = [
    exactlyOnce(events, { ...scope, republished: racing ? "allow" : "fail" }),
    ...(returning ? [] : [noLoss(events, scope)]),
    orderPerSender(events, scope),
  ];
  return verdicts.filter(({ status }) => status !== "pass").flatMap((verdict) => verdictLines(verdict));
}

/**
 * The end of every scenario, after `chaos.heal()`: all installations converge, every acknowledged message was
 * received, none twice, each sender's in order; and the group still works, which a message of each shows.
 */
export async function expectSound(
  workers: Iterable<Worker>,
  conversationId: string,
  { racing = false, returning = false }: SoundOptions = {},
): Promise<void> {
  const alike = { timeout: recoveryMs, order: !racing, overtaken: returning ? "allow" : "fail" } as const;
  const all = [...workers];
  const [first] = all;
  if (!first) throw new Error("nobody to judge");
  await expect(all).toHaveConverged(conversationId, alike);
  // Two of each, so that there is an order to judge.
  const farewells = (worker: Worker): string[] => [`${worker.name} is well`, `${worker.name} says goodbye`];
  for (const worker of all)
    for (const farewell of farewells(worker)) await say(worker, conversationId, farewell);
  await expect
    .poll(() => complaints(first, conversationId, { racing, returning }), {
      timeout: recoveryMs,
      message: "what the oracles say",
    })
    .toEqual([]);
  // Late copies too: once all streams are drained, the oracles look again.
  const last = all.map(async (worker, place) => {
    const other = all.filter(({ inboxId }) => inboxId !== worker.inboxId)[place % (all.length - 1)] ?? first;
    if (other.inboxId === worker.inboxId) return;
    const where = { conversationId, from: other, timeout: recoveryMs };
    // The stream of somebody who came back does not drain.
    if (returning) await expect(worker).toHaveReceived(`${other.name} says goodbye`, where);
    else await expect(worker).toHaveReceivedExactlyOnce(`${other.name} says goodbye`, where);
  });
  await Promise.all(last);
  expect(complaints(first, conversationId, { racing, returning }), "what the oracles say at the end").toEqual(
    [],
  );
  await expect(all).toHaveConverged(conversationId, alike);
  if (returning) await expectAllStored(all, conversationId);
}

/** Everything acknowledged is stored by who was a member then; and what is taken away would be missed. */
async function expectAllStored(all: readonly Worker[], conversationId: string): Promise<void> {
  const snapshots = await Promise.all(all.map(async (worker) => await worker.snapshot(conversationId)));
  const [first] = all as [Worker];
  const judge = (taken: typeof snapshots): Verdict =>
    noLossInDatabase(first.events.ledger.events, taken, { conversationId, overtaken: "allow" });
  const verdict = judge(snapshots);
  expect(verdict.status, verdictLines(verdict).join("\n")).toBe("pass");
  const seeded = snapshots.map((one) => (one.worker === first.name ? { ...one, messages: [] } : one));
  expect(verdictLines(judge(seeded)).join("\n"), "the judge, with one database emptied").toContain(
    `is not in ${first.name}'s database`,
  );
}
