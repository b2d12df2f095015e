import { performance } from "node:perf_hooks";
import { XmtpTestError, valueText } from "../errors.js";
import { SeededRandom } from "../random.js";
import { until } from "./clock.js";
import { cutEffect } from "./effects.js";
import type { Effect } from "./effects.js";
import { checkFields, inRange } from "./options.js";
import type { FlakyOptions } from "./options.js";

/** A link that goes down and comes back, by seeded draws, until it is lifted. The first time down is shown. */
export function flakyEffect(seed: string, options: FlakyOptions = {}): Effect {
  checkFields("flaky", options, ["downMs", "upMs"]);
  const [downLeast, downMost] = checked("downMs", options.downMs ?? [200, 600]);
  const [upLeast, upMost] = checked("upMs", options.upMs ?? [500, 2_000]);
  return {
    ...cutEffect("flaky", `down ${downLeast}-${downMost} ms, up ${upLeast}-${upMost} ms in between`),
    run: async (link, faultId, signal) => {
      const draws = new SeededRandom(seed, `flaky ${faultId} ${link.worker}`);
      let up = false;
      let moment = performance.now();
      for (;;) {
        moment += up ? draws.int(upLeast, upMost) : draws.int(downLeast, downMost);
        if (!(await until(moment, signal))) return;
        up = !up;
        await (up ? link.mend(faultId) : link.cut(faultId));
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
