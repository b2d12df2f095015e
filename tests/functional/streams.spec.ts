import { expect, typeofStream } from "playwright-xmtp";
import { noLoss, stopGuarantee } from "playwright-xmtp/oracles";
import type { LedgerEvent, Worker } from "playwright-xmtp";
import { test } from "../support/place.js";
import type { Place } from "../support/place.js";
import { consent, groupOf, inboxIds, textsOf } from "./support/sdk.js";

const everyType = [
  typeofStream.Message,
  typeofStream.MessageandResponse,
  typeofStream.GroupUpdated,
  typeofStream.Conversation,
  typeofStream.Consent,
];

/** Subscriptions that are open at the node; undefined where nobody counts them. */
const openSubscriptions = async ({ node }: Place): Promise<number | undefined> =>
  (await node?.stats())?.openSubscriptions;

test("a worker starts with nothing active", async ({ alice, place }) => {
  expect(alice.activeStreamTypes.size).toBe(0);
  expect(alice.activeSyncTypes.size).toBe(0);
  expect(await openSubscriptions(place)).toBe(place.node && 0);
});

test("the message stream delivers who said what where, ten times in order", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const sent = Array.from({ length: 10 }, (_, at) => `message ${at + 1}`);
  const ids: string[] = [];
  for (const text of sent) ids.push(await dm.sendText(text));

  const received = await bob.collectMessages(dm.id, 10);
  expect(received.map(({ content }) => content)).toEqual(sent);
  expect(received.map(({ messageId }) => messageId)).toEqual(ids);
  for (const message of received) {
    expect(message).toMatchObject({
      worker: "bob",
      source: "stream",
      conversationId: dm.id,
      senderInboxId: alice.inboxId,
      contentType: "text",
    });
  }
  await expect(bob).toHaveReceivedInOrder(sent);
  for (const text of sent) await expect(bob).toHaveReceivedExactlyOnce(text, { from: alice, settle: 0 });
});

test("the group-update stream delivers each metadata change with its old and new value", async ({
  alice,
  bob,
}) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId], { groupName: "before" });
  await groupOf(bob, group.id);
  await bob.startStream(typeofStream.GroupUpdated);

  await group.updateName("after");
  await group.updateDescription("what it is about");

  const [rename] = await bob.collectGroupUpdates(group.id, 1, { field: "group_name" });
  expect(rename?.update?.fields).toEqual([{ field: "group_name", oldValue: "before", newValue: "after" }]);
  expect(rename?.update?.initiatedByInboxId).toBe(alice.inboxId);
  const [description] = await bob.collectGroupUpdates(group.id, 1, { field: "description" });
  expect(description?.update?.fields).toEqual([
    { field: "description", oldValue: "", newValue: "what it is about" },
  ]);
});

test("the group-update stream delivers who was added and who was removed", async ({ getWorkers }) => {
  const [alice, bob, carol, dave] = [...(await getWorkers(4))] as [Worker, Worker, Worker, Worker];
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await groupOf(bob, group.id);
  await bob.startStream(typeofStream.GroupUpdated);

  await group.addMembers([carol.inboxId, dave.inboxId]);
  await group.removeMembers([dave.inboxId]);

  const [added] = await bob.collectAddedMembers(group.id, [carol.inboxId, dave.inboxId]);
  expect([...(added?.update?.addedInboxIds ?? [])].sort()).toEqual(inboxIds([carol, dave]).sort());
  const updates = await bob.collectGroupUpdates(group.id, 2);
  expect(updates.map(({ update }) => update?.removedInboxIds)).toEqual([[], [dave.inboxId]]);
  expect(updates.map(({ update }) => update?.initiatedByInboxId)).toEqual([alice.inboxId, alice.inboxId]);
});

test("the conversation stream delivers ten new groups, each once", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Conversation);
  const made: string[] = [];
  for (let at = 0; at < 10; at += 1)
    made.push((await alice.client.conversations.createGroup([bob.inboxId], { groupName: `g${at}` })).id);

  const seen = await bob.collectConversations(alice.inboxId, 10);
  expect(seen.map(({ conversationId }) => conversationId).sort()).toEqual([...made].sort());
  for (const event of seen) {
    expect(event).toMatchObject({ conversationType: "group", addedByInboxId: alice.inboxId });
  }
});

