/**
 * How suites wrote their tests before verbs stood on the worker, kept as it was: each spelling here goes on working.
 * This file is added to, never moved to new names.
 */
import { expect, getWorkers as getWorkersOutside, typeofStream, typeOfSync } from "playwright-xmtp";
import type { LedgerEvent, Worker, WorkerClient, WorkerManager } from "playwright-xmtp";
import { noLoss } from "playwright-xmtp/oracles";
import { test } from "../support/place.js";

test("verbs of worker.worker", async ({ alice, bob }) => {
  const client: WorkerClient = bob.worker;
  const type = typeofStream.Message;
  await client.startStream(type);
  await client.startSync(typeOfSync.Both, 60_000);
  expect([...client.activeStreamTypes]).toEqual([type]);
  expect([...client.activeSyncTypes]).toEqual([typeOfSync.Both]);
  expect(client.streamControllers.get(type)).toBeInstanceOf(AbortController);

  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("hello");
  const [message] = await client.collectMessages(dm.id, 1, { timeoutMs: 5_000, content: "hello" });
  expect(message?.senderInboxId).toBe(alice.inboxId);
  await client.untilDrained(5_000);

  await client.goOffline();
  await client.goOnline();
  await client.endSync(typeOfSync.Both);
  await client.endStream(type);
  client.tolerate(/none/);
  expect(client.takeFailures()).toEqual([]);
  await client.terminate();
});

test("the whole ledger as worker.worker.events, one's own as ownEvents", async ({ alice, bob }) => {
  await bob.worker.startStream(typeofStream.Message);
  const heard: LedgerEvent[] = [];
  const unsubscribe = alice.worker.events.subscribe((event) => heard.push(event));
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("hello");
  await expect(bob).toHaveReceivedExactlyOnce("hello");
  unsubscribe();

  const all = alice.worker.events.events;
  expect(new Set(all.map(({ worker }) => worker))).toEqual(new Set(["alice", "bob"]));
  expect(heard.some((event) => event.kind === "receive" && event.worker === "bob")).toBe(true);
  expect(bob.worker.ownEvents.events.every(({ worker }) => worker === "bob")).toBe(true);
  expect(bob.worker.ownEvents.events.filter(({ kind }) => kind === "receive")).toHaveLength(1);
  expect(bob.worker.ownEvents.worker).toBe("bob");
  expect(bob.worker.ownEvents.ledger.events).toBe(all);
  expect(alice.worker.events.of("bob").events).toEqual(bob.worker.ownEvents.events);
  expect(alice.worker.events.activeFaults("bob")).toEqual([]);
  expect(noLoss(alice.worker.events.events).oracle).toBe("noLoss");
});

test("a manager and its workers by name", async ({ getWorkers }) => {
  const workers: WorkerManager = await getWorkers(["alice", "bob"]);
  const [alice, bob] = workers.getAll();
  if (!alice || !bob) throw new Error("two were asked for");
  const receivers: Worker[] = workers.getAllButCreator();
  expect(receivers).toEqual([workers.get("bob")]);
  await workers.startStream(typeofStream.Message);
  const group = await workers.createGroupBetweenAll("a group", []);
  await group.sendText("to all");
  await expect(bob).toHaveReceived("to all");
  await expect(workers.getAll()).toHaveConverged(group.id);
  await workers.endStream(typeofStream.Message);
  expect(workers.events.events.length).toBeGreaterThan(0);
  expect(await workers.checkForks()).toHaveLength(2);
  await workers.terminateAll();
});

test("the exported getWorkers with a name, an environment and options", async ({ place: { network } }) => {
  const workers = await getWorkersOutside(["alice"], "a test", network.url, {
    seed: 1,
    defaults: { disableDeviceSync: true },
  });
  const alice = workers.get("alice");
  expect((await alice.fetchInstallations()).map(({ id }) => id)).toEqual([alice.installationId]);
  await workers[Symbol.asyncDispose]();
});

test("snapshots, consent and installations on the worker", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  expect((await bob.snapshot(dm.id)).known).toBe(true);
  await bob.setConsent("conversation", dm.id, "allowed");
  const second = await bob.worker.addNewInstallation();
  await bob.revokeInstallations([second.installationId]);
  expect(await bob.fetchInstallations()).toHaveLength(1);
  await bob.worker.reinstall();
  await bob[Symbol.asyncDispose]();
});

test("faults by number, deadlines by place, counts by their former names", async ({
  alice,
  bob,
  chaos,
  measure,
  network,
}) => {
  await bob.worker.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("before");
  await expect(bob).toHaveReceived("before", { timeout: 10_000 });

  const failing = await chaos.node.failCalls(alice, "SendGroupMessages", { code: 14, times: 1 });
  await dm.sendText("sent again");
  await failing.untilMet(5_000);
  expect([failing.taken("alice"), failing.taken()]).toEqual([1, 1]);
  await chaos.heal(10_000);

  await network.failNext("SendGroupMessages", { code: 14, times: 1 });
  const delay = await network.delayNext("SendGroupMessages", { ms: 1, times: 1 });
  await dm.sendText("later");
  expect(await network.liftFault(delay)).toBe(1);
  await network.disturbDeliveries("duplicate", { times: 1 });
  expect((await network.endStreams(14, "bye", { kind: "group" })).length).toBeGreaterThan(0);
  await network.clearFaults();
  await bob.worker.endStream();
  await network.waitForSubscriptions(0, 5_000, { of: ["bob"] });

  measure.record("send", 20, { warmUp: true });
  expect(measure.summary()).toMatchObject([{ warmUps: 1, timedOut: 0 }]);
});
