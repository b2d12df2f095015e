import { expect, test, typeofStream } from "playwright-xmtp";
import type { Chaos, Worker } from "playwright-xmtp";

/** Each verb on a link that is in use: it takes effect, coexists, is lifted, and nothing is lost or doubled by it. */
const verbs: Record<string, (chaos: Chaos, on: Worker) => Promise<AsyncDisposable>> = {
  latency: (chaos, on) => chaos.latency(on, { latencyMs: 60, jitterMs: 20 }),
  throttle: (chaos, on) => chaos.throttle(on, 50),
  slice: (chaos, on) => chaos.slice(on, { averageBytes: 200, delayUs: 1_000 }),
  stall: (chaos, on) => chaos.stall(on),
  blackhole: (chaos, on) => chaos.blackhole(on, { direction: "downstream" }),
  cut: (chaos, on) => chaos.cut(on),
  reset: (chaos, on) => chaos.reset(on),
  limit: (chaos, on) => chaos.limit(on, { bytes: 4_000, direction: "downstream" }),
  flaky: (chaos, on) => chaos.flaky(on),
  partition: (chaos, on) => chaos.partition([on], ["alice"]),
};

for (const [verb, apply] of Object.entries(verbs)) {
  test(`${verb}: takes effect on its worker only, and loses nothing for good`, async ({
    chaos,
    alice,
    bob,
  }) => {
    await bob.startStream(typeofStream.Message);
    const dm = await alice.client.conversations.createDm(bob.inboxId);
    await dm.sendText("before");
    await expect(bob).toHaveReceived("before");
    const fault = await apply(chaos, bob);
    await dm.sendText("during");
    await fault[Symbol.asyncDispose]();
    await chaos.heal();
    await dm.sendText("after");
    for (const text of ["before", "during", "after"])
      await expect(bob).toHaveReceivedExactlyOnce(text, { timeout: 15_000 });
    await expect([alice, bob]).toHaveConverged(dm.id, { timeout: 15_000 });
  });
}
