import type { IncomingMessage, ServerResponse } from "node:http";
import type { HeldByCall } from "../../bounds/held-bytes.js";
import { KnownHosts } from "../../bounds/known-hosts.js";
import { runCall } from "../call.js";
import type { Serving } from "../call.js";
import { metadataOf } from "../metadata.js";
import { TimeoutFormatError, parseTimeout } from "../deadline.js";
import { headerText } from "../go-text.js";
import { peerOf } from "../peer.js";
import { Code, StatusError } from "../status.js";
import { CORS, PREFLIGHT, WEB_CONTENT_TYPE } from "./web-headers.js";
import type { WebReply } from "./web-reply.js";

/** Serves one HTTP/1.1 request: a grpc-web call, its preflight, or a refusal in plain words. Never throws. */
export function serveWebCall(
  serving: Serving,
  hosts: KnownHosts,
  held: HeldByCall,
  request: IncomingMessage,
  response: ServerResponse,
  reply: WebReply,
): void {
  const { host } = request.headers;
  if (!hosts.knows(host)) {
    // Without CORS headers: whoever asks under such a name is to learn nothing.
    response
      .writeHead(403, { "content-type": "text/plain", connection: "close" })
      .end(`${KnownHosts.refusal(host)}\n`);
    request.resume();
    return;
  }
  if (request.method === "OPTIONS") {
    response.writeHead(204, PREFLIGHT).end();
    return;
  }
  const refused = refusal(request);
  if (refused) {
    response
      .writeHead(refused.http, { ...CORS, "content-type": "text/plain", ...refused.headers })
      .end(refused.text);
    // What is still under way of its body is read and dropped: a sender that is cut off loses the answer.
    request.resume();
    return;
  }
  const metadata = metadataOf(request.headers);
  const timeoutMs = timeoutOf(metadata, reply);
  if (reply.ended) return;
  runCall(serving, {
    path: request.url ?? "",
    peer: peerOf(request.socket),
    metadata,
    timeoutMs,
    headersOnly: false,
    body: request,
    held,
    reply,
  });
}

/** The call's time in ms; one that cannot be read ends the call. */
function timeoutOf(metadata: Readonly<Record<string, string>>, reply: WebReply): number | undefined {
  const header = metadata["grpc-timeout"];
  if (header === undefined) return undefined;
  try {
    return parseTimeout(header);
  } catch (error) {
    if (!(error instanceof TimeoutFormatError)) throw error;
    reply.finish(new StatusError(Code.INTERNAL, headerText(error.message)));
    return undefined;
  }
}

interface Refusal {
  readonly http: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function refusal({ method, headers }: IncomingMessage): Refusal | undefined {
  if (method !== "POST") {
    const text = `This is an XMTP node: gRPC over HTTP/2, grpc-web over HTTP/1.1. Calls are POST, not ${method ?? "nothing"}.\n`;
    return { http: 405, text, headers: { allow: "POST, OPTIONS" } };
  }
  const contentType = headers["content-type"] ?? "";
  if (!/^application\/grpc-web(\+proto)?(;|$)/iu.test(contentType)) {
    const text = `Over HTTP/1.1 this node takes ${WEB_CONTENT_TYPE} (binary), not "${contentType}".\n`;
    return { http: 415, text };
  }
  return undefined;
}
