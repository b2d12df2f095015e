import { expect, getWorkers as getWorkersOutside } from "playwright-xmtp";
import type { WorkerManager } from "playwright-xmtp";
import { test } from "../support/place.js";
import { inboxIds } from "./support/sdk.js";

const namesOf = (workers: Iterable<{ readonly name: string }>): string[] =>
  Array.from(workers, ({ name }) => name);

test("a manager lists its workers in the order of their names", async ({ getWorkers }) => {
  const workers = await getWorkers(["dora", "alice", "alice-b", "carl"]);
  expect(namesOf(workers)).toEqual(["dora", "alice", "alice-b", "carl"]);
  expect(workers).toHaveLength(4);
  expect(workers.getCreator().name).toBe("dora");
  expect(namesOf(workers.getAllButCreator())).toEqual(["alice", "alice-b", "carl"]);
  expect(namesOf(workers.getAllBut("alice"))).toEqual(["dora", "alice-b", "carl"]);
  expect(workers.get("alice", "b")).toBe(workers.get("alice-b"));
  expect(workers.get("alice", "a")).toBe(workers.get("alice"));
  expect(workers.get(`carl-a-${workers.get("carl").sdkVersion}`)).toBe(workers.get("carl"));
});

test("a number makes that many named workers", async ({ getWorkers }) => {
  expect(namesOf(await getWorkers(3))).toEqual(["alice", "bob", "carol"]);
});

test("a group between all has everybody's inbox once, and guests", async ({ getWorkers, carol }) => {
  const workers = await getWorkers(["alice", "alice-b", "bob"]);
  const group = await workers.createGroupBetweenAll("everybody", [carol.inboxId]);
  expect(group.name).toBe("everybody");
  await expect(group).toHaveMembers([workers.get("alice"), workers.get("bob"), carol]);
  expect(inboxIds(await group.members())).toHaveLength(3);
});

test.describe("draws", () => {
  const draw = (workers: WorkerManager): readonly string[][] => [
    namesOf(Array.from({ length: 12 }, () => workers.getReceiver())),
    namesOf(workers.getRandomWorkers(2)),
    namesOf(workers.getRandomWorkers(3)),
  ];

  test("the same seed draws the same, another one differently", async ({ place: { network } }) => {
    const seeded = (seed: string): Promise<WorkerManager> =>
      getWorkersOutside(3, "draws", network.url, { seed, defaults: { disableDeviceSync: true } });
    const draws: (readonly string[][])[] = [];
    for (const seed of ["seven", "seven", "eight"]) {
      await using workers = await seeded(seed);
      draws.push(draw(workers));
    }
    expect(draws[0]).toEqual(draws[1]);
    expect(draws[2]).not.toEqual(draws[0]);
  });

  test("a receiver is never the creator, and random workers are different ones", async ({ getWorkers }) => {
    const workers = await getWorkers(3);
    const [receivers = [], two = [], three = []] = draw(workers);
    expect(receivers).not.toContain(workers.getCreator().name);
    expect(new Set(two).size).toBe(2);
    expect([...three].sort()).toEqual(namesOf(workers).sort());
    expect(workers.getRandomWorkers(0)).toEqual([]);
  });
});
