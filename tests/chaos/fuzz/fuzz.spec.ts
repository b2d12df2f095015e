/**
 * Model-based chaos: random operations by random workers under random faults, the invariants checked after each
 * sequence has healed, and a failing sequence shrunk to the shortest that still fails.
 *
 * A failure prints its seed, path and replayPath: `XMTP_FUZZ_SEED=… XMTP_FUZZ_PATH=… XMTP_FUZZ_REPLAY=…` plays
 * just that sequence again.
 */
import fc from "fast-check";
import { expect, test } from "playwright-xmtp";
import { complaints, expectSound, meet } from "../support.js";
import { commandsOf } from "./model.js";
import type { Model, Real } from "./model.js";

const seed = Number(process.env["XMTP_FUZZ_SEED"] ?? "20261123");
const path = process.env["XMTP_FUZZ_PATH"];
const replay = process.env["XMTP_FUZZ_REPLAY"];
const runs = Number(process.env["XMTP_FUZZ_RUNS"] ?? "6");
const length = Number(process.env["XMTP_FUZZ_LENGTH"] ?? "14");

test.setTimeout(120_000 + runs * 60_000);

test(`fuzz: ${runs} sequences of up to ${length} operations and faults`, async ({
  chaos,
  getWorkers,
}, testInfo) => {
  testInfo.annotations.push({ type: "fuzz seed", description: String(seed) });
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const all = workers.getAll();
  let sequences = 0;
  const property = fc.asyncProperty(commandsOf(all.length, length, replay), async (commands) => {
    // A group of its own for each sequence, shrunk ones too: what went before is none of its business.
    const group = await meet(workers, `fuzz ${++sequences}`);
    const model: Model = { names: all.map(({ name }) => name), faults: new Map(), nextFault: 1 };
    const real: Real = { chaos, group, workers: all, faults: new Map(), background: [], sends: 0 };
    try {
      await fc.asyncModelRun(() => ({ model, real }), commands);
    } finally {
      await chaos.heal();
      await Promise.all(real.background);
    }
    await expectSound(all, group, { racing: true });
    expect(all.flatMap((worker) => complaints(worker, group, { racing: true }))).toEqual([]);
  });
  await fc.assert(property, {
    seed,
    numRuns: runs,
    ...(path !== undefined && { path }),
    endOnFailure: path !== undefined,
    verbose: fc.VerbosityLevel.Verbose,
    // Each try takes seconds: shrinking stops in time to be reported.
    interruptAfterTimeLimit: 90_000 + runs * 50_000,
    markInterruptAsFailure: false,
  });
  expect(sequences).toBeGreaterThan(0);
});
