import { XmtpTestError } from "../../errors.js";
import * as effects from "../effects/effects.js";
import type { Effect } from "../effects/effects.js";
import { flakyEffect } from "../effects/flaky.js";
import type { PlanStep } from "./plan.js";

/** The effect of a plan's step. @throws XmtpTestError `CHAOS_OPTION` for options that the verb refuses */
export function effectOf({ verb, options, targets, atMs }: PlanStep, seed: string): Effect {
  // Options come from a builder's caller or from a file; each effect checks the numbers it uses.
  const given = options as never;
  switch (verb) {
    case "latency":
      return effects.latencyEffect(given);
    case "throttle":
      return effects.throttleEffect(given);
    case "stall":
      return effects.stallEffect(given);
    case "blackhole":
      return effects.blackholeEffect(given);
    case "cut":
      return effects.cutEffect();
    case "reset":
      return effects.resetEffect(given);
    case "slice":
      return effects.sliceEffect(given);
    case "limit":
      return effects.limitEffect(given);
    case "flaky":
      return flakyEffect(seed, given, `at ${atMs} on ${targets.join(", ")}`);
    case "partition":
      return effects.cutEffect("partition", `${targets.join(", ")} | all others`);
    default:
      throw new XmtpTestError(
        "CHAOS_PLAN",
        `A plan has no verb ${verb as string}.`,
        "Take one of the verbs.",
      );
  }
}
