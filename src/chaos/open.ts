import { variable } from "../environment.js";
import { Chaos } from "./chaos.js";
import type { ChaosOptions } from "./chaos.js";
import { Links } from "./links.js";
import { resolveProfile } from "./profile.js";
import type { ToxiproxyServer } from "./toxiproxy-server.js";

/**
 * One test's chaos on a server, from its unchecked options. `XMTP_CHAOS_PLAN` names a plan's file to be played.
 *
 * @throws XmtpTestError `INVALID_OPTION`, `CHAOS_OPTION` for a profile that makes no sense
 */
export function openChaos(
  server: ToxiproxyServer,
  chaosProfile: unknown,
  given: Omit<ChaosOptions, "links" | "profile" | "planFile">,
): { readonly chaos: Chaos; readonly links: Links } {
  const profile = resolveProfile(chaosProfile);
  const links = new Links(() => server.control(), profile.direct, given.node);
  const planFile = variable("XMTP_CHAOS_PLAN") ?? "";
  return { chaos: new Chaos({ ...given, links, profile, planFile }), links };
}
