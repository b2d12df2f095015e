import { expect, test } from "playwright-xmtp";
import type { Worker } from "playwright-xmtp";
import { expectNoFork, race, raceToEpoch } from "./races.js";
import { expectSound, groupOf, meet, say } from "./support.js";

/** Rounds in which everybody changes everything at once; each adds several epochs. */
const rounds = Number(process.env["XMTP_FORK_ROUNDS"] ?? "2");

test("fork race: five people change five groups at once, over uneven links", async ({
  chaos,
  getWorkers,
}) => {
  test.setTimeout(600_000);
  const workers = await getWorkers(5);
  const all = workers.getAll();
  const [creator, second] = all as [Worker, Worker];
  const groups: string[] = [];
  for (let count = 1; count <= 5; count++) groups.push(await meet(workers, `race ${count}`));
  for (const group of groups) {
    const mine = await groupOf(creator, group);
    for (const { inboxId } of all.slice(1)) await mine.addSuperAdmin(inboxId);
  }
  for (const worker of all) await worker.client.conversations.syncAll();
  await using _uneven = await chaos.latency([creator, second], { latencyMs: 40, jitterMs: 30 });
  await using _thin = await chaos.throttle(all.slice(3), 100);
  for (let round = 1; round <= rounds; round++) {
    const races = groups.flatMap((group) =>
      all.map(async (worker) => {
        const mine = await groupOf(worker, group);
        const won = await race(() => mine.updateName(`round ${round} of ${worker.name}`));
        await race(() => mine.updateDescription(`round ${round} by ${worker.name}`));
        await race(() => say(worker, group, `${worker.name} raced in round ${round}`));
        return won;
      }),
    );
    const won = await Promise.all(races);
    expect(won.filter(Boolean).length).toBeGreaterThan(0);
    await workers.checkForks();
  }
  await chaos.heal();
  for (const group of groups) {
    await expectSound(workers, group, { racing: true });
    await expectNoFork(all, group);
    expect((await creator.snapshot(group)).epoch).toBeGreaterThan(4 + rounds);
  }
});

test("fork race: members and installations come and go at random in five groups, to epoch 20", async ({
  getWorkers,
  inboxes,
  seed,
}) => {
  test.setTimeout(600_000);
  await raceToEpoch({
    workers: await getWorkers(5),
    strangers: await inboxes(5),
    seed,
    epoch: 20n,
    groups: 5,
  });
});
