import { expect, test, typeofStream } from "playwright-xmtp";
import { dmOf, groupOf, inboxIds, textsOf } from "./support/sdk.js";

test("a restart on the same database keeps DM, group, members and messages", async ({
  alice,
  bob,
  carol,
}) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("in the DM");
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]), {
    groupName: "the group",
    groupDescription: "survives",
  });
  await group.sendText("in the group");
  const identity = { inboxId: alice.inboxId, installationId: alice.installationId, dbPath: alice.dbPath };

  await alice.goOffline();
  await alice.goOnline();

  expect({ inboxId: alice.inboxId, installationId: alice.installationId, dbPath: alice.dbPath }).toEqual(
    identity,
  );
  const ids = (await alice.client.conversations.list()).map(({ id }) => id);
  expect(ids.sort()).toEqual([dm.id, group.id].sort());
  expect(textsOf(await (await dmOf(alice, dm.id)).messages())).toEqual(["in the DM"]);
  const restarted = await groupOf(alice, group.id);
  expect([restarted.name, restarted.description]).toEqual(["the group", "survives"]);
  expect(textsOf(await restarted.messages())).toEqual(["in the group"]);
  await expect(restarted).toHaveMembers([alice, bob, carol]);

  await restarted.sendText("after the restart");
  expect(textsOf(await (await groupOf(bob, group.id)).messages())).toEqual([
    "in the group",
    "after the restart",
  ]);
  await expect([alice, bob, carol]).toHaveConverged(group.id);
});

test("ten members restart together and still agree", async ({ getWorkers }) => {
  const workers = await getWorkers(10);
  const group = await workers.createGroupBetweenAll("restarted");
  await group.sendText("before");
  for (const worker of workers) await groupOf(worker, group.id);

  await Promise.all(workers.getAll().map((worker) => worker.goOffline()));
  await Promise.all(workers.getAll().map((worker) => worker.goOnline()));

  const again = await groupOf(workers.getCreator(), group.id);
  await again.sendText("after");
  for (const worker of workers)
    expect(textsOf(await (await groupOf(worker, group.id)).messages())).toEqual(["before", "after"]);
  await expect(workers.getAll()).toHaveConverged(group.id);
});

test("an unknown conversation or message is undefined, not an error", async ({ alice, bob }) => {
  const unknown = "ab".repeat(16);
  expect(await alice.client.conversations.getConversationById(unknown)).toBeUndefined();
  expect(alice.client.conversations.getMessageById("cd".repeat(32))).toBeUndefined();
  expect(alice.client.conversations.getDmByInboxId(bob.inboxId)).toBeUndefined();
  await expect(alice).not.toHaveConversation(unknown, { settle: 0 });
});

test("a conversation of others is unknown to who is not a member", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await group.sendText("private");
  await carol.client.conversations.syncAll();
  expect(await carol.client.conversations.getConversationById(group.id)).toBeUndefined();
  expect((await carol.snapshot(group.id)).known).toBe(false);
});

test("streams survive a restart of the node, and nothing is lost or doubled", async ({
  alice,
  bob,
  network,
}) => {
  // A busy machine, and an SDK that has to try more than once.
  test.setTimeout(120_000);
  const soon = { timeout: 60_000 };
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dmOf(bob, dm.id);
  await bob.startStream(typeofStream.Message);
  bob.tolerate(/./);
  await dm.sendText("before");
  await expect(bob).toHaveReceivedExactlyOnce("before");

  await network.stop();
  await network.start();
  await expect(async () => {
    await alice.client.conversations.syncAll();
  }).toPass({ timeout: 15_000 });
  await dm.sendText("after");

  await expect(bob).toHaveReceivedInOrder(["before", "after"], soon);
  for (const text of ["before", "after"]) await expect(bob).toHaveReceivedExactlyOnce(text, soon);
  const states = [...bob.events].flatMap((event) => (event.kind === "stream" ? [event.state] : []));
  expect(states).toContain("lost");
  expect(states).toContain("restart");
});

test("a lost acknowledgement does not double a message", async ({ alice, bob, network }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dmOf(bob, dm.id);
  await bob.startStream(typeofStream.Message);
  await network.failNext("SendGroupMessages", { code: 14, afterStore: true });
  await dm.sendText("stored, but not acknowledged");

  await expect(bob).toHaveReceivedExactlyOnce("stored, but not acknowledged");
  expect(textsOf(await (await dmOf(bob, dm.id)).messages())).toEqual(["stored, but not acknowledged"]);
  await expect([alice, bob]).toHaveConverged(dm.id);
});
