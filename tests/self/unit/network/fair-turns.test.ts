import { expect, test } from "vitest";
import { FairTurns } from "../../../../src/network/bounds/fair-turns.js";

const [greedy, modest, one, slow, other] = ["greedy", "modest", "one", "slow", "other"].map((name) => ({
  name,
})) as [object, object, object, object, object];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the first call of each connection runs at once, the others one in a turn of the loop, in turns", async () => {
  const turns = new FairTurns();
  const ran: string[] = [];
  for (let at = 0; at < 4; at++) turns.run(greedy, () => ran.push(`greedy ${at}`));
  expect(ran, "at once").toEqual(["greedy 0"]);
  turns.run(modest, () => ran.push("modest 0"));
  turns.run(modest, () => ran.push("modest 1"));
  expect(ran, "who asks for little is not held up").toEqual(["greedy 0", "modest 0"]);
  const byTurn: string[][] = [];
  while (ran.length < 6) {
    const before = ran.length;
    await turn();
    byTurn.push(ran.slice(before));
  }
  expect(byTurn.filter((each) => each.length > 0)).toEqual([
    ["greedy 1"],
    ["modest 1"],
    ["greedy 2"],
    ["greedy 3"],
  ]);
  await turn();
  turns.run(greedy, () => ran.push("later"));
  expect(ran.at(-1), "nothing waits any more").toBe("later");
});

test("what a call does after its first await counts in its turn: the loop turns before the next one", async () => {
  const turns = new FairTurns();
  const ran: string[] = [];
  const work = (name: string) => () =>
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => ran.push(`${name} answered`));
  turns.run(one, work("first"));
  turns.run(one, work("second"));
  turns.run(one, () => ran.push("third began"));
  while (ran.length < 3) await turn();
  expect(ran).toEqual(["first answered", "second answered", "third began"]);
});

test("a turn that is no longer young takes no more calls, of anybody", async () => {
  const turns = new FairTurns();
  const ran: string[] = [];
  turns.run(slow, () => {
    const began = performance.now();
    while (performance.now() - began < 25);
    ran.push("slow");
  });
  turns.run(other, () => ran.push("other"));
  expect(ran).toEqual(["slow"]);
  await turn();
  await turn();
  expect(ran).toEqual(["slow", "other"]);
});

test("a call that throws does not hold those behind it up", async () => {
  const turns = new FairTurns();
  const ran: string[] = [];
  const thrown: unknown[] = [];
  const take = (error: unknown): void => void thrown.push(error);
  const listeners = process.rawListeners("uncaughtException") as ((error: Error) => void)[];
  process.removeAllListeners("uncaughtException").once("uncaughtException", take);
  try {
    turns.run(one, () => ran.push("first"));
    turns.run(one, () => {
      throw new Error("broken");
    });
    turns.run(one, () => ran.push("third"));
    while (ran.length < 2) await turn();
  } finally {
    process.off("uncaughtException", take);
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
  expect(ran).toEqual(["first", "third"]);
  expect(thrown).toHaveLength(1);
});
