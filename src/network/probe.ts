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
  await askNode(url, gateway ? GATEWAY_PATH : NODE_PATH, timeoutMs);
}

/**
 * One unary call that a node answers with OK.
 *
 * @param request default: an empty message
 * @returns the answer's message
 * @throws XmtpTestError `NODE_UNREACHABLE` with what was seen instead
 */
export async function askNode(
  url: string,
  path: string,
  timeoutMs: number,
  request?: Uint8Array,
): Promise<Buffer> {
  const { refusal, message } = await callOnce(url, path, timeoutMs, request).catch((error: unknown) => {
    throw unreachable(url, errorText(error), error);
  });
  if (refusal !== undefined) throw unreachable(url, refusal);
  return message;
}

function unreachable(url: string, seen: string, cause?: unknown): XmtpTestError {
  return new XmtpTestError("NODE_UNREACHABLE", `No XMTP node answers at ${url} (${seen.trim()}).`, HINT, {
    cause,
  });
}
