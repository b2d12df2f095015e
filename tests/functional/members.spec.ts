import { expect, test, typeofStream } from "playwright-xmtp";
import type { Worker } from "playwright-xmtp";
import { namesWhoLeft } from "../support/sdk-differences.js";
import { whereSdkHas } from "./support/features.js";
import { groupOf, identifierOf, inboxIds, textsOf } from "./support/sdk.js";

test("adding and removing shows on every side, member by member", async ({ getWorkers }) => {
  const workers = await getWorkers(5);
  const [alice, bob, carol, dave, eve] = workers.getAll() as [Worker, Worker, Worker, Worker, Worker];
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  for (const worker of [alice, bob, carol])
    await expect(await groupOf(worker, group.id)).toHaveMembers([alice, bob, carol]);

  await group.addMembers(inboxIds([dave, eve]));
  for (const worker of workers) await expect(await groupOf(worker, group.id)).toHaveMembers(workers.getAll());

  await group.removeMembers([eve.inboxId]);
  const left = [alice, bob, carol, dave];
  for (const worker of left) await expect(await groupOf(worker, group.id)).toHaveMembers(left);
  expect((await groupOf(eve, group.id)).isActive).toBe(false);
  await expect(left).toHaveConverged(group.id);
});

test("members are added and removed by address", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await group.addMembersByIdentifiers([identifierOf(carol)]);
  await expect(await groupOf(bob, group.id)).toHaveMembers([alice, bob, carol]);
  await group.removeMembersByIdentifiers([identifierOf(carol)]);
  await expect(await groupOf(bob, group.id)).toHaveMembers([alice, bob]);
});

test("adding a member again changes nothing", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const before = await bob.snapshot(group.id);
  await group.addMembers([bob.inboxId]);
  const after = await bob.snapshot(group.id);
  expect(after.members).toEqual(before.members);
  expect(after.epoch).toBe(before.epoch);
});

test("a removed member hears nothing more, and is told of the removal", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  await groupOf(carol, group.id);
  await carol.startStream(typeofStream.Message);
  await carol.startStream(typeofStream.GroupUpdated);
  await group.sendText("with carol");
  await expect(carol).toHaveReceivedExactlyOnce("with carol");

  await group.removeMembers([carol.inboxId]);
  await group.sendText("without carol");

  const [removal] = await carol.collectGroupUpdates(group.id);
  expect(removal?.update?.removedInboxIds).toEqual([carol.inboxId]);
  await expect(carol).not.toHaveReceived("without carol");
  const theirs = await groupOf(carol, group.id);
  expect(theirs.isActive).toBe(false);
  expect(textsOf(await theirs.messages())).toEqual(["with carol"]);
  expect((await carol.snapshot(group.id)).active).toBe(false);
  expect(textsOf(await (await groupOf(bob, group.id)).messages())).toEqual(["with carol", "without carol"]);
});

test("a member who is removed and added again goes on from there", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await group.sendText("first stay");
  await groupOf(bob, group.id);
  await group.removeMembers([bob.inboxId]);
  await group.sendText("while away");
  await group.addMembers([bob.inboxId]);
  await group.sendText("second stay");

  const theirs = await groupOf(bob, group.id);
  expect(theirs.isActive).toBe(true);
  await expect(theirs).toHaveMembers([alice, bob]);
  expect(textsOf(await theirs.messages())).toEqual(["first stay", "second stay"]);
  await theirs.sendText("back again");
  await group.sync();
  expect(textsOf(await group.messages())).toEqual(["first stay", "while away", "second stay", "back again"]);
});

whereSdkHas("leaving of groups", () => {
  test("a member leaves; the others no longer have it", async ({ alice, bob, carol }) => {
    const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
    const theirs = await groupOf(bob, group.id);
    expect(theirs.isPendingRemoval()).toBe(false);
    await carol.startStream(typeofStream.GroupUpdated);

    await theirs.requestRemoval();
    expect(theirs.isPendingRemoval()).toBe(true);

    // The super admin's client carries it out in the background, once it has seen the request.
    await expect(group).toHaveMembers([alice, carol], { timeout: 20_000 });
    await expect(await groupOf(carol, group.id)).toHaveMembers([alice, carol]);
    await expect.poll(async () => (await groupOf(bob, group.id)).isActive).toBe(false);
    const [left] = await carol.collectGroupUpdates(group.id);
    const gone = [...(left?.update?.leftInboxIds ?? []), ...(left?.update?.removedInboxIds ?? [])];
    expect(gone).toEqual(namesWhoLeft ? [bob.inboxId] : []);
  });

  test("the only super admin may not leave", async ({ alice, bob }) => {
    const group = await alice.client.conversations.createGroup([bob.inboxId]);
    await expect(group.requestRemoval()).rejects.toThrow(/super-admin cannot leave/);
    await expect(await groupOf(bob, group.id)).toHaveMembers([alice, bob]);
  });
});

test("a member lists its addresses and installations", async ({ alice, bob }) => {
  const second = await bob.addNewInstallation();
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const member = (await group.members()).find(({ inboxId }) => inboxId === bob.inboxId);
  expect(member?.accountIdentifiers).toEqual([identifierOf(bob)]);
  expect([...(member?.installationIds ?? [])].sort()).toEqual(
    [bob.installationId, second.installationId].sort(),
  );
});
