import { XmtpTestError } from "../../errors.js";
import type { SdkNetwork } from "../sdk/types.js";

/** A worker's own endpoint, from the map `{ alice: url }`. @throws XmtpTestError `BAD_URL` */
export function endpointOf(url: string): SdkNetwork {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new XmtpTestError(
      "BAD_URL",
      `"${url}" is not a node URL.`,
      "Give one such as http://127.0.0.1:5556.",
    );
  }
  return { env: `at ${parsed.host}`, url: parsed.origin, historyUrl: null };
}
