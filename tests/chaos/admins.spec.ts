/** Admins change while everybody talks, over slow lines; and a line slower than the SDK's patience. */
import { expect, test } from "playwright-xmtp";
import { expectSound, groupOf, meet, recoveryMs, say, trySay } from "./support.js";
import { provesLoss, underTalk } from "./talking.js";

test("admins are made and unmade under load, and have the rights of their rank", async ({
  chaos,
  getWorkers,
}) => {
  test.setTimeout(240_000);
  const workers = await getWorkers(8);
  const creator = workers.getCreator();
  const group = await meet(workers);
  const mine = await groupOf(creator, group);
  await using _slow = await chaos.latency(workers, { latencyMs: 50, jitterMs: 30 });

  await underTalk({
    talkers: workers.getAll(),
    group,
    work: async () => {
      const member = workers.getReceiver();
      const { inboxId } = member;
      await mine.addSuperAdmin(inboxId);
      expect(mine.isSuperAdmin(inboxId)).toBe(true);
      await mine.removeSuperAdmin(inboxId);
      await mine.addAdmin(inboxId);
      expect([mine.isAdmin(inboxId), mine.isSuperAdmin(inboxId)]).toEqual([true, false]);
      const theirs = await groupOf(member, group);
      await theirs.sync();
      await theirs.updateDescription(`by ${member.name}, an admin`);
      await mine.removeAdmin(inboxId);
      expect(mine.isAdmin(inboxId)).toBe(false);
      await theirs.sync();
      await expect(theirs.removeMembers([creator.inboxId])).rejects.toThrow();
      await expect(theirs.addSuperAdmin(inboxId)).rejects.toThrow();
    },
    goesOn: (turns) => turns < 4,
  });

  await chaos.heal();
  for (const worker of workers) await worker.client.conversations.syncAll();
  for (const worker of workers) {
    const theirs = await groupOf(worker, group);
    expect([theirs.listAdmins(), theirs.listSuperAdmins()]).toEqual([[], [creator.inboxId]]);
  }
  await expectSound(workers, group, { racing: true });
  provesLoss(workers.getAll(), group);
});

test("15 s of latency, beyond the SDK's patience: nothing twice, and nothing acknowledged is lost", async ({
  chaos,
  getWorkers,
}) => {
  test.setTimeout(300_000);
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const [alice, bob, carol] = workers.getAll();
  const group = await meet(workers);
  const slow = await chaos.latency([alice], { latencyMs: 15_000, direction: "upstream" });
  const late = trySay(alice, group, "from far away");
  await say(bob, group, "from nearby");
  await expect(carol).toHaveReceivedExactlyOnce("from nearby", { timeout: recoveryMs });
  const acknowledged = await late;
  await slow.lift();
  await chaos.heal();
  for (const worker of workers) await worker.client.conversations.syncAll();
  if (acknowledged)
    for (const worker of [bob, carol])
      await expect(worker).toHaveReceivedExactlyOnce("from far away", { timeout: recoveryMs });
  await expectSound(workers, group, { racing: true });
  provesLoss(workers.getAll(), group);
});
