import { writeFile } from "node:fs/promises";
import { Chaos, parsePlan } from "#src/chaos/index.js";
import { expect, test } from "./rig.js";

test("a run puts its faults on and off by the plan, announced first", async ({
  rig: { chaos, plans, ledger },
}) => {
  const plan = chaos
    .schedule()
    .fault("latency", ["alice", "bob"], { atMs: 0, forMs: 1_500 }, { latencyMs: 20 })
    .fault("partition", "bob", { atMs: 400, forMs: 500 })
    .plan(2_000);
  const played = await chaos.run(plan);
  expect(plans).toHaveLength(1);
  expect(parsePlan(plans[0] ?? "")).toEqual(plan);
  expect(played.map(({ step }) => step.verb)).toEqual(["latency", "partition"]);
  for (const { step, onMs = -1, offMs = -1, evidence } of played) {
    expect(onMs).toBeGreaterThanOrEqual(step.atMs);
    expect(offMs).toBeGreaterThanOrEqual(step.atMs + step.forMs);
    expect(Object.keys(evidence)).toEqual(step.targets);
  }
  expect(chaos.faults).toEqual([]);
  const faults = ledger.events.flatMap((event) => (event.kind === "fault" ? [event] : []));
  expect(faults.filter(({ state }) => state === "lifted")).toHaveLength(2);
});

test("a fault that another hides waits, and is left out when its time is over", async ({
  rig: { chaos },
}) => {
  const plan = chaos
    .schedule()
    .fault("cut", "alice", { atMs: 0, forMs: 900 })
    .fault("latency", "alice", { atMs: 300, forMs: 3_000 }, { latencyMs: 20 })
    .fault("slice", "alice", { atMs: 400, forMs: 200 })
    .plan(3_500);
  const [, latency, slice] = await chaos.run(plan);
  expect(latency?.onMs).toBeGreaterThanOrEqual(900);
  expect(slice).toEqual({ step: plan.steps[2], evidence: {} });
});

test("a signal ends a run early; a fault that fails ends it with its error", async ({ rig, deafRig }) => {
  const stop = new AbortController();
  const plan = rig.chaos.schedule().fault("cut", "alice").plan(600_000);
  const run = rig.chaos.run(plan, { signal: stop.signal });
  await expect.poll(() => rig.chaos.faults.length).toBe(1);
  stop.abort();
  expect(await run).toHaveLength(1);
  expect(rig.chaos.faults).toEqual([]);
  await expect(deafRig.chaos.run(plan)).rejects.toMatchObject({ code: "FAULT_NOT_EFFECTIVE" });
  expect(deafRig.chaos.faults).toEqual([]);
});

test("a saved plan is played instead of the one given", async ({ rig }, testInfo) => {
  const planFile = testInfo.outputPath("plan.json");
  const saved = rig.chaos.schedule("saved").fault("cut", "bob", { forMs: 50 }).plan(100);
  await rig.chaos.run(saved);
  await writeFile(planFile, rig.plans[0] ?? "");
  const again = new Chaos({ ...rig.options, planFile });
  const [played] = await again.run(again.schedule().fault("cut", "alice").plan(10));
  expect(played?.step.targets).toEqual(["bob"]);
});