test("the conversation stream tells a DM from a group", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Conversation);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("so that it is published");

  const [event] = await bob.collectConversations();
  expect(event).toMatchObject({
    conversationId: dm.id,
    conversationType: "dm",
    addedByInboxId: alice.inboxId,
  });
});

test("the conversation stream delivers a group on being added to it later", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await carol.startStream(typeofStream.Conversation);

  await group.addMembers([carol.inboxId]);

  const [event] = await carol.collectConversations(alice.inboxId);
  expect(event?.conversationId).toBe(group.id);
  await expect(carol).toHaveConversation(group.id);
});

test("the stream type None starts nothing", async ({ alice, place }) => {
  await alice.startStream(typeofStream.None);
  expect(alice.activeStreamTypes.size).toBe(0);
  expect(await openSubscriptions(place)).toBe(place.node && 0);
});

for (const type of everyType) {
  test(`${type}: starting twice is starting once, and it ends for good`, async ({ alice, place }) => {
    await alice.startStream(type);
    const open = await openSubscriptions(place);
    await alice.startStream(type);
    expect(alice.activeStreamTypes).toEqual(new Set([type]));
    expect(await openSubscriptions(place)).toBe(open);
    expect([...alice.events].filter(isLive)).toHaveLength(1);

    await alice.endStream(type);
    await expect(alice).toHaveNoActiveStreams();
    await place.node?.waitForSubscriptions(0, 5_000);
    await alice.endStream(type);
    await expect(alice).toHaveNoActiveStreams();
  });
}

test("two starts at the same moment make one subscription", async ({ alice, bob, place }) => {
  await Promise.all([
    bob.startStream(typeofStream.Message),
    bob.startStream(typeofStream.Message),
    bob.startStream(typeofStream.GroupUpdated),
  ]);
  const live = [...bob.events].filter(isLive);
  expect(live.map((event) => event.kind === "stream" && [event.streamType, event.streamId])).toEqual([
    [typeofStream.Message, 1],
    [typeofStream.GroupUpdated, 1],
  ]);
  if (place.node)
    expect((await place.node.subscriptions()).filter(({ kind }) => kind === "group")).toHaveLength(1);

  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("once");
  await expect(bob).toHaveReceivedExactlyOnce("once");
});

test("all types run side by side on one worker, each with its own events", async ({ alice, bob }) => {
  for (const type of everyType) await bob.startStream(type);
  expect(bob.activeStreamTypes).toEqual(new Set(everyType));

  const group = await alice.client.conversations.createGroup([bob.inboxId], { groupName: "old" });
  await group.sendText("hello");
  await group.updateName("new");

  const [conversation] = await bob.collectConversations(alice.inboxId);
  expect(conversation?.conversationId).toBe(group.id);
  await expect(bob).toHaveReceivedExactlyOnce("hello", { conversationId: group.id });
  const [rename] = await bob.collectGroupUpdates(group.id, 1, { newValue: "new" });
  expect(rename?.update?.fields).toEqual([{ field: "group_name", oldValue: "old", newValue: "new" }]);

  const mine = (await bob.client.conversations.getConversationById(group.id)) as typeof group;
  mine.updateConsentState(consent.denied);
  const [change] = await bob.collectConsentUpdates(1, { entity: group.id, state: "denied" });
  expect(change).toMatchObject({ entityType: "conversation", entity: group.id, state: "denied" });
});

test("ending one type leaves the others running", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await groupOf(bob, group.id);
  for (const type of [typeofStream.Message, typeofStream.GroupUpdated, typeofStream.Conversation])
    await bob.startStream(type);

  await bob.endStream(typeofStream.Message);
  expect(bob.activeStreamTypes).toEqual(new Set([typeofStream.GroupUpdated, typeofStream.Conversation]));

  await group.sendText("nobody listens");
  await group.updateName("seen");
  await bob.collectGroupUpdates(group.id, 1, { newValue: "seen" });
  // The rename came after the text on the same SDK stream, so the text has passed too.
  await expect(bob).not.toHaveReceived("nobody listens", { settle: 0 });

  await bob.endStream(typeofStream.GroupUpdated);
  const next = await alice.client.conversations.createGroup([bob.inboxId]);
  const [event] = await bob.collectConversations(alice.inboxId);
  expect(event?.conversationId).toBe(next.id);
});

