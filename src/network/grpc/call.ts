import { serveBidi } from "./bidi-call.js";
import { keepDeadline } from "./deadline.js";
import { FrameReader, encodeFrame } from "./frame.js";
import type { Intercept, IncomingCall } from "./incoming-call.js";
import type { Method, OutStream, Router } from "./service.js";
import { Code, StatusError, toStatus } from "./status.js";

/** Runs one call of the router. Never throws: whatever is wrong becomes a status. */
export function runCall(router: Router, intercept: Intercept, call: IncomingCall): void {
  const { path, reply } = call;
  const encoding = call.metadata["grpc-encoding"] ?? "identity";
  if (encoding !== "identity") {
    const text = `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`;
    reply.finish(new StatusError(Code.UNIMPLEMENTED, text));
    return;
  }
  const method = router.get(path);
  if (!method) {
    reply.finish(unknownMethod(router, path));
    return;
  }
  if (method.kind === "absent") {
    reply.finish(new StatusError(Code.UNIMPLEMENTED, "unimplemented"));
    return;
  }
  if (!keepDeadline(call.metadata["grpc-timeout"], reply)) return;
  const { status, afterStore = false, hold } = intercept(path, call) ?? {};
  const serve = (): void => {
    if (status && !(afterStore && method.kind === "unary")) reply.finish(status);
    else if (method.kind === "unary") serveUnary(method, call, status);
    else if (method.kind === "bidi") serveBidi(method, call);
    else serveStream(method, call);
  };
  if (!hold) {
    serve();
    return;
  }
  // Nothing reads the body meanwhile: its first bytes wait in the transport's window.
  reply.onOver(hold(serve));
}

function serveUnary(
  method: Method & { kind: "unary" },
  call: IncomingCall,
  faked: StatusError | undefined,
): void {
  const { reply } = call;
  readMessages(call, "end", (message) => {
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

function serveStream(method: Method & { kind: "stream" }, call: IncomingCall): void {
  const { reply, peer, metadata } = call;
  readMessages(call, "message", (message) => {
    // The real node's header; without headers at once an SDK's stream call never resolves.
    reply.start({ subscribed: "true" });
    const out: OutStream = {
      peer,
      metadata,
      write: (frame) => reply.write(frame),
      onDrain: (listener) => reply.onDrain(listener),
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
  { body, reply }: IncomingCall,
  when: "message" | "end",
  then: (message: Buffer) => void,
): void {
  const reader = new FrameReader();
  let request: Buffer | undefined;
  body.on("data", (chunk: Buffer) => {
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
  body.on("end", () => {
    if (reply.ended) return;
    if (reader.pending > 0) reply.finish(new StatusError(Code.INTERNAL, "unexpected EOF"));
    else if (!request) reply.finish(new StatusError(Code.INTERNAL, "grpc: the request has no message"));
    else if (when === "end") then(request);
  });
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
