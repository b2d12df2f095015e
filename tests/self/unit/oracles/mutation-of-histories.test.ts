/**
 * Trust in the verdicts, measured: random correct histories are called wrong by none of them, and each single fault
 * put into one is found by every verdict that claims it. `npm run mutate:histories` runs it 100,000 times.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { SeededRandom } from "../../../../src/random.js";
import { correctHistory } from "./histories.js";
import { mutators, verdicts } from "./mutations.js";

const numRuns = Number(process.env["HISTORIES"] ?? 200);
const seed = Number(process.env["HISTORIES_SEED"] ?? 20261124);

it(
  "no verdict calls a correct history wrong, and none passes over a fault that it claims",
  () => {
    const found = new Map<string, number>();
    const passes = new Map<string, number>();
    let mutations = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (number) => {
        const history = correctHistory(number);
        const judges = verdicts(history);
        for (const [name, judge] of Object.entries(judges)) {
          const verdict = judge(history);
          if (verdict.status === "fail")
            throw new Error(`${name} calls a correct history wrong: ${verdict.summary}`);
          if (verdict.status === "pass") passes.set(name, (passes.get(name) ?? 0) + 1);
        }
        const random = new SeededRandom(String(number), "mutation");
        for (let tries = 0; tries < 8; tries += 1) {
          const mutation = mutators[random.int(0, mutators.length - 1)]?.(history, random);
          if (!mutation) continue;
          mutations += 1;
          for (const claim of mutation.claimedBy) {
            const name = claim.replace("not pass: ", "");
            const verdict = judges[name]?.(mutation.judged);
            const isFound = claim === name ? verdict?.status === "fail" : verdict?.status !== "pass";
            if (!isFound)
              throw new Error(`${name} passes over "${mutation.name}": ${JSON.stringify(verdict)}`);
            const key = `${mutation.name} → ${name}`;
            found.set(key, (found.get(key) ?? 0) + 1);
          }
          break;
        }
      }),
      { numRuns, seed },
    );
    const rows = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, count]) => `  ${count} ${key}`);
    console.log(`${numRuns} correct histories, 0 false fails; ${mutations} mutations, 0 silent passes`);
    console.log(rows.join("\n"));
    console.log(`passes: ${[...passes].map(([name, count]) => `${name} ${count}`).join(", ")}`);
    // A generator in which a verdict never passes, or a fault that is never made, would prove nothing.
    expect([...passes.keys()].sort()).toEqual(Object.keys(verdicts(correctHistory(0))).sort());
    expect(found.size).toBeGreaterThan(15);
  },
  Math.max(60_000, numRuns * 60),
);