test("a stream stops and starts again; what came between is stored, not streamed", async ({
  alice,
  bob,
  carol,
}) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  for (const worker of [bob, carol]) await worker.startStream(typeofStream.Message);
  await group.sendText("first");
  await expect(bob).toHaveReceivedExactlyOnce("first");

  await bob.endStream(typeofStream.Message);
  await group.sendText("between");
  // A node that polls its store brings it to whoever listens by then; now it has been brought.
  await expect(carol).toHaveReceived("between");
  await bob.startStream(typeofStream.Message);
  await group.sendText("last");

  await expect(bob).toHaveReceivedExactlyOnce("last");
  await expect(bob).not.toHaveReceived("between");
  const stored = await (await groupOf(bob, group.id)).messages();
  expect(textsOf(stored)).toEqual(["first", "between", "last"]);
});

test("ending all streams of one worker leaves another's running", async ({ alice, bob, carol, place }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  for (const worker of [bob, carol]) {
    await worker.startStream(typeofStream.Message);
    await worker.startStream(typeofStream.Conversation);
  }
  const both = (await openSubscriptions(place)) ?? 0;

  await bob.endStream();
  await expect(bob).toHaveNoActiveStreams();
  await place.node?.waitForSubscriptions(both / 2, 5_000);

  await group.sendText("to carol only");
  await expect(carol).toHaveReceivedExactlyOnce("to carol only");
  await expect(bob).not.toHaveReceived("to carol only");
});

test("a start that is not awaited takes effect", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("before");
  void bob.startStream(typeofStream.Message);
  await expect(bob).not.toHaveNoActiveStreams();
  await bob.startStream(typeofStream.Message);
  expect([...bob.events].filter(isLive)).toHaveLength(1);
  await dm.sendText("after");
  await expect(bob).toHaveReceivedExactlyOnce("after");
});

test("an end right after a start that is not awaited wins", async ({ bob, place }) => {
  void bob.startStream(typeofStream.Message);
  await bob.endStream(typeofStream.Message);
  await expect(bob).toHaveNoActiveStreams();
  await place.node?.waitForSubscriptions(0, 5_000);
});

test("aborting a type's controller ends that type only", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await groupOf(bob, group.id);
  await bob.startStream(typeofStream.Message);
  await bob.startStream(typeofStream.GroupUpdated);
  expect([...bob.streamControllers.keys()]).toEqual([typeofStream.Message, typeofStream.GroupUpdated]);

  bob.streamControllers.get(typeofStream.Message)?.abort();
  expect(bob.activeStreamTypes).toEqual(new Set([typeofStream.GroupUpdated]));

  await group.sendText("nobody listens");
  await group.updateName("seen");
  await bob.collectGroupUpdates(group.id, 1, { newValue: "seen" });
  await expect(bob).not.toHaveReceived("nobody listens", { settle: 0 });
});

test("the ledger tells a stream's life in order", async ({ alice }) => {
  await alice.startStream(typeofStream.Conversation);
  await alice.endStream(typeofStream.Conversation);
  const states = [...alice.events].flatMap((event) =>
    event.kind === "stream" ? [`${event.streamType} ${event.state}`] : [],
  );
  expect(states).toEqual(["starting", "live", "ending", "ended"].map((state) => `conversation ${state}`));
});

function isLive(event: LedgerEvent): boolean {
  return event.kind === "stream" && event.state === "live";
}

test("types that share a stream have each a life of their own in the ledger", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.GroupUpdated);
  await bob.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  // What bob is owed is certain only once the ledger has seen bob in the conversation.
  for (const text of ["first", "heard by the one that joined later"]) {
    await dm.sendText(text);
    await expect(bob).toHaveReceived(text);
  }
  expect(noLoss(bob.events.ledger.events)).toMatchObject({ status: "pass" });
  await bob.endStream(typeofStream.Message);
  await bob.endStream();
  const lives = [...bob.events].flatMap((event) =>
    event.kind === "stream" ? [`${event.streamType} #${event.streamId} ${event.state}`] : [],
  );
  const { Message, GroupUpdated } = typeofStream;
  expect(lives).toEqual([
    ...["starting", "live"].map((state) => `${GroupUpdated} #1 ${state}`),
    ...["starting", "live", "ending", "ended"].map((state) => `${Message} #1 ${state}`),
    ...["ending", "ended"].map((state) => `${GroupUpdated} #1 ${state}`),
  ]);
  expect(stopGuarantee(bob.events.ledger.events)).toMatchObject({ status: "pass" });
});
