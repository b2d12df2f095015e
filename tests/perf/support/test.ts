import { environmentPlace } from "#src/environment.js";
import { test as base } from "playwright-xmtp";
import type { EmbeddedNode } from "playwright-xmtp/network";
import { registerPopulation, restorePopulation } from "./population.js";
import type { PopulatedInbox } from "./population.js";

interface MemberFixtures {
  /** How many registered inboxes without a client the test needs. */
  memberCount: number;
  /** They, to fill groups up with. There before the test's workers are made. */
  members: readonly PopulatedInbox[];
}

type Use = (members: readonly PopulatedInbox[]) => Promise<void>;

const restored = async (
  { network, memberCount }: { network: EmbeddedNode; memberCount: number },
  use: Use,
): Promise<void> => use(memberCount === 0 ? [] : await restorePopulation(network, memberCount));

const registered = async (
  { xmtpEnv, xmtpApiUrl, memberCount }: { xmtpEnv: string; xmtpApiUrl: string; memberCount: number },
  use: Use,
): Promise<void> => {
  const env = xmtpEnv === "embedded" ? "local" : xmtpEnv;
  await use(await registerPopulation(env, xmtpApiUrl, memberCount));
};

const { env, apiUrl, gatewayUrl } = environmentPlace();
const embedded = env === "embedded" && apiUrl === undefined && gatewayUrl === undefined;

/** The product's `test`, with padding members. Automatic, so that a restore never takes workers away. */
export const test = base.extend<MemberFixtures>({
  memberCount: [0, { option: true, box: true }],
  members: [embedded ? restored : registered, { auto: true, timeout: 300_000, title: "registered members" }],
});
