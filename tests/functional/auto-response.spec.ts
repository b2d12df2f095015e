import { expect, test, typeofStream } from "playwright-xmtp";
import { resolveDefaults } from "#src/workers/registry/worker-defaults.js";
import type { SendEvent, Worker } from "playwright-xmtp";
import { whereSdkHas } from "./support/features.js";
import { dmOf, groupOf, inboxIds, reaction } from "./support/sdk.js";

test("each text from another is answered with gm, once", async ({ alice, bob }) => {
  await alice.startStream(typeofStream.Message);
  await bob.startStream(typeofStream.MessageandResponse);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  for (const text of ["one", "two", "three"]) await dm.sendText(text);

  const answers = await alice.collectMessages(dm.id, 3, { senderInboxId: bob.inboxId });
  expect(answers.map(({ content }) => content)).toEqual(["gm", "gm", "gm"]);
  await settled(alice, bob);
  expect(answersOf(bob)).toHaveLength(3);
  expect(answersOf(bob).map(({ conversationId }) => conversationId)).toEqual([dm.id, dm.id, dm.id]);
  for (const text of ["one", "two", "three"])
    await expect(bob).toHaveReceivedExactlyOnce(text, { settle: 0 });
});

test("a gm by a person is answered like any text", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.MessageandResponse);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("gm");
  await expect.poll(() => answersOf(bob).map(({ outcome }) => outcome)).toEqual(["ok"]);
});

test("two responders do not talk for ever", async ({ alice, bob }) => {
  await alice.startStream(typeofStream.MessageandResponse);
  await bob.startStream(typeofStream.MessageandResponse);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("hello");

  await expect(alice).toHaveReceivedExactlyOnce("gm", { from: bob });
  await settled(alice, bob);
  expect(answersOf(bob)).toHaveLength(1);
  expect(answersOf(alice)).toEqual([]);
});

test("five responders in a group each answer a text once", async ({ getWorkers }) => {
  const workers = await getWorkers(5);
  const creator = workers.getCreator();
  const others = workers.getAllButCreator();
  const group = await workers.createGroupBetweenAll("greeters");
  await workers.startStream(typeofStream.MessageandResponse);
  await group.sendText("hello all");

  const answers = await creator.collectMessages(group.id, 4, { content: "gm" });
  expect(answers.map(({ senderInboxId }) => senderInboxId).sort()).toEqual(inboxIds(others).sort());
  await settled(...workers);
  for (const worker of others) expect(answersOf(worker)).toHaveLength(1);
  expect(answersOf(creator)).toEqual([]);
});

test("only a worker whose answering stream is active answers", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("before");
  await expect(bob).toHaveReceivedExactlyOnce("before");
  expect(answersOf(bob)).toEqual([]);

  await bob.startStream(typeofStream.MessageandResponse);
  await dm.sendText("during");
  await expect.poll(() => answersOf(bob).map(({ outcome }) => outcome)).toEqual(["ok"]);

  await bob.endStream(typeofStream.MessageandResponse);
  await dm.sendText("after");
  await expect(bob).toHaveReceivedExactlyOnce("after");
  expect(answersOf(bob)).toHaveLength(1);
});

whereSdkHas("senders of content types", () => {
  test("only texts are answered, and not one's own", async ({ alice, bob }) => {
    const second = await bob.addNewInstallation();
    await bob.startStream(typeofStream.MessageandResponse);
    const dm = await alice.client.conversations.createDm(bob.inboxId);
    const id = await dm.sendMarkdown("# no text");
    await dm.sendReaction({
      reference: id,
      referenceInboxId: alice.inboxId,
      action: reaction.added,
      content: "👍",
      schema: reaction.unicode,
    });
    await dm.sendReadReceipt();
    await (await dmOf(second, dm.id)).sendText("I am bob as well");
    await (await dmOf(bob, dm.id)).sendText("and so am I");

    await bob.collectMessages(dm.id, 1, { contentTypes: ["readReceipt"] });
    await expect(bob).toHaveReceivedExactlyOnce("I am bob as well");
    await settled(bob);
    expect(answersOf(bob)).toEqual([]);
  });
});

test("a rename is not text", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await groupOf(bob, group.id);
  await bob.startStream(typeofStream.MessageandResponse);
  await bob.startStream(typeofStream.GroupUpdated);
  await group.updateName("gm?");
  await bob.collectGroupUpdates(group.id, 1, { newValue: "gm?" });
  await settled(bob);
  expect(answersOf(bob)).toEqual([]);
});

/** Automatic sends of a worker. */
const answersOf = (worker: Worker): SendEvent[] =>
  [...worker.events].filter((event): event is SendEvent => event.kind === "send" && event.automatic);

/** Everything stored has passed the streams, and the answers it may cause have been sent. */
async function settled(...workers: readonly Worker[]): Promise<void> {
  for (const worker of workers) await worker.untilDrained();
  for (const worker of workers) await expect(worker).not.toHaveReceived("a text that nobody sends");
}

test.describe("by name", () => {
  test.use({ workerDefaults: { respondTo: "named" } });

  test("in a group the worker that is named answers, in a DM every text is answered", async ({
    alice,
    bob,
    carol,
  }) => {
    await alice.startStream(typeofStream.Message);
    for (const worker of [bob, carol]) await worker.startStream(typeofStream.MessageandResponse);
    const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
    for (const text of ["bobby, hello all", "hello, Bob!"]) await group.sendText(text);
    await expect(alice).toHaveReceivedExactlyOnce("gm", { from: bob });
    const dm = await alice.client.conversations.createDm(carol.inboxId);
    await dm.sendText("hello there");
    await expect(alice).toHaveReceived("gm", { from: carol });

    await settled(alice, bob, carol);
    expect(answersOf(bob)).toHaveLength(1);
    expect(answersOf(carol).map(({ conversationId }) => conversationId)).toEqual([dm.id]);
  });

  test("a rule that is none is refused", () => {
    expect(() => resolveDefaults({ respondTo: "nobody" } as never)).toThrow("respondTo");
  });
});
