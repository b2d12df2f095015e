/** The nightly scenarios that people know from other XMTP suites, faulted at the worker they are about. */
import { expect, test, typeofStream } from "playwright-xmtp";
import type { ReceiveEvent, Worker as W } from "playwright-xmtp";
import { expectSound, groupOf, meet, meetInDm, recoveryMs, say, streamStates, trySay } from "./support.js";

test.describe("dm duplicate prevention: the sender's acknowledgement is lost", () => {
  test("in a black hole", async ({ chaos, alice, bob, getWorkers }) => {
    const dm = await meetInDm(await getWorkers(["alice", "bob"]));
    const fault = await chaos.blackhole(alice, { direction: "downstream" });
    const sending = trySay(alice, dm, "paid 5");
    await expect(bob).toHaveReceived("paid 5", { timeout: 15_000 });
    await fault.lift();
    expect(await sending).toBe(true);
    await chaos.heal();
    await expect(bob).toHaveReceivedExactlyOnce("paid 5", { timeout: recoveryMs });
    await expectSound([alice, bob], dm);
  });

  test("by resets", async ({ chaos, alice, bob, getWorkers }) => {
    const dm = await meetInDm(await getWorkers(["alice", "bob"]));
    const fault = await chaos.reset(alice, { direction: "downstream" });
    const sending = trySay(alice, dm, "paid 7");
    await fault.lift();
    await sending;
    await chaos.heal();
    await expect(bob).toHaveReceivedExactlyOnce("paid 7", { timeout: recoveryMs });
    await expectSound([alice, bob], dm);
  });
});

test("group client partition: two of four are cut off", async ({ chaos, getWorkers }) => {
  const workers = await getWorkers(["alice", "bob", "carol", "dave"]);
  const [alice, bob, carol, dave] = workers.getAll();
  const group = await meet(workers);
  const fault = await chaos.partition([carol, dave], [alice, bob]);
  const texts = ["a1", "b1", "a2", "b2", "a3", "b3"];
  for (const text of texts) await say(text.startsWith("a") ? alice : bob, group, text);
  await expect(bob).toHaveReceivedInOrder(["a1", "a2", "a3"]);
  const received = (worker: W): number =>
    worker.events.receives().filter((one) => texts.includes(one.payload.text)).length;
  expect([received(carol), received(dave)]).toEqual([0, 0]);
  await fault.lift();
  await chaos.heal();
  for (const worker of [carol, dave])
    for (const text of texts) await expect(worker).toHaveReceivedExactlyOnce(text, { timeout: recoveryMs });
  await expectSound(workers, group);
});

test("delayed receive: held bytes arrive on the same streams", async ({ chaos, getWorkers }) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const [alice, bob, carol] = workers.getAll();
  const group = await meet(workers);
  const isLate = ({ payload }: ReceiveEvent): boolean => payload.text === "late";
  const fault = await chaos.stall([bob, carol]);
  await say(alice, group, "late");
  const early = [bob, carol].flatMap(({ events }) => events.receives().filter(isLate));
  expect(early, "held while the stall is on").toEqual([]);
  await fault.lift();
  for (const worker of [bob, carol]) {
    await expect(worker).toHaveReceivedExactlyOnce("late", { timeout: recoveryMs });
    expect(worker.events.receives().find(isLate)).toMatchObject({ source: "stream" });
    expect(streamStates(worker)).not.toContain("lost");
  }
  await expectSound(workers, group);
});

test("node black hole: what half the group sends vanishes for a while", async ({ chaos, getWorkers }) => {
  const workers = await getWorkers(["alice", "bob", "carol", "dave"]);
  const [alice, bob, carol, dave] = workers.getAll();
  const group = await meet(workers);
  const fault = await chaos.blackhole([carol, dave]);
  for (const text of ["m1", "m2", "m3"]) await say(alice, group, text);
  const blind = trySay(carol, group, "from the dark");
  await expect(bob).toHaveReceivedInOrder(["m1", "m2", "m3"]);
  await fault.lift();
  await chaos.heal();
  await blind;
  for (const worker of [carol, dave])
    await expect(worker).toHaveReceivedInOrder(["m1", "m2", "m3"], { timeout: recoveryMs });
  await expectSound(workers, group);
});

test("reconciliation: who was away learns of members and name", async ({ chaos, getWorkers }) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const [alice, , carol] = workers.getAll();
  const group = await meet(workers);
  const dave = (await getWorkers(["dave"])).get("dave");
  await dave.startStream(typeofStream.Message);
  await using _cut = await chaos.cut(carol);
  const mine = await groupOf(alice, group);
  await mine.addMembers([dave.inboxId]);
  await mine.updateName("renamed");
  await chaos.heal();
  const hers = await groupOf(carol, group);
  const all = [...workers, dave];
  await expect(hers).toHaveMembers(all, { timeout: recoveryMs });
  expect(hers.name).toBe("renamed");
  await dave.client.conversations.sync();
  await expectSound(all, group);
});

test("network chaos: everybody's latency is drawn anew while all talk", async ({ chaos, getWorkers }) => {
  const workers = await getWorkers(6);
  const group = await meet(workers);
  const plan = chaos
    .schedule()
    .rerolls({ of: workers, everyMs: 4_000, latencyMs: [20, 150], jitterMs: [0, 50] })
    .plan(10_000);
  const stop = new AbortController();
  const talking = Promise.all(
    workers.getAll().map(async (worker) => {
      for (let round = 1; !stop.signal.aborted; round++) {
        await say(worker, group, `${worker.name} ${round}`);
        if (round % 5 === 0) await workers.checkForks();
      }
    }),
  );
  const played = await chaos.run(plan);
  stop.abort();
  await talking;
  await chaos.heal();
  expect(played.filter(({ onMs }) => onMs !== undefined).length).toBe(plan.steps.length);
  await expectSound(workers, group);
});
