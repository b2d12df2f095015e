import { setImmediate } from "node:timers/promises";
import { UnderWay } from "#src/chaos/under-way.js";
import { expect, test } from "./rig.js";
import type { Rig } from "./rig.js";

test.describe.configure({ mode: "default" });

const unsettled = Symbol("unsettled");

/**
 * Puts on what goes on by itself (a plan, a flaky line, verbs that are not awaited), lifts the faults once so many have
 * been recorded, and says what still goes on.
 */
async function leftOver({ chaos, ledger }: Rig, recorded: number): Promise<readonly string[]> {
  const faults = (): number => ledger.events.filter(({ kind }) => kind === "fault").length;
  const before = faults();
  const stalls = chaos.schedule("left over");
  for (let at = 0; at < 40; at++) stalls.fault("stall", "alice", { atMs: at * 100, forMs: 90 });
  const all = new Map<string, Promise<unknown>>([
    ["the plan", chaos.run(stalls.plan(600_000))],
    ["the flaky line", chaos.flaky("bob", { downMs: [20, 60], upMs: [20, 60] })],
    ["the latency", chaos.latency("alice", 30)],
  ]);
  // What fails because the faults are lifted fails where it is awaited; here only that it settles is asked.
  const settled = new Map([...all].map(([what, work]) => [what, Promise.allSettled([work])]));
  await expect.poll(() => faults() - before, { timeout: 20_000 }).toBeGreaterThanOrEqual(recorded);
  await chaos.liftAll();
  const atLift = faults();
  const found: string[] = [];
  for (const [what, work] of settled)
    if ((await Promise.race([work, setImmediate(unsettled)])) === unsettled) found.push(what);
  if (chaos.faults.length > 0) found.push(`${chaos.faults.length} faults`);
  // A fault that takes and ends: by then whatever was about to act has acted.
  await (await chaos.latency("bob", 20)).lift();
  if (faults() !== atLift + 3) found.push("faults recorded since");
  return found;
}

test("plans, flaky lines and verbs under way end with the faults, at whatever moment", async ({
  rig,
  toxiproxy,
}) => {
  for (let recorded = 0; recorded < 10; recorded++) {
    expect(await leftOver(rig, recorded), `lifted after ${recorded} records`).toEqual([]);
    expect((await toxiproxy.stats()).toxics).toBe(0);
    await rig.chaos.heal();
  }
});

test("after the end no verb puts a fault on", async ({ rig: { chaos, ledger } }) => {
  const late = chaos.run(chaos.schedule().fault("cut", "alice").plan(600_000));
  await expect.poll(() => chaos.faults.length).toBe(1);
  await chaos.end();
  await late;
  const count = ledger.events.length;
  const verbs = [
    () => chaos.cut("alice"),
    () => chaos.flaky("bob"),
    () => chaos.partition(["alice"], ["bob"]),
    () => chaos.run(chaos.schedule().fault("cut", "alice").plan(1_000)),
  ];
  for (const verb of verbs) await expect(verb()).rejects.toMatchObject({ code: "CHAOS_ENDED" });
  expect(ledger.events).toHaveLength(count);
});

test("a lifting that does not end what is under way is found out", async ({ rig }) => {
  const stop = Object.getOwnPropertyDescriptor(UnderWay.prototype, "stop") as PropertyDescriptor;
  UnderWay.prototype.stop = () => Promise.resolve();
  try {
    expect(await leftOver(rig, 4)).toContain("the plan");
  } finally {
    Object.defineProperty(UnderWay.prototype, "stop", stop);
    await rig.chaos.liftAll();
  }
});
