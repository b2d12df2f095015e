import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePlan, planText, readPlan } from "../../../../src/chaos/schedule/plan.js";
import type { Plan } from "../../../../src/chaos/schedule/plan.js";
import { Schedule } from "../../../../src/chaos/schedule/schedule.js";

const names = ["alice", "bob", "carol", "dave"];
const everything = (seed: string): Schedule =>
  new Schedule(seed)
    .fault("throttle", names, { atMs: 100 }, { rateKBps: 50 })
    .partitions({ of: names, everyMs: 2_000 })
    .rerolls({ of: names, everyMs: 3_000, latencyMs: [50, 300], jitterMs: [0, 400], chance: 0.5 })
    .ramp({ of: "alice", latencyMs: [20, 120], steps: 5 })
    .blips({ of: names, everyMs: [300, 900] });

describe("a schedule", () => {
  it("is the same text for the same seed, and another for another", () => {
    const text = (seed: string): string => planText(everything(seed).plan(20_000));
    expect(text("a")).toBe(text("a"));
    expect(text("a")).not.toBe(text("b"));
  });

  it("keeps every fault within its time, by time, with targets", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2_000, max: 60_000 }), (seed, durationMs) => {
        const { steps } = everything(seed).plan(durationMs);
        for (const [index, { atMs, forMs, targets }] of steps.entries()) {
          expect(atMs + forMs).toBeLessThanOrEqual(durationMs);
          expect(forMs).toBeGreaterThan(0);
          expect(targets.length).toBeGreaterThan(0);
          expect(atMs).toBeGreaterThanOrEqual(steps[index - 1]?.atMs ?? 0);
        }
      }),
    );
  });

  it("draws each part for itself", () => {
    const alone = new Schedule("s").partitions({ of: names, everyMs: 1_000 }).plan(10_000);
    const beside = new Schedule("s")
      .partitions({ of: names, everyMs: 1_000 })
      .blips({ of: names, everyMs: [100, 200] })
      .plan(10_000);
    expect(beside.steps.filter(({ verb }) => verb === "partition")).toEqual(alone.steps);
  });

  it("ramps in even steps, with a gap between", () => {
    const { steps } = new Schedule("s").ramp({ of: "bob", latencyMs: [100, 500], steps: 5 }).plan(10_000);
    expect(steps.map(({ atMs, options }) => [atMs, options["latencyMs"]])).toEqual([
      [0, 100],
      [2_000, 200],
      [4_000, 300],
      [6_000, 400],
      [8_000, 500],
    ]);
    expect(steps.map(({ forMs }) => forMs)).toEqual([1_800, 1_800, 1_800, 1_800, 1_800]);
  });

  it("never draws more jitter than latency", () => {
    const { steps } = new Schedule("s")
      .rerolls({ of: names, everyMs: 1_000, latencyMs: [10, 20], jitterMs: [0, 100] })
      .plan(30_000);
    for (const { options } of steps)
      expect(Number(options["jitterMs"])).toBeLessThanOrEqual(Number(options["latencyMs"]));
    expect(steps).toHaveLength(120);
  });

  it("holds a fault that takes time, or says that there is none", () => {
    const seen = { planned: 0, refused: 0 };
    const range = (least: number, most: number) =>
      fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }));
    const time = fc.integer({ min: 0, max: 20_000 });
    const add = fc.oneof(
      fc.record({ atMs: time, forMs: time }).map((when) => (to: Schedule) => to.fault("cut", names, when)),
      fc
        .record({ everyMs: time, forMs: range(0, 900) })
        .map((how) => (to: Schedule) => to.partitions({ of: names, ...how })),
      fc
        .record({ everyMs: time, chance: fc.constantFrom(0, 0.1, 1) })
        .map((how) => (to: Schedule) => to.rerolls({ of: names, latencyMs: [5, 50], ...how })),
      fc
        .record({ steps: fc.integer({ min: 0, max: 50 }), overMs: fc.option(time, { nil: undefined }) })
        .map(({ steps, overMs }) => (to: Schedule) => {
          const over = overMs === undefined ? {} : { overMs };
          return to.ramp({ of: names, latencyMs: [5, 50], steps, ...over });
        }),
      fc
        .record({ everyMs: range(0, 20_000), forMs: range(0, 900) })
        .map((how) => (to: Schedule) => to.blips({ of: names, ...how })),
    );
    const parts = fc.array(add, { maxLength: 2 });
    fc.assert(
      fc.property(fc.string(), parts, fc.integer({ min: 1, max: 20_000 }), (seed, adds, durationMs) => {
        let plan: Plan;
        try {
          plan = adds.reduce((schedule, one) => one(schedule), new Schedule(seed)).plan(durationMs);
        } catch (error) {
          expect(error).toMatchObject({ code: "CHAOS_OPTION" });
          seen.refused++;
          return;
        }
        expect(plan.steps.length).toBeGreaterThan(0);
        for (const { atMs, forMs } of plan.steps) {
          expect(forMs).toBeGreaterThan(0);
          expect(atMs + forMs).toBeLessThanOrEqual(durationMs);
        }
        seen.planned++;
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.planned, seen.refused)).toBeGreaterThan(0);
  });

  it.each([
    ["a ramp that is all gap", (to: Schedule) => to.ramp({ of: names, latencyMs: [5, 50], steps: 10 })],
    ["a fault after the end", (to: Schedule) => to.fault("cut", names, { atMs: 5_000 })],
    ["a fault of no time", (to: Schedule) => to.fault("cut", names, { forMs: 0 })],
    ["rounds that never come", (to: Schedule) => to.partitions({ of: names, everyMs: 5_000 })],
    ["blips without a pause", (to: Schedule) => to.blips({ of: names, everyMs: [0, 0] })],
    ["blips whose pause is backwards", (to: Schedule) => to.blips({ of: names, everyMs: [90, 10] })],
    ["no part at all", (to: Schedule) => to],
  ])("refuses %s", (_what, build) => {
    expect(() => build(new Schedule("s")).plan(2_000)).toThrow(
      expect.objectContaining({ code: "CHAOS_OPTION" }),
    );
  });
});

describe("a plan", () => {
  const plan: Plan = everything('x › "y"\n').plan(8_000);

  it("is read back as it was, from text and from a file", async () => {
    expect(parsePlan(planText(plan))).toEqual(plan);
    const folder = await mkdtemp(join(tmpdir(), "plan-"));
    await writeFile(join(folder, "plan.json"), planText(plan));
    expect(await readPlan(join(folder, "plan.json"))).toEqual(plan);
    await rm(folder, { recursive: true });
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["no version", JSON.stringify({ ...plan, version: 2 })],
    ["no steps", JSON.stringify({ ...plan, steps: 3 })],
    ["an unknown verb", planText({ ...plan, steps: [{ ...plan.steps[0], verb: "loss" } as never] })],
    ["a negative time", planText({ ...plan, steps: [{ ...plan.steps[0], atMs: -1 } as never] })],
    ["no targets", planText({ ...plan, steps: [{ ...plan.steps[0], targets: [] } as never] })],
  ])("with %s is refused", (_what, text) => {
    expect(() => parsePlan(text)).toThrow(expect.objectContaining({ code: "CHAOS_PLAN" }));
  });

  it("that is not there is refused", async () => {
    await expect(readPlan("/nonexistent/plan.json")).rejects.toMatchObject({ code: "CHAOS_PLAN" });
  });
});
