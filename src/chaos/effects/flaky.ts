import { performance } from "node:perf_hooks";
import { XmtpTestError, valueText } from "../../errors.js";
import { SeededRandom } from "../../random.js";
import { until } from "../clock.js";
import { cutEffect } from "./effects.js";
import type { Effect } from "./effects.js";
import { checkFields, inRange } from "./options.js";
import type { FlakyOptions } from "./options.js";

/**
 * A line that goes down and comes back, by seeded draws, until it is lifted. The first time down is shown.
 *
 * @param draw tells its draws from others' of this seed. Default: the line's first flaky fault, its second ...
 */
export function flakyEffect(seed: string, options: FlakyOptions = {}, draw?: string): Effect {
  checkFields("flaky", options, ["downMs", "upMs"]);
  const [downLeast, downMost] = checked("downMs", options.downMs ?? [200, 600]);
  const [upLeast, upMost] = checked("upMs", options.upMs ?? [500, 2_000]);
  return {
    ...cutEffect("flaky", `down ${downLeast}-${downMost} ms, up ${upLeast}-${upMost} ms in between`),
    run: async (line, faultId, signal) => {
      // Not by the fault's id: how many tries were refused before it differs from run to run.
      const draws = new SeededRandom(seed, `flaky ${draw ?? line.next("flaky")} ${line.name}`);
      let up = false;
      let moment = performance.now();
      for (;;) {
        moment += up ? draws.int(upLeast, upMost) : draws.int(downLeast, downMost);
        if (!(await until(moment, signal))) return;
        up = !up;
        await (up ? line.mend(faultId) : line.cut(faultId));
      }
    },
  };
}

function checked(name: string, given: readonly [number, number]): readonly [number, number] {
  if (!Array.isArray(given)) {
    throw new XmtpTestError(
      "CHAOS_OPTION",
      `${name} is ${valueText(given)}.`,
      `Give the shortest and the longest, ms: { ${name}: [200, 600] }.`,
    );
  }
  const [least, most] = given;
  inRange(`${name}[0]`, least, 10, 600_000);
  return [least, inRange(`${name}[1]`, most, least, 600_000)];
}
