import { expect, test, typeofStream } from "playwright-xmtp";
import { dmOf, groupOf, textsOf } from "./support/sdk.js";

test("installations of one identity share inbox and address, not id and database", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice", "alice-b", "alice-c"]);
  const all = workers.getAll();
  expect(new Set(all.map(({ inboxId }) => inboxId)).size).toBe(1);
  expect(new Set(all.map(({ address }) => address)).size).toBe(1);
  expect(new Set(all.map(({ installationId }) => installationId)).size).toBe(3);
  expect(new Set(all.map(({ dbPath }) => dbPath)).size).toBe(3);

  const listed = await workers.getCreator().fetchInstallations();
  expect(listed.map(({ id }) => id).sort()).toEqual(all.map(({ installationId }) => installationId).sort());
});

test("a further installation is a worker of its own, by the next letter", async ({ alice }) => {
  const second = await alice.addNewInstallation();
  const third = await second.addNewInstallation();
  expect([alice.name, second.name, third.name]).toEqual(["alice", "alice-b", "alice-c"]);
  expect(third.inboxId).toBe(alice.inboxId);
  const ids = (await third.fetchInstallations()).map(({ id }) => id);
  expect(ids.sort()).toEqual([alice, second, third].map(({ installationId }) => installationId).sort());
});

test("a second installation gets new messages and answers as the same person", async ({ alice, bob }) => {
  const second = await bob.addNewInstallation();
  await bob.startStream(typeofStream.Message);
  await second.startStream(typeofStream.Message);
  await alice.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("to all of bob");

  await expect(bob).toHaveReceivedExactlyOnce("to all of bob");
  await expect(second).toHaveReceivedExactlyOnce("to all of bob");
  await (await dmOf(second, dm.id)).sendText("from the second");
  await expect(alice).toHaveReceivedExactlyOnce("from the second", { from: bob });
  await expect(bob).toHaveReceivedExactlyOnce("from the second");
  await expect([alice, bob, second]).toHaveConverged(dm.id);
});

test("a new installation has no old conversation, and joins at the next change of members", async ({
  alice,
  bob,
  carol,
}) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await group.sendText("before");
  expect(textsOf(await (await groupOf(bob, group.id)).messages())).toEqual(["before"]);

  const second = await bob.addNewInstallation();
  await second.client.conversations.syncAll();
  expect(await second.client.conversations.list()).toEqual([]);

  await group.addMembers([carol.inboxId]);
  await group.sendText("after");
  expect(textsOf(await (await groupOf(second, group.id)).messages())).toEqual(["after"]);
  expect(textsOf(await (await groupOf(bob, group.id)).messages())).toEqual(["before", "after"]);
});

test("a new installation joins by messages alone, once the sender looks for it again", async ({
  alice,
  bob,
}) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("before");
  const second = await bob.addNewInstallation();

  // libxmtp looks for new installations at most every few seconds while it sends.
  await expect
    .poll(
      async () => {
        await dm.sendText("are you there?");
        await second.client.conversations.sync();
        return (await second.client.conversations.list()).map(({ id }) => id);
      },
      { timeout: 20_000 },
    )
    .toEqual([dm.id]);
  await dm.sendText("welcome");
  const texts = textsOf(await (await dmOf(second, dm.id)).messages());
  expect(texts).not.toContain("before");
  expect(texts.at(-1)).toBe("welcome");
});

test("a revoked installation is gone from the list and gets nothing new", async ({ alice, bob }) => {
  const second = await bob.addNewInstallation();
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await groupOf(second, group.id);

  await bob.revokeInstallations([second.installationId]);

  expect((await bob.fetchInstallations()).map(({ id }) => id)).toEqual([bob.installationId]);
  await group.sendText("not for the revoked one");
  expect(textsOf(await (await groupOf(bob, group.id)).messages())).toEqual(["not for the revoked one"]);
  await expect
    .poll(async () => {
      await second.client.conversations.syncAll();
      return textsOf(
        (await (await second.client.conversations.getConversationById(group.id))?.messages()) ?? [],
      );
    })
    .toEqual([]);
});

test("revoking all others leaves one of four", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice", "alice-b", "alice-c", "alice-d"]);
  const alice = workers.getCreator();
  expect(await alice.fetchInstallations()).toHaveLength(4);
  await alice.client.revokeAllOtherInstallations();
  expect((await alice.fetchInstallations()).map(({ id }) => id)).toEqual([alice.installationId]);
});

test("revoking an installation that is not there names those that are", async ({ alice }) => {
  const error: unknown = await alice
    .revokeInstallations(["ab".repeat(32)])
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INSTALLATION_UNKNOWN" });
  expect((error as Error).message).toContain(alice.installationId);
});

test("a reinstalled worker is the same person on a new installation, with nothing stored", async ({
  alice,
  bob,
  carol,
}) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await group.sendText("lost with the old database");
  await groupOf(bob, group.id);
  const before = { inboxId: bob.inboxId, installationId: bob.installationId, dbPath: bob.dbPath };

  await bob.reinstall();

  expect(bob.inboxId).toBe(before.inboxId);
  expect(bob.installationId).not.toBe(before.installationId);
  expect(bob.dbPath).not.toBe(before.dbPath);
  expect(await bob.client.conversations.list()).toEqual([]);
  await group.addMembers([carol.inboxId]);
  await group.sendText("to the new one");
  expect(textsOf(await (await groupOf(bob, group.id)).messages())).toEqual(["to the new one"]);
});
