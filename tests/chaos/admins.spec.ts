/** Admins change while everybody talks, over slow lines; and a line slower than the SDK's patience. */
import { noLoss, verdictLines } from "playwright-xmtp/oracles";
import { expect, test } from "playwright-xmtp";
import type { LedgerEvent, Worker } from "playwright-xmtp";
import { expectSound, groupOf, meet, recoveryMs, say, trySay } from "./support.js";

/** These talk in turn, four at a time, until told to stop. */
async function talk(talkers: readonly Worker[], group: string, goesOn: () => boolean): Promise<void> {
  const lanes = [0, 1, 2, 3].map(async (lane) => {
    const own = talkers.filter((_, at) => at % 4 === lane);
    for (let turn = 1; own.length > 0 && goesOn(); turn++)
      for (const worker of own) if (goesOn()) await trySay(worker, group, `${worker.name} in turn ${turn}`);
  });
  await Promise.all(lanes);
}

/** Does `work` again and again while these talk, at least once. */
async function underTalk(
  talkers: readonly Worker[],
  group: string,
  work: () => Promise<void>,
  goesOn: (turn: number) => boolean,
): Promise<number> {
  let done = false;
  const talking = talk(talkers, group, () => !done);
  let turn = 0;
  try {
    do {
      await work();
      turn += 1;
    } while (goesOn(turn));
  } finally {
    done = true;
    await talking;
  }
  return turn;
}

/** Whether a receipt that is taken out of this very history is missed: the judge of it can fail. */
function provesItself(workers: readonly Worker[], conversationId: string): void {
  const [first] = workers;
  const all = first?.events.ledger.events ?? [];
  const sent = all.find((event) => event.kind === "send" && event.outcome === "ok" && !event.automatic);
  const isReceipt = (event: LedgerEvent): boolean =>
    event.kind === "receive" &&
    sent?.kind === "send" &&
    event.messageId === sent.messageId &&
    event.installationId !== sent.installationId;
  const receipt = all.find(isReceipt);
  expect(receipt, "somebody received what was said first").toBeDefined();
  const verdict = noLoss(
    all.filter((event) => event !== receipt),
    { conversationId },
  );
  expect(verdict.status, "the judge, with one receipt taken away").toBe("fail");
  expect(verdictLines(verdict).join("\n")).toContain(receipt?.worker ?? "");
}

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

  await underTalk(
    workers.getAll(),
    group,
    async () => {
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
    (turn) => turn < 4,
  );

  await chaos.heal();
  for (const worker of workers) await worker.client.conversations.syncAll();
  for (const worker of workers) {
    const theirs = await groupOf(worker, group);
    expect([theirs.listAdmins(), theirs.listSuperAdmins()]).toEqual([[], [creator.inboxId]]);
  }
  await expectSound(workers, group, { racing: true });
  provesItself(workers.getAll(), group);
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
  provesItself(workers.getAll(), group);
});
