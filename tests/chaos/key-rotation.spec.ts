import { noLoss, verdictLines } from "playwright-xmtp/oracles";
import { expect, test } from "playwright-xmtp";
import type { LedgerOracle } from "playwright-xmtp";
import { rotateUnderTalk } from "./rotation.js";
import { groupOf, meet, recoveryMs, say } from "./support.js";

test("key rotation: members leave and come back under latency while all talk", async ({
  chaos,
  getWorkers,
}) => {
  test.setTimeout(240_000);
  await rotateUnderTalk({ chaos, workers: await getWorkers(6), forMs: 8_000, everyMs: 4_000 });
});

test("a message that the return of a removed member overtook is told as lost where nobody can read it", async ({
  chaos,
  getWorkers,
}) => {
  const workers = await getWorkers(["alice", "bob", "carol", "dave"]);
  const [alice, bob, carol, dave] = workers.getAll();
  const group = await meet(workers);
  const mine = await groupOf(alice, group);
  await mine.removeMembers([carol.inboxId]);
  await (await groupOf(bob, group)).sync();
  await using _late = await chaos.latency([bob], { latencyMs: 2_500, direction: "downstream" });
  await mine.addMembers([carol.inboxId]);
  await say(bob, group, "of the epoch before");
  await chaos.heal();
  await say(bob, group, "of this epoch");
  for (const worker of [alice, carol, dave])
    await expect(worker).toHaveReceived("of this epoch", { timeout: recoveryMs });

  const { events } = alice.events.ledger;
  const isRead = alice.events.receives().some(({ payload }) => payload.text === "of the epoch before");
  const verdict = noLoss(events, { conversationId: group });
  test.info().annotations.push({ type: "overtaken", description: isRead ? "read by all" : "read by nobody" });
  if (!isRead) expect(verdictLines(verdict).join("\n")).toContain('never received "of the epoch before"');
  expect(verdict.status).toBe(isRead ? "pass" : "fail");
  const allowed: LedgerOracle = (all, scope) =>
    noLoss(all, { ...scope, conversationId: group, overtaken: "allow" });
  await expect(workers).toSatisfy(allowed, { timeout: recoveryMs });
});
