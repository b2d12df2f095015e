import { connect, constants } from "node:http2";
import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import { XmtpTestError, errorText } from "../errors.js";
import { encodeFrame } from "./grpc/frame.js";

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
  const session = connect(url);
  let timer: NodeJS.Timeout | undefined;
  try {
    const seen = await Promise.race([
      callOnce(session, gateway ? GATEWAY_PATH : NODE_PATH),
      new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve(`no answer within ${timeoutMs} ms`), timeoutMs);
      }),
    ]);
    if (seen !== undefined) throw unreachable(url, seen);
  } catch (error) {
    if (error instanceof XmtpTestError) throw error;
    throw unreachable(url, errorText(error), error);
  } finally {
    clearTimeout(timer);
    session.destroy();
  }
}

/** @returns undefined when the node answered OK, else what it answered */
function callOnce(session: ClientHttp2Session, path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [constants.HTTP2_HEADER_TE]: "trailers",
    });
    let http = 0;
    let trailers: IncomingHttpHeaders = {};
    stream.on("response", (headers) => {
      http = Number(headers[":status"]);
      // A failure at once has its status in the headers.
      trailers = headers;
    });
    stream.on("trailers", (headers: IncomingHttpHeaders) => {
      trailers = headers;
    });
    stream.on("error", reject);
    stream.on("close", () => {
      const status = trailers["grpc-status"];
      if (status === "0") resolve(undefined);
      else if (status === undefined) resolve(`HTTP ${http} without a gRPC status`);
      else
        resolve(
          `gRPC status ${String(status)} ${decodeURIComponent(String(trailers["grpc-message"] ?? ""))}`,
        );
    });
    stream.resume();
    stream.end(encodeFrame(new Uint8Array()));
  });
}

function unreachable(url: string, seen: string, cause?: unknown): XmtpTestError {
  return new XmtpTestError("NODE_UNREACHABLE", `No XMTP node answers at ${url} (${seen.trim()}).`, HINT, {
    cause,
  });
}
