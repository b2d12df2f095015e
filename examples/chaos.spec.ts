/** Network faults for single workers, and what must still hold. */
import { expect, test, typeofStream } from "playwright-xmtp";

test("a rename and a message survive a partition", async ({ chaos, getWorkers }) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const { alice, bob, carol } = workers;
  await workers.startStream(typeofStream.Message);
  const group = await workers.createGroupBetweenAll("divided");
  await group.sendText("hello, all");
  await expect(carol).toHaveReceived("hello, all");

  await chaos.partition(carol, [alice, bob]);
  await group.updateName("united");
  await group.sendText("hello, carol?");
  await expect(bob).toHaveReceived("hello, carol?");

  await chaos.heal();
  await expect(carol).toHaveReceivedExactlyOnce("hello, carol?", { timeout: 15_000 });
  await expect(workers.getAll()).toHaveConverged(group.id, { timeout: 15_000 });
});

test.describe("on a slow network", () => {
  test.use({ chaosProfile: { latencyMs: 60, jitterMs: 20 } });

  test("ten messages stay in order", async ({ chaos: _slow, alice, bob }) => {
    await bob.startStream(typeofStream.Message);
    const dm = await alice.createDm(bob);
    const texts = Array.from({ length: 10 }, (_, n) => `message ${n + 1}`);
    for (const text of texts) await alice.send(dm, text);
    await expect(bob).toHaveReceivedInOrder(texts, { timeout: 15_000 });
  });
});
