import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Injector } from "../../../../src/chaos/injector.js";
import type { Effect } from "../../../../src/chaos/effects/effects.js";
import { cutEffect } from "../../../../src/chaos/effects/effects.js";
import { flakyEffect } from "../../../../src/chaos/effects/flaky.js";
import { Line } from "../../../../src/chaos/lines/line.js";
import { effectOf } from "../../../../src/chaos/schedule/effect-of.js";
import { TestLedger } from "../../../../src/ledger/ledger.js";
import type { ControlledProxy } from "../../../../src/toxiproxy/index.js";

/** The moments that are waited for; the wait ends at once, and for good after as many as are looked at. */
const waited = vi.hoisted(() => ({ moments: [] as number[], looked: 8 }));
vi.mock("../../../../src/chaos/clock.js", () => ({
  until: (moment: number) => Promise.resolve(waited.moments.push(moment) < waited.looked),
}));

const proxy = { setEnabled: () => Promise.resolve() } as unknown as ControlledProxy;
const place = { host: "127.0.0.1", port: 1 };
const shown: Effect["proof"] = () => ({
  before: () => Promise.resolve(),
  during: () => Promise.resolve({ effective: true, text: "" }),
  end: () => undefined,
});

/** ms between the turns of flaky faults put on one after the other, each after so many tries that were refused. */
async function drawsOf(effects: readonly Effect[], refused: readonly number[]): Promise<number[][]> {
  const line = new Line({ name: "alice", proxy, node: place, atNode: false });
  let ids = 0;
  const injector = new Injector(new TestLedger(), () => `f${++ids}`);
  const all: number[][] = [];
  for (const [index, effect] of effects.entries()) {
    line.mask("other", "stall");
    for (let tries = refused[index] ?? 0; tries > 0; tries--) {
      const hidden = { ...cutEffect(), hides: false, proof: shown };
      await expect(injector.apply(hidden, [line])).rejects.toMatchObject({ code: "CHAOS_MASKED" });
    }
    line.unmask("other");
    waited.moments = [];
    const fault = await injector.apply({ ...effect, proof: shown }, [line]);
    await vi.waitFor(() => expect(waited.moments).toHaveLength(waited.looked), { interval: 1 });
    await fault.lift();
    all.push(waited.moments.slice(1).map((moment, turn) => Math.round(moment - (waited.moments[turn] ?? 0))));
  }
  return all;
}

const tries = fc.array(fc.nat(4), { minLength: 2, maxLength: 2 });

describe("flaky", () => {
  it("draws the same for the same seed, however many tries were refused before it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), tries, async (seed, refused) => {
        const two = (): Effect[] => [flakyEffect(seed), flakyEffect(seed)];
        const undisturbed = await drawsOf(two(), []);
        expect(await drawsOf(two(), refused)).toEqual(undisturbed);
        expect(undisturbed[0], "the second fault draws for itself").not.toEqual(undisturbed[1]);
      }),
      { numRuns: 50 },
    );
  });

  it("of a plan draws by the plan's seed and its own place in it", async () => {
    const step = (atMs: number): Parameters<typeof effectOf>[0] => ({
      atMs,
      forMs: 100,
      verb: "flaky",
      targets: ["alice"],
      options: {},
    });
    await fc.assert(
      fc.asyncProperty(fc.string(), tries, async (seed, refused) => {
        const planned = (...times: number[]): Effect[] => times.map((atMs) => effectOf(step(atMs), seed));
        const [first, second] = await drawsOf(planned(0, 500), []);
        expect(await drawsOf(planned(500, 0), refused)).toEqual([second, first]);
        expect(first).not.toEqual(second);
      }),
      { numRuns: 50 },
    );
  });

  it("draws otherwise by another seed", async () => {
    expect(await drawsOf([flakyEffect("a")], [])).not.toEqual(await drawsOf([flakyEffect("b")], []));
  });
});
