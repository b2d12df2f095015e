import { expect } from "playwright-xmtp";
import { groupBench, newGroup } from "../perf/support/group-bench.js";
import { test } from "../perf/support/test.js";
import { sizes } from "./sizes.js";

const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
const rounds = 5;
test.use({ memberCount: large });
test.skip(small === large, "needs two sizes");

test(`the node's part of a group of ${large} grows no faster than its members`, async ({
  members,
  getWorkers,
  network,
  measure,
}) => {
  const cpu = async (): Promise<number> => {
    const { cpuMs } = await network.stats();
    test.skip(cpuMs === undefined, "the system does not tell a thread's CPU time");
    return cpuMs ?? 0;
  };
  const bench = await groupBench(large, members, getWorkers);
  const spent = new Map([
    [small, 0],
    [large, 0],
  ]);
  for (let round = -1; round < rounds; round++) {
    for (const size of [small, large]) {
      const before = await cpu();
      const group = await newGroup({ ...bench, others: bench.others.slice(0, size - 1) }, `${size}`);
      await group.sendText("hello");
      const used = (await cpu()) - before;
      measure.record("nodeCpu newGroup + send", used, { size, warmup: round < 0 });
      if (round >= 0) spent.set(size, (spent.get(size) ?? 0) + used);
      expect(await group.members()).toHaveLength(size);
    }
  }
  const growth = (spent.get(large) ?? 0) / (spent.get(small) ?? 1);
  console.log(
    `node CPU, ${small} to ${large} members: x${growth.toFixed(2)}, members: x${(large / small).toFixed(2)}`,
  );
  // Twice linear: a quadratic node would be at the square of it, and timer noise is far below.
  expect(growth).toBeLessThan((2 * large) / small);
});
