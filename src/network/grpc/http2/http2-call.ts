import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { runCall } from "../call.js";
import type { Intercept } from "../incoming-call.js";
import { metadataOf } from "../metadata.js";
import { Reply } from "../reply.js";
import type { Router } from "../service.js";
import { readHeaders } from "./request-headers.js";

/** Serves one HTTP/2 stream as one gRPC call. Never throws: whatever is wrong becomes a status. */
export function serveCall(
  router: Router,
  intercept: Intercept,
  peer: string,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): void {
  const { contentType, timeoutMs, refusal } = readHeaders(rawHeaders);
  const reply = new Reply(stream, contentType);
  // A reset by the client arrives as an error too; "close" follows and is what handlers listen to.
  stream.on("error", () => undefined);
  if (refusal) {
    reply.reject(refusal.http, refusal.status);
    return;
  }
  runCall(router, intercept, {
    path: headers[":path"] ?? "",
    peer,
    metadata: metadataOf(headers),
    timeoutMs,
    headersOnly: stream.endAfterHeaders,
    body: stream,
    reply,
  });
}
