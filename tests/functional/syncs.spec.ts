import { expect, test, typeOfSync, XmtpTestError } from "playwright-xmtp";
import type { LedgerEvent, SyncEvent, Worker } from "playwright-xmtp";
import { inboxIds, textsOf } from "./support/sdk.js";

test("reading without a sync sees nothing new", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  expect(await bob.client.conversations.list()).toEqual([]);

  await bob.client.conversations.sync();
  const mine = await bob.client.conversations.getConversationById(group.id);
  await mine?.sync();
  await group.sendText("not yet synced");
  expect(textsOf((await mine?.messages()) ?? [])).toEqual([]);

  await mine?.sync();
  expect(textsOf((await mine?.messages()) ?? [])).toEqual(["not yet synced"]);
});

test("Sync fetches new conversations but not their new messages", async ({ alice, bob }) => {
  const old = await alice.client.conversations.createGroup([bob.inboxId]);
  await bob.client.conversations.sync();
  const mine = await bob.client.conversations.getConversationById(old.id);
  await old.sendText("a message");
  const fresh = await alice.client.conversations.createGroup([bob.inboxId]);

  await bob.startSync(typeOfSync.Sync);

  expect(await idsOf(bob)).toEqual([old.id, fresh.id].sort());
  expect(textsOf((await mine?.messages()) ?? [])).toEqual([]);
  expect(syncsOf(bob).map(({ syncType, state }) => [syncType, state])).toEqual([
    [typeOfSync.Sync, "started"],
    [typeOfSync.Sync, "done"],
  ]);
});

for (const type of [typeOfSync.SyncAll, typeOfSync.Both]) {
  test(`${type} fetches new conversations and the messages of all`, async ({ alice, bob }) => {
    const old = await alice.client.conversations.createGroup([bob.inboxId]);
    await bob.client.conversations.sync();
    await old.sendText("to the old one");
    const fresh = await alice.client.conversations.createGroup([bob.inboxId]);
    await fresh.sendText("to the fresh one");

    await bob.startSync(type);

    expect(await idsOf(bob)).toEqual([old.id, fresh.id].sort());
    const texts = await Promise.all(
      [old.id, fresh.id].map(async (id) => {
        const conversation = await bob.client.conversations.getConversationById(id);
        return textsOf((await conversation?.messages()) ?? []);
      }),
    );
    expect(texts).toEqual([["to the old one"], ["to the fresh one"]]);
  });
}

test("a sync loop goes on by itself until it is ended", async ({ alice, bob }) => {
  await bob.startSync(typeOfSync.SyncAll, 5);
  expect(bob.activeSyncTypes).toEqual(new Set([typeOfSync.SyncAll]));
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await group.sendText("found by the loop");
  await expect
    .poll(async () => {
      const mine = await bob.client.conversations.getConversationById(group.id);
      return textsOf((await mine?.messages()) ?? []);
    })
    .toEqual(["found by the loop"]);

  await bob.endSync(typeOfSync.SyncAll);
  expect(bob.activeSyncTypes.size).toBe(0);
  expect(syncsOf(bob).at(-1)?.state).toBe("stopped");
  const before = syncsOf(bob).length;
  await group.sendText("nobody looks");
  await alice.client.conversations.syncAll();
  expect(syncsOf(bob)).toHaveLength(before);
  const mine = await bob.client.conversations.getConversationById(group.id);
  expect(textsOf((await mine?.messages()) ?? [])).toEqual(["found by the loop"]);
});

test("syncs of a type never overlap, and starting twice is starting once", async ({ alice, bob }) => {
  await alice.client.conversations.createGroup([bob.inboxId]);
  await bob.startSync(typeOfSync.SyncAll, 1);
  await bob.startSync(typeOfSync.SyncAll, 1);
  await untilDone(bob, typeOfSync.SyncAll, 20);
  await bob.endSync();

  const states = syncsOf(bob).map(({ state }) => state);
  const rounds = (states.length - 1) / 2;
  expect(rounds).toBeGreaterThanOrEqual(20);
  expect(states).toEqual([...Array.from({ length: rounds }, () => ["started", "done"]).flat(), "stopped"]);
});

test("two types run side by side; ending one leaves the other", async ({ bob }) => {
  await bob.startSync(typeOfSync.Sync, 1);
  await bob.startSync(typeOfSync.SyncAll, 1);
  await untilDone(bob, typeOfSync.Sync, 3);
  await untilDone(bob, typeOfSync.SyncAll, 3);

  await bob.endSync(typeOfSync.Sync);
  expect(bob.activeSyncTypes).toEqual(new Set([typeOfSync.SyncAll]));
  const ended = syncsOf(bob).filter(({ syncType }) => syncType === typeOfSync.Sync);
  const done = doneOf(bob, typeOfSync.SyncAll);
  await untilDone(bob, typeOfSync.SyncAll, done + 3);
  expect(syncsOf(bob).filter(({ syncType }) => syncType === typeOfSync.Sync)).toEqual(ended);

  await bob.endSync();
  expect(bob.activeSyncTypes.size).toBe(0);
  await bob.endSync();
});

test("None starts nothing", async ({ bob }) => {
  await bob.startSync(typeOfSync.None);
  expect(bob.activeSyncTypes.size).toBe(0);
  expect(syncsOf(bob)).toEqual([]);
});

test("an interval that is not a time is refused by name", async ({ bob }) => {
  for (const interval of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const error = await bob.startSync(typeOfSync.Sync, interval).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(XmtpTestError);
    expect(error).toMatchObject({ code: "INVALID_INTERVAL", hint: "Give milliseconds, 1 or more." });
    expect((error as Error).message).toContain(String(interval));
  }
  expect(bob.activeSyncTypes.size).toBe(0);
});

test("five members find a group by Sync and agree on it", async ({ getWorkers }) => {
  const workers = await getWorkers(5);
  const group = await workers.createGroupBetweenAll("synced");
  await Promise.all(workers.getAllButCreator().map((one) => one.startSync(typeOfSync.Sync)));
  for (const worker of workers) {
    expect(await idsOf(worker)).toEqual([group.id]);
    const mine = await worker.client.conversations.getConversationById(group.id);
    if (!mine) throw new Error(`${worker.name} lacks the group`);
    await expect(mine).toHaveMembers(workers.getAll());
  }
  await expect(workers.getAll()).toHaveConverged(group.id);
  expect(inboxIds(workers)).toHaveLength(5);
});

const isSync = (event: LedgerEvent): event is SyncEvent => event.kind === "sync";
const syncsOf = (worker: Worker): SyncEvent[] => [...worker.events].filter(isSync);
const doneOf = (worker: Worker, type: typeOfSync): number =>
  syncsOf(worker).filter(({ syncType, state }) => syncType === type && state === "done").length;

async function untilDone(worker: Worker, type: typeOfSync, count: number): Promise<void> {
  await expect.poll(() => doneOf(worker, type), { intervals: [20] }).toBeGreaterThanOrEqual(count);
}

async function idsOf(worker: Worker): Promise<string[]> {
  return (await worker.client.conversations.list()).map(({ id }) => id).sort();
}
