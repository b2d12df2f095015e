import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { HeldByCall } from "../../bounds/held-bytes.js";
import { KnownHosts } from "../../bounds/known-hosts.js";
import { runCall } from "../call.js";
import type { Serving } from "../call.js";
import { metadataOf } from "../metadata.js";
import { Reply } from "../reply.js";
import { Code, StatusError } from "../status.js";
import { readHeaders } from "./request-headers.js";

/** Serves one HTTP/2 stream as one gRPC call. Never throws: whatever is wrong becomes a status. */
export function serveCall(
  serving: Serving,
  hosts: KnownHosts,
  held: HeldByCall,
  peer: string,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): void {
  const { contentType, timeoutMs, refusal } = readHeaders(rawHeaders);
  const reply = new Reply(stream, contentType, held);
  // A reset by the client arrives as an error too; "close" follows and is what handlers listen to.
  stream.on("error", () => undefined);
  if (refusal) {
    reply.reject(refusal.http, refusal.status);
    return;
  }
  const authority = headers[":authority"] ?? headers.host;
  if (!hosts.knows(authority)) {
    reply.reject(403, new StatusError(Code.PERMISSION_DENIED, KnownHosts.refusal(authority)));
    return;
  }
  runCall(serving, {
    path: headers[":path"] ?? "",
    peer,
    metadata: metadataOf(headers),
    timeoutMs,
    headersOnly: stream.endAfterHeaders,
    body: stream,
    held,
    reply,
  });
}
