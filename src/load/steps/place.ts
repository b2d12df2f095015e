import { isPublicHost, publicAllowed, variable } from "../../environment.js";
import { XmtpTestError } from "../../errors.js";
import { connectNetwork } from "../../network/index.js";
import { SeededRandom } from "../../random.js";
import type { SdkNetwork } from "../../workers/sdk/types.js";

/**
 * The node of a run: XMTP_API_URL, which `playwright-xmtp load` sets, else the script's `config.target`.
 *
 * @throws XmtpTestError `NODE_UNREACHABLE`, `BAD_URL`; `PUBLIC_NETWORK` for a public network without XMTP_ALLOW_PUBLIC
 */
export async function networkOf(target: string | undefined): Promise<SdkNetwork> {
  const url = variable("XMTP_API_URL") ?? target;
  if (url !== undefined && URL.canParse(url) && isPublicHost(url) && !publicAllowed())
    throw new XmtpTestError(
      "PUBLIC_NETWORK",
      `The load test would run against ${url}, a public network.`,
      "Give your own node as config.target or XMTP_API_URL, or set XMTP_ALLOW_PUBLIC=1.",
    );
  const historyUrl = variable("XMTP_HISTORY_URL");
  return await connectNetwork({
    env: "load",
    ...(url !== undefined && { url }),
    ...(historyUrl !== undefined && { historyUrl }),
  });
}

/** Leads a share of the users, drawn by the seed, over the line of XMTP_LOAD_LINE. */
export function linesOf(network: SdkNetwork, seed: string, share: number): (user: number) => SdkNetwork {
  const line = variable("XMTP_LOAD_LINE");
  if (line === undefined) return () => network;
  const over = { ...network, url: line };
  return (user) => (new SeededRandom(seed, `load line ${user}`).next() < share ? over : network);
}
