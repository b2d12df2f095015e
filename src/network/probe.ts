import { XmtpTestError, errorText } from "../errors.js";
import { callOnce } from "./unary-call.js";

const NODE_PATH = "/xmtp.identity.api.v1.IdentityApi/GetInboxIds";
const GATEWAY_PATH = "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes";
const HINT =
  "Is the node running, and is this its gRPC port (5556 of a local node, not the HTTP gateway's 5555)? Leave XMTP_API_URL and XMTP_ENV unset for the embedded node.";

/**
 * Asks a node for no inbox ids, or a gateway for its nodes: the smallest call that only such a one answers with OK.
 *
 * @throws XmtpTestError `NODE_UNREACHABLE` with what was seen instead
 */
export async function probeNode(url: string, timeoutMs: number, gateway = false): Promise<void> {
  let seen: string | undefined;
  try {
    seen = (await callOnce(url, gateway ? GATEWAY_PATH : NODE_PATH, timeoutMs)).refusal;
  } catch (error) {
    throw unreachable(url, errorText(error), error);
  }
  if (seen !== undefined) throw unreachable(url, seen);
}

/** The error for a node that does not answer. */
export function unreachable(url: string, seen: string, cause?: unknown): XmtpTestError {
  return new XmtpTestError("NODE_UNREACHABLE", `No XMTP node answers at ${url} (${seen.trim()}).`, HINT, {
    cause,
  });
}
