import { expect, typeofStream, typeOfSync } from "playwright-xmtp";
import { optimistic } from "../support/sdk-differences.js";
import { test } from "../support/place.js";
import { dmOf, groupOf, inboxIds, textsOf } from "./support/sdk.js";

const missed = ["missed 1", "missed 2", "missed 3", "missed 4", "missed 5"];

test("a listening worker catches up on what it missed, in order, exactly once", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await bob.startStream(typeofStream.Message);
  await dm.sendText("before");
  await expect(bob).toHaveReceivedExactlyOnce("before");

  await bob.goOffline();
  for (const text of missed) await dm.sendText(text);
  await bob.goOnline();
  await dm.sendText("after");

  await expect(bob).toHaveReceivedInOrder(["before", ...missed, "after"]);
  for (const text of ["before", ...missed, "after"])
    await expect(bob).toHaveReceivedExactlyOnce(text, { settle: 0 });
  const sources = (await bob.collectMessages(dm.id, 7)).map(({ source }) => source);
  // A node that polls hands the last of them to the new subscription as well.
  const last = expect.stringMatching(/^(gap|stream)$/);
  expect(sources).toEqual(["stream", ...missed.slice(1).map(() => "gap"), last, "stream"]);
  await expect([alice, bob]).toHaveConverged(dm.id);
});

test("a worker without a stream finds what it missed by a sync", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  await groupOf(bob, group.id);
  await bob.goOffline();
  for (const text of missed) await group.sendText(text);
  await group.updateName("renamed meanwhile");
  await group.removeMembers([carol.inboxId]);
  await bob.goOnline();

  const before = await bob.client.conversations.getConversationById(group.id);
  expect(textsOf((await before?.messages()) ?? [])).toEqual([]);
  const theirs = await groupOf(bob, group.id);
  expect(textsOf(await theirs.messages())).toEqual(missed);
  expect(theirs.name).toBe("renamed meanwhile");
  await expect(theirs).toHaveMembers([alice, bob]);
  await expect([alice, bob]).toHaveConverged(group.id);
});

test("a conversation made meanwhile comes with the stream's return", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Conversation);
  await bob.goOffline();
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await bob.goOnline();

  const [event] = await bob.collectConversations(alice.inboxId);
  expect(event).toMatchObject({ conversationId: group.id, source: "gap" });
  const next = await alice.client.conversations.createGroup([bob.inboxId]);
  const seen = await bob.collectConversations(alice.inboxId, 2);
  expect(seen.map(({ conversationId, source }) => [conversationId, source])).toEqual([
    [group.id, "gap"],
    [next.id, "stream"],
  ]);
});

test("what came before it listened is not filled in with what it missed", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await group.sendText("before it listened");
  await groupOf(bob, group.id);
  await bob.startStream(typeofStream.Message);
  await group.updateName("renamed before");
  await bob.startStream(typeofStream.GroupUpdated);

  await bob.goOffline();
  await group.updateName("renamed meanwhile");
  await group.sendText("meanwhile");
  await bob.goOnline();

  await expect(bob).toHaveReceivedExactlyOnce("meanwhile");
  const received = [...bob.events].flatMap((event) =>
    event.kind === "receive" ? [event.update?.fields[0]?.newValue ?? event.content] : [],
  );
  expect(received).toEqual(["renamed meanwhile", "meanwhile"]);
});

test("a group that is older, but joined meanwhile, comes with the stream's return", async ({
  alice,
  bob,
  carol,
}) => {
  const group = await alice.client.conversations.createGroup([carol.inboxId]);
  await bob.startStream(typeofStream.Conversation);
  await bob.goOffline();
  await group.addMembers([bob.inboxId]);
  await bob.goOnline();
  const [event] = await bob.collectConversations(alice.inboxId);
  expect(event).toMatchObject({ conversationId: group.id, source: "gap" });
});

test("streams and syncs are off while offline, and the same ones on again after", async ({ bob, place }) => {
  await bob.startStream(typeofStream.Message);
  await bob.startStream(typeofStream.GroupUpdated);
  await bob.startSync(typeOfSync.Sync, 50);

  await bob.goOffline();
  await expect(bob).toHaveNoActiveStreams();
  expect(bob.activeSyncTypes.size).toBe(0);
  await place.node?.waitForSubscriptions(0, 5_000);

  await bob.goOnline();
  expect(bob.activeStreamTypes).toEqual(new Set([typeofStream.Message, typeofStream.GroupUpdated]));
  expect(bob.activeSyncTypes).toEqual(new Set([typeOfSync.Sync]));
  const states = [...bob.events].flatMap((event) => (event.kind === "lifecycle" ? [event.state] : []));
  expect(states).toEqual(["created", "offline", "online"]);
});

test("an offline worker refuses verbs by name, and its database is untouched", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("kept");
  await dmOf(bob, dm.id);
  await bob.goOffline();

  expect(() => bob.client).toThrow(/bob is offline/);
  await expect(bob.startStream(typeofStream.Message)).rejects.toMatchObject({ code: "WORKER_OFFLINE" });
  await expect(bob.startSync(typeOfSync.Sync)).rejects.toMatchObject({ code: "WORKER_OFFLINE" });
  await expect(bob.goOffline()).rejects.toMatchObject({ code: "WORKER_OFFLINE" });

  await bob.goOnline();
  await bob.goOnline();
  const mine = await bob.client.conversations.getConversationById(dm.id);
  expect(textsOf((await mine?.messages()) ?? [])).toEqual(["kept"]);
});

test("two go offline in turn; nothing is lost or doubled for either", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  for (const worker of [bob, carol]) {
    await groupOf(worker, group.id);
    await worker.startStream(typeofStream.Message);
  }
  await bob.goOffline();
  await group.sendText("without bob");
  await carol.goOffline();
  await group.sendText("without both");
  await bob.goOnline();
  await group.sendText("without carol");
  await carol.goOnline();
  await group.sendText("with both");

  const all = ["without bob", "without both", "without carol", "with both"];
  for (const worker of [bob, carol]) {
    await expect(worker).toHaveReceivedInOrder(all);
    for (const text of all) await expect(worker).toHaveReceivedExactlyOnce(text, { settle: 0 });
  }
  await expect([alice, bob, carol]).toHaveConverged(group.id);
});

test("a message queued while the node is down is delivered once it is back", async ({
  alice,
  bob,
  network,
}) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dmOf(bob, dm.id);
  await bob.startStream(typeofStream.Message);
  await network.stop();
  const id = await dm.sendText("queued", optimistic(alice));
  await expect(dm.publishMessages()).rejects.toThrow();
  expect(alice.client.conversations.getMessageById(id)?.content).toBe("queued");

  await network.start();
  await dm.publishMessages();
  await expect(bob).toHaveReceivedExactlyOnce("queued", { timeout: 15_000 });
  const [event] = await bob.collectMessages(dm.id);
  expect(event?.messageId).toBe(id);
});
