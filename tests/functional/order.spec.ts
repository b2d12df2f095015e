import { expect, test, typeofStream } from "playwright-xmtp";
import type { Worker } from "playwright-xmtp";
import { strictlyBetween } from "../support/sdk-differences.js";
import { groupOf, inboxIds, newestFirst, textsOf } from "./support/sdk.js";

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name} ${at + 1}`);

test("messages are pulled in the order they were sent", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const sent = numbered("message", 10);
  for (const text of sent) await group.sendText(text);
  expect(textsOf(await (await groupOf(bob, group.id)).messages())).toEqual(sent);
});

test("messages are streamed in the order they were sent, to every member", async ({ getWorkers }) => {
  const workers = await getWorkers(4);
  const group = await workers.createGroupBetweenAll("in order");
  for (const worker of workers.getAllButCreator()) {
    await groupOf(worker, group.id);
    await worker.startStream(typeofStream.Message);
  }
  const sent = numbered("message", 20);
  for (const text of sent) await group.sendText(text);

  for (const worker of workers.getAllButCreator()) {
    const received = await worker.collectMessages(group.id, sent.length);
    expect(received.map(({ content }) => content)).toEqual(sent);
    expect(received.map(({ streamSeq }) => streamSeq)).toEqual(
      received.map((_, at) => (received[0]?.streamSeq ?? 0) + at),
    );
    await expect(worker).toHaveReceivedInOrder(sent);
  }
});

test("concurrent senders: each one's order is kept, and all members store the same", async ({
  getWorkers,
}) => {
  const workers = await getWorkers(4);
  const group = await workers.createGroupBetweenAll("crowded");
  for (const worker of workers.getAllButCreator()) await groupOf(worker, group.id);
  await workers.startStream(typeofStream.Message);

  // A first send also commits a new key. Where four of these collide, the SDK gives up: "Sync failed to wait for intent".
  for (const worker of workers) await sayAll(worker, group.id, [`${worker.name} is here`]);

  await Promise.all(workers.getAll().map((worker) => sayAll(worker, group.id, numbered(worker.name, 5))));

  const said = (name: string): string[] => [`${name} is here`, ...numbered(name, 5)];
  const all = workers.getAll().flatMap(({ name }) => said(name));
  for (const listener of workers) {
    const received = await listener.collectMessages(group.id, all.length, { own: true });
    const texts = received.map(({ content }) => content);
    expect([...texts].sort()).toEqual([...all].sort());
    for (const { name } of workers) {
      expect(texts.filter((text) => String(text).startsWith(`${name} `))).toEqual(said(name));
    }
    for (const text of numbered(workers.getCreator().name, 5))
      if (listener !== workers.getCreator())
        await expect(listener).toHaveReceivedExactlyOnce(text, { settle: 0 });
  }
  await expect(workers.getAll()).toHaveConverged(group.id);
});

test("messages are listed by time both ways, and within bounds", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const sent = numbered("message", 5);
  const ids: string[] = [];
  for (const text of sent) ids.push(await group.sendText(text));
  const theirs = await groupOf(bob, group.id);
  const times = ids.map((id) => bob.client.conversations.getMessageById(id)?.sentAtNs ?? 0n);
  expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)));

  const [, second = 0n, , fourth = 0n] = times;
  const between = await theirs.messages(strictlyBetween(second, fourth));
  expect(textsOf(between)).toEqual(["message 3"]);
  const newest = await theirs.messages({ limit: 2, direction: newestFirst });
  expect(textsOf(newest)).toEqual(["message 5", "message 4"]);
});

test("a change between two messages stays between them on every side", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  await group.sendText("before");
  await group.updateName("renamed");
  await group.sendText("after");
  for (const worker of [alice, bob, carol]) {
    const types = (await (await groupOf(worker, group.id)).messages()).map(({ contentType, content }) =>
      contentType.typeId === "text" ? content : contentType.typeId,
    );
    expect(types.slice(-3)).toEqual(["before", "group_updated", "after"]);
  }
});

async function sayAll(worker: Worker, groupId: string, texts: readonly string[]): Promise<void> {
  const group = await worker.client.conversations.getConversationById(groupId);
  if (!group) throw new Error(`${worker.name} lacks the group`);
  for (const text of texts) await group.sendText(text);
}
