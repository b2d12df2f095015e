import { expect, test } from "vitest";
import { TurnCount } from "../../../../src/network/bounds/turn-count.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("as many as are allowed begin in one turn, however long it takes; one more does not", () => {
  const count = new TurnCount(3);
  expect(count.admit()).toBe(true);
  for (const until = performance.now() + 60; performance.now() < until;);
  expect([count.admit(), count.admit(), count.admit()]).toEqual([true, true, false]);
});

test("each turn counts for itself", async () => {
  const count = new TurnCount(2);
  for (let round = 0; round < 3; round++) {
    expect([count.admit(), count.admit(), count.admit()]).toEqual([true, true, false]);
    await turn();
  }
});
