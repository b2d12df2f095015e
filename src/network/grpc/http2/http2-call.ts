import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { runCall } from "../call.js";
import type { Intercept } from "../incoming-call.js";
import { metadataOf } from "../metadata.js";
import { Reply } from "../reply.js";
import type { Router } from "../service.js";
import { Code, StatusError } from "../status.js";

/** Serves one HTTP/2 stream as one gRPC call. Never throws: whatever is wrong becomes a status. */
export function serveCall(
  router: Router,
  intercept: Intercept,
  peer: string,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  const reply = new Reply(stream);
  // A reset by the client arrives as an error too; "close" follows and is what handlers listen to.
  stream.on("error", () => undefined);
  const refused = refusal(headers);
  if (refused) {
    reply.reject(refused.http, refused.status);
    return;
  }
  const path = headers[":path"] ?? "";
  runCall(router, intercept, { path, peer, metadata: metadataOf(headers), body: stream, reply });
}

/** What makes a request no gRPC call at all, with the codes grpc-go uses. */
function refusal(headers: IncomingHttpHeaders): { http: number; status: StatusError } | undefined {
  if (headers[":method"] !== "POST") {
    const text = `Received a HEADERS frame with :method "${headers[":method"] ?? ""}" which should be POST`;
    return { http: 405, status: new StatusError(Code.INTERNAL, text) };
  }
  const contentType = headers["content-type"] ?? "";
  if (!/^application\/grpc(\+|;|$)/u.test(contentType)) {
    const text = `invalid gRPC request content-type "${contentType}"`;
    return { http: 415, status: new StatusError(Code.INVALID_ARGUMENT, text) };
  }
  return undefined;
}
