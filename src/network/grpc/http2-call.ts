import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { FrameReader, encodeFrame } from "./frame.js";
import { Reply } from "./reply.js";
import type { CallInfo, Method, OutStream, Router } from "./service.js";
import { Code, StatusError, toStatus } from "./status.js";

/** A reply made up by the server's owner in place of the real one. */
export interface Interception {
  readonly status: StatusError;
  /** Whether the method still runs first: its effect is kept, only its reply is lost. */
  readonly afterStore: boolean;
}

/** Told about each call of a known method before it runs; may replace its reply. */
export type Intercept = (path: string) => Interception | undefined;

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
  const method = router.get(path);
  if (!method) {
    reply.finish(unknownMethod(router, path));
    return;
  }
  if (method.kind === "absent") {
    reply.finish(new StatusError(Code.UNIMPLEMENTED, "unimplemented"));
    return;
  }
  const call: CallInfo = { peer, metadata: metadataOf(headers) };
  const faked = intercept(path);
  if (faked && !(faked.afterStore && method.kind === "unary")) reply.finish(faked.status);
  else if (method.kind === "unary") serveUnary(method, call, reply, stream, faked?.status);
  else serveStream(method, call, reply, stream);
}

function serveUnary(
  method: Method & { kind: "unary" },
  call: CallInfo,
  reply: Reply,
  stream: ServerHttp2Stream,
  faked: StatusError | undefined,
): void {
  readMessages(stream, reply, "end", (message) => {
    void (async () => {
      try {
        const response = await method.run(message, call);
        if (faked) reply.finish(faked);
        else reply.finishWith(encodeFrame(response));
      } catch (error) {
        reply.finish(toStatus(error));
      }
    })();
  });
}

function serveStream(
  method: Method & { kind: "stream" },
  call: CallInfo,
  reply: Reply,
  stream: ServerHttp2Stream,
): void {
  readMessages(stream, reply, "message", (message) => {
    // The real node's header; without headers at once an SDK's stream call never resolves.
    reply.start({ subscribed: "true" });
    const out: OutStream = {
      ...call,
      write: (frame) => reply.write(frame),
      onDrain: (listener) => stream.on("drain", listener),
      onClose: (listener) => reply.onOver(listener),
      end: (status) => reply.finish(status),
      get closed() {
        return reply.ended;
      },
    };
    void (async () => {
      try {
        await method.run(message, out);
      } catch (error) {
        reply.finish(toStatus(error));
      }
    })();
  });
}

/** Reads the request's one message, and runs `then` once it is there ("message") or the client has ended ("end"). */
function readMessages(
  stream: ServerHttp2Stream,
  reply: Reply,
  when: "message" | "end",
  then: (message: Buffer) => void,
): void {
  const reader = new FrameReader();
  let request: Buffer | undefined;
  stream.on("data", (chunk: Buffer) => {
    if (reply.ended) return;
    try {
      for (const message of reader.push(chunk)) {
        if (request) throw new StatusError(Code.INTERNAL, "grpc: received more than one request message");
        request = message;
        if (when === "message") then(message);
      }
    } catch (error) {
      reply.finish(toStatus(error));
    }
  });
  stream.on("end", () => {
    if (reply.ended) return;
    if (reader.pending > 0) reply.finish(new StatusError(Code.INTERNAL, "unexpected EOF"));
    else if (!request) reply.finish(new StatusError(Code.INTERNAL, "grpc: the request has no message"));
    else if (when === "end") then(request);
  });
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
  const encoding = headers["grpc-encoding"] ?? "identity";
  if (encoding !== "identity") {
    const text = `grpc: Decompressor is not installed for grpc-encoding "${String(encoding)}"`;
    return { http: 200, status: new StatusError(Code.UNIMPLEMENTED, text) };
  }
  return undefined;
}

function unknownMethod(router: Router, path: string): StatusError {
  const [, service, method, ...rest] = path.split("/");
  if (service === undefined || method === undefined || rest.length > 0) {
    return new StatusError(Code.UNIMPLEMENTED, `malformed method name: "${path}"`);
  }
  const known = [...router.keys()].some((route) => route.startsWith(`/${service}/`));
  const text = known ? `unknown method ${method} for service ${service}` : `unknown service ${service}`;
  return new StatusError(Code.UNIMPLEMENTED, text);
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    metadata[name] = Array.isArray(value) ? (value[0] ?? "") : value;
  }
  return metadata;
}
