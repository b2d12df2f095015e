import { countFrom } from "../perf/support/env.js";
import { groupBench } from "../perf/support/group-bench.js";
import { measureOperations } from "../perf/support/group-operations.js";
import { measureStreams } from "../perf/support/group-streams.js";
import { measureSyncs } from "../perf/support/group-syncs.js";
import { test } from "../perf/support/test.js";
import { sizes } from "./sizes.js";

/** Counted runs of each operation and size. */
const runs = countFrom("PERF_RUNS", 3);
test.use({ memberCount: Math.max(...sizes) + runs + 1 });

for (const size of sizes) {
  test(`operations in groups of ${size}`, async ({ members, getWorkers, measure }) => {
    await measureOperations(await groupBench(size, members, getWorkers), measure, runs);
  });

  test(`streams of groups of ${size}`, async ({ members, getWorkers, measure }) => {
    await measureStreams(await groupBench(size, members, getWorkers), measure, runs);
  });

  test(`syncs of groups of ${size}`, async ({ members, getWorkers, measure }) => {
    await measureSyncs(await groupBench(size, members, getWorkers), measure, runs, getWorkers);
  });
}
