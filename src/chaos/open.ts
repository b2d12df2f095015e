import { variable } from "../environment.js";
import { Chaos } from "./chaos.js";
import type { ChaosOptions } from "./chaos.js";
import { resolveProfile } from "./effects/profile.js";

/**
 * One test's chaos on its lines, from its unchecked options. `XMTP_CHAOS_PLAN` names a plan's file to be played.
 *
 * @throws XmtpTestError `INVALID_OPTION`, `CHAOS_OPTION` for a profile that makes no sense
 */
export function openChaos(chaosProfile: unknown, given: Omit<ChaosOptions, "profile" | "planFile">): Chaos {
  const profile = resolveProfile(chaosProfile);
  for (const name of profile.direct ?? []) given.lines.direct(name);
  const planFile = variable("XMTP_CHAOS_PLAN") ?? "";
  return new Chaos({ ...given, profile, planFile });
}
