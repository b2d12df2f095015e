import { runs, sizesFrom } from "./support/env.js";
import { groupBench } from "./support/group-bench.js";
import { measureOperations } from "./support/group-operations.js";
import { measureStreams } from "./support/group-streams.js";
import { measureSyncs } from "./support/group-syncs.js";
import { test } from "./support/test.js";

const sizes = sizesFrom("BATCH_SIZE", [5, 10]);
/** Padding of the largest group, and one to add in each run. */
test.use({ memberCount: Math.max(...sizes) + runs + 1 });

for (const size of sizes) {
  test(`operations in groups of ${size}`, async ({ members, getWorkers, measure }) => {
    await measureOperations(await groupBench(size, members, getWorkers), measure, runs);
  });

  test(`streams of groups of ${size}`, async ({ members, getWorkers, measure }) => {
    await measureStreams(await groupBench(size, members, getWorkers), measure, runs);
  });

  test(`syncs of groups of ${size}`, async ({ members, getWorkers, measure }) => {
    await measureSyncs(await groupBench(size, members, getWorkers), measure, Math.min(runs, 3), getWorkers);
  });
}
