import { expect, typeofStream, typeOfSync } from "playwright-xmtp";
import { test } from "../support/place.js";
import { consent, groupOf, inboxIds } from "./support/sdk.js";

test.use({ workerDefaults: { names: 5 } });

test("one verb over all workers: streams start, deliver and end together", async ({ workers, place }) => {
  const group = await workers.createGroupBetweenAll("batch");
  await workers.startStream(typeofStream.Message);
  for (const { worker } of workers) expect(worker.activeStreamTypes).toEqual(new Set([typeofStream.Message]));

  await group.sendText("to all");
  await Promise.all(
    workers.getAllButCreator().map((worker) => expect(worker).toHaveReceivedExactlyOnce("to all")),
  );
  await workers.endStream();
  await Promise.all(workers.getAll().map((worker) => expect(worker).toHaveNoActiveStreams()));
  await place.node?.waitForSubscriptions(0, 5_000);
});

test("each worker of a batch may have its own type", async ({ workers }) => {
  const [creator, messages, updates, conversations, consents] = workers.getAll();
  if (!creator || !messages || !updates || !conversations || !consents) throw new Error("five are needed");
  const group = await workers.createGroupBetweenAll("mixed");
  for (const worker of [messages, updates]) await groupOf(worker, group.id);
  await messages.startStream(typeofStream.Message);
  await updates.startStream(typeofStream.GroupUpdated);
  await conversations.startStream(typeofStream.Conversation);
  await consents.startStream(typeofStream.Consent);

  await group.sendText("a text");
  await group.updateName("a rename");
  const next = await creator.client.conversations.createGroup([conversations.inboxId]);
  (await groupOf(consents, group.id)).updateConsentState(consent.allowed);

  await expect(messages).toHaveReceivedExactlyOnce("a text");
  await updates.collectGroupUpdates(group.id, 1, { newValue: "a rename" });
  const [seen] = await conversations.collectConversations(creator.inboxId);
  expect(seen?.conversationId).toBe(next.id);
  await consents.collectConsentUpdates(1, { entity: group.id, state: "allowed" });
  const kinds = (worker: typeof creator): string[] =>
    [...worker.events].flatMap((event) =>
      event.kind === "receive"
        ? [event.contentType]
        : ["conversation", "consent"].includes(event.kind)
          ? [event.kind]
          : [],
    );
  expect(kinds(messages)).toEqual(["text"]);
  expect(kinds(updates)).toEqual(["group_updated"]);
  expect(kinds(conversations)).toEqual(["conversation"]);
  expect(kinds(consents)).toEqual(["consent"]);
});

test("all sync together and find what one made", async ({ workers }) => {
  const groups = [await workers.createGroupBetweenAll("one"), await workers.createGroupBetweenAll("two")];
  const all = workers.getAll();
  await Promise.all(all.map(({ worker }) => worker.startSync(typeOfSync.Both, 1_000)));
  for (const worker of all) {
    const names = worker.client.conversations.listGroups().map(({ name }) => name);
    expect(names.sort()).toEqual(["one", "two"]);
  }
  await Promise.all(all.map(({ worker }) => worker.endSync()));
  for (const group of groups) await expect(all).toHaveConverged(group.id);
});

test("forks are looked for on every worker in every group", async ({ workers }) => {
  const group = await workers.createGroupBetweenAll("whole");
  await group.updateName("still whole");
  const reports = await workers.checkForks();
  expect(reports.map(({ worker }) => worker)).toEqual(workers.getAll().map(({ name }) => name));
  for (const report of reports) {
    expect(report.conversationId).toBe(group.id);
    expect(report.fork).not.toBe("forked");
  }
});

test("a full mesh: everybody writes to everybody", async ({ workers }) => {
  const all = workers.getAll();
  await workers.startStream(typeofStream.Message);
  await Promise.all(
    all.map(async (from) => {
      for (const to of workers.getAllBut(from.name))
        await (await from.client.conversations.createDm(to.inboxId)).sendText(`${from.name} to ${to.name}`);
    }),
  );
  for (const to of all) {
    for (const from of workers.getAllBut(to.name))
      await expect(to).toHaveReceivedExactlyOnce(`${from.name} to ${to.name}`, { from, settle: 0 });
    const senders = [...to.events].flatMap((event) =>
      event.kind === "receive" && event.senderInboxId !== to.inboxId ? [event.senderInboxId] : [],
    );
    expect(senders.sort()).toEqual(inboxIds(workers.getAllBut(to.name)).sort());
  }
});
