import { XmtpTestError } from "../../errors.js";
import * as effects from "./effects.js";
import type { Effect } from "./effects.js";

/** Faults that every worker has for the whole test: the test option `chaosProfile`. All fields are optional. */
export interface ChaosProfile {
  /** Delay each way, ms. */
  readonly latencyMs?: number;
  /** ± on that delay, ms. */
  readonly jitterMs?: number;
  /** Rate of each connection each way, KB/s. */
  readonly rateKBps?: number;
  /** Names of workers that connect to the node itself, for ground truth. */
  readonly direct?: readonly string[];
}

const fields = new Set(["latencyMs", "jitterMs", "rateKBps", "direct"]);

/**
 * Checks the option.
 *
 * @throws XmtpTestError `INVALID_OPTION` for anything but an object with known fields, `CHAOS_OPTION` for a
 *   number out of range
 */
export function resolveProfile(given: unknown): ChaosProfile {
  const odd = (what: string): XmtpTestError =>
    new XmtpTestError("INVALID_OPTION", what, `Known fields of chaosProfile: ${[...fields].join(", ")}.`);
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw odd(`The option "chaosProfile" is not an object (${JSON.stringify(given)}).`);
  const unknown = Object.keys(given).filter((field) => !fields.has(field));
  if (unknown.length > 0) throw odd(`The option "chaosProfile" has no field ${unknown.join(", ")}.`);
  const profile: ChaosProfile = given;
  if (profile.jitterMs !== undefined && profile.latencyMs === undefined)
    throw odd(`chaosProfile has jitterMs ${profile.jitterMs} without latencyMs.`);
  if (profile.direct !== undefined && !Array.isArray(profile.direct))
    throw odd(`chaosProfile.direct is not a list of names (${JSON.stringify(profile.direct)}).`);
  // Numbers out of range are refused by the effects themselves.
  profileEffects(profile);
  return profile;
}

/** The profile's faults, as they are put on each worker. */
export function profileEffects({ latencyMs, jitterMs, rateKBps }: ChaosProfile): Effect[] {
  return [
    ...(latencyMs === undefined
      ? []
      : [effects.latencyEffect({ latencyMs, ...(jitterMs !== undefined && { jitterMs }) })]),
    ...(rateKBps === undefined ? [] : [effects.throttleEffect({ rateKBps })]),
  ];
}
