import { expect, test, typeofStream } from "playwright-xmtp";
import { groupType, optimistic } from "../support/sdk-differences.js";
import { groupOf, identifierOf, textsOf } from "./support/sdk.js";

for (const size of [5, 10]) {
  test.describe(`a group of ${size}`, () => {
    test.use({ workerDefaults: { names: size } });

    test("is made, found by every member, and the same for all", async ({ workers }) => {
      const creator = workers.getCreator();
      const group = await workers.createGroupBetweenAll(`group of ${size}`);
      expect(group.name).toBe(`group of ${size}`);
      expect((await group.metadata()).creatorInboxId).toBe(creator.inboxId);
      expect((await group.metadata()).conversationType).toBe(groupType);
      await expect(group).toHaveMembers(workers.getAll());

      for (const member of workers.getAllButCreator()) {
        const theirs = await groupOf(member, group.id);
        expect(theirs.addedByInboxId).toBe(creator.inboxId);
        expect(theirs.name).toBe(`group of ${size}`);
        await expect(theirs).toHaveMembers(workers.getAll());
      }
      await expect(workers.getAll()).toHaveConverged(group.id);
    });

    test("is renamed, and every member reads the new name", async ({ workers }) => {
      const group = await workers.createGroupBetweenAll("before");
      for (const member of workers.getAllButCreator())
        expect((await groupOf(member, group.id)).name).toBe("before");
      await group.updateName("after");
      for (const member of workers.getAllButCreator())
        expect((await groupOf(member, group.id)).name).toBe("after");
    });

    test("loses a removed member on every side", async ({ workers }) => {
      const group = await workers.createGroupBetweenAll("shrinking");
      const [removed, ...kept] = workers.getAllButCreator();
      if (!removed) throw new Error("there is nobody to remove");
      await groupOf(removed, group.id);

      await group.removeMembers([removed.inboxId]);

      const remaining = [workers.getCreator(), ...kept];
      for (const worker of remaining) await expect(await groupOf(worker, group.id)).toHaveMembers(remaining);
      const theirs = await groupOf(removed, group.id);
      expect(theirs.isActive).toBe(false);
      await expect(theirs.sendText("still here?")).rejects.toThrow(/inactive/i);
      await expect(remaining).toHaveConverged(group.id);
    });

    test("streams what each member says to all others exactly once", async ({ workers }) => {
      const group = await workers.createGroupBetweenAll("talking");
      await workers.startStream(typeofStream.Message);
      for (const member of workers) await (await groupOf(member, group.id)).sendText(`I am ${member.name}`);

      const said = workers.getAll().map(({ name, inboxId }) => `${inboxId} I am ${name}`);
      for (const { worker } of workers) {
        await worker.collectMessages(group.id, workers.length, { own: true });
        await worker.untilDrained();
        const heard = worker.ownEvents.events.flatMap((event) =>
          event.kind === "receive" ? [`${event.senderInboxId} ${event.payload.text}`] : [],
        );
        expect(heard.sort()).toEqual([...said].sort());
      }
      await expect(workers.getAll()).toHaveConverged(group.id);
    });
  });
}

test("a group by addresses has the inboxes of these addresses", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroupWithIdentifiers([bob, carol].map(identifierOf), {
    groupName: "by address",
  });
  await expect(group).toHaveMembers([alice, bob, carol]);
  expect((await groupOf(carol, group.id)).name).toBe("by address");
});

test("a group of one grows, and the newcomer sees only what comes after", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([]);
  await expect(group).toHaveMembers([alice]);
  await group.sendText("nobody else is here");
  await group.addMembers([bob.inboxId]);
  await group.sendText("welcome");

  const theirs = await groupOf(bob, group.id);
  expect(textsOf(await theirs.messages())).toEqual(["welcome"]);
  expect(textsOf(await group.messages())).toEqual(["nobody else is here", "welcome"]);
});

test("a group made optimistically is local until its first member is added", async ({ alice, bob }) => {
  const group = alice.client.conversations.createGroupOptimistic({ groupName: "later" });
  await group.sendText("prepared", optimistic(alice));
  await bob.client.conversations.sync();
  expect(await bob.client.conversations.list()).toEqual([]);

  await group.addMembers([bob.inboxId]);
  await group.sendText("to both");

  const theirs = await groupOf(bob, group.id);
  expect(theirs.name).toBe("later");
  // What was prepared belongs to the epoch before bob.
  expect(textsOf(await theirs.messages())).toEqual(["to both"]);
  expect(textsOf(await group.messages())).toEqual(["prepared", "to both"]);
});

test("two groups of the same people keep their messages apart", async ({ alice, bob }) => {
  const work = await alice.client.conversations.createGroup([bob.inboxId], { groupName: "work" });
  const play = await alice.client.conversations.createGroup([bob.inboxId], { groupName: "play" });
  await work.sendText("about work");
  await play.sendText("about play");

  expect(work.id).not.toBe(play.id);
  expect(textsOf(await (await groupOf(bob, work.id)).messages())).toEqual(["about work"]);
  expect(textsOf(await (await groupOf(bob, play.id)).messages())).toEqual(["about play"]);
  expect(
    bob.client.conversations
      .listGroups()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["play", "work"]);
});

test("each change moves the epoch on by one, the same for all members", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const epochs = async (): Promise<number[]> =>
    Promise.all([alice, bob].map(async (one) => (await one.snapshot(group.id)).epoch));
  const [start = 0, ...rest] = await epochs();
  expect(rest).toEqual([start]);

  await group.addMembers([carol.inboxId]);
  expect(await epochs()).toEqual([start + 1, start + 1]);
  await group.updateName("renamed");
  expect(await epochs()).toEqual([start + 2, start + 2]);
  await group.updateDescription("described");
  expect(await epochs()).toEqual([start + 3, start + 3]);
  await group.sendText("a message is not a change");
  expect(await epochs()).toEqual([start + 3, start + 3]);
  expect((await carol.snapshot(group.id)).epoch).toBe(start + 3);
});
