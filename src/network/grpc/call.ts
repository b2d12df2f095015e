import { serveBidi } from "./bidi-call.js";
import type { FairTurns } from "../bounds/fair-turns.js";
import { deadlineExceeded, isOver, keepDeadline } from "./deadline.js";
import { encodingOf } from "./encoding.js";
import type { Encoding } from "./encoding.js";
import { FrameReader, encodeFrame } from "./frame.js";
import { goQuote, headerText } from "./go-text.js";
import type { Intercept, IncomingCall } from "./incoming-call.js";
import type { Method, OutStream, Router } from "./service.js";
import { Code, StatusError, noRoom, toStatus } from "./status.js";

/** What serves the calls of one node. */
export interface Serving {
  readonly router: Router;
  readonly intercept: Intercept;
  readonly turns: FairTurns;
}

/** Runs one call of the router. Never throws: whatever is wrong becomes a status. */
export function runCall(serving: Serving, call: IncomingCall): void {
  const { router, intercept, turns } = serving;
  const { path, reply, timeoutMs } = call;
  if (timeoutMs !== undefined && isOver(timeoutMs)) {
    reply.finish(deadlineExceeded());
    return;
  }
  const method = router.get(path);
  if (!method) {
    reply.finish(unknownMethod(router, path));
    return;
  }
  const encoding = encodingOf(call.metadata);
  if (!encoding) {
    const asked = goQuote(call.metadata["grpc-encoding"] ?? "");
    const text = `grpc: Decompressor is not installed for grpc-encoding ${asked}`;
    reply.finish(new StatusError(Code.UNIMPLEMENTED, text));
    return;
  }
  if (method.kind === "absent") {
    refuse(method, call, encoding, turns);
    return;
  }
  const { status, afterStore = false, hold } = intercept(path, call) ?? {};
  if (method.kind !== "stream") keepDeadline(timeoutMs, reply, () => reply.finish(deadlineExceeded()));
  const serve = (): void => {
    if (status && !(afterStore && method.kind === "unary")) reply.finish(status);
    else if (method.kind === "unary") serveUnary(method, call, encoding, turns, status);
    else if (method.kind === "bidi") serveBidi(method, call, encoding);
    else serveStream(method, call, encoding, turns);
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
  encoding: Encoding,
  turns: FairTurns,
  faked: StatusError | undefined,
): void {
  const { reply } = call;
  readMessage(call, encoding, CUT_UNARY, turns, (message) => {
    void (async () => {
      try {
        const response = await method.run(message, call);
        if (faked) reply.finish(faked);
        else if (!reply.ended) reply.finishWith(encoding.pack(encodeFrame(response)), encoding.headers);
      } catch (error) {
        reply.finish(toStatus(error));
      }
    })();
  });
}

/** A method that nobody serves: the real node's handler says so, and is reached by well-formed requests only. */
function refuse(
  { check }: Method & { kind: "absent" },
  call: IncomingCall,
  encoding: Encoding,
  turns: FairTurns,
): void {
  const unimplemented = new StatusError(Code.UNIMPLEMENTED, "unimplemented");
  if (!check) {
    call.reply.finish(unimplemented);
    return;
  }
  readMessage(call, encoding, CUT_UNARY, turns, (message) => {
    check(message);
    call.reply.finish(unimplemented);
  });
}

function serveStream(
  method: Method & { kind: "stream" },
  call: IncomingCall,
  encoding: Encoding,
  turns: FairTurns,
): void {
  const { reply, peer, metadata, timeoutMs } = call;
  let atDeadline = (): void => reply.finish(deadlineExceeded());
  keepDeadline(timeoutMs, reply, () => atDeadline());
  readMessage(call, encoding, CUT_STREAM, turns, (message) => {
    const out: OutStream = {
      peer,
      metadata,
      // The real node's header; without headers at once an SDK's stream call never resolves.
      start: () => reply.start({ subscribed: "true", ...encoding.headers }),
      write: (frame) => reply.write(encoding.pack(frame)),
      onDrain: (listener) => reply.onDrain(listener),
      onClose: (listener) => reply.onOver(listener),
      onDeadline: (listener) => (atDeadline = listener),
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

/** What a client is told that ends its request without a message, or within one. */
interface CutTexts {
  readonly nothing: StatusError;
  readonly within: StatusError;
}

/** grpc-go passes a unary call's read error on as it is, and gives that of a stream a code. */
const CUT_UNARY: CutTexts = {
  nothing: new StatusError(Code.UNKNOWN, "EOF"),
  within: new StatusError(Code.UNKNOWN, "unexpected EOF"),
};
const CUT_STREAM: CutTexts = {
  nothing: new StatusError(
    Code.INTERNAL,
    "cardinality violation: received no request message from non-client-streaming RPC",
  ),
  within: new StatusError(Code.INTERNAL, "unexpected EOF"),
};

/**
 * Reads the request's first message, and runs `then` once it is there and it is this call's turn; what comes after it is
 * read and dropped.
 */
function readMessage(
  { body, reply, headersOnly, held }: IncomingCall,
  { unpack }: Encoding,
  cut: CutTexts,
  turns: FairTurns,
  then: (message: Buffer) => void,
): void {
  const reader = new FrameReader({ unpack });
  let taken = false;
  body.on("data", (chunk: Buffer) => {
    if (reply.ended || taken) return;
    if (!held.take(chunk.length)) {
      reply.finish(noRoom());
      return;
    }
    try {
      const [message] = reader.push(chunk, 1);
      if (!message) return;
      taken = true;
      turns.run(held.connection, () => serve(message));
    } catch (error) {
      reply.finish(toStatus(error));
    }
  });
  const serve = (message: Buffer): boolean => {
    if (reply.ended) return false;
    try {
      then(message);
    } catch (error) {
      reply.finish(toStatus(error));
    }
    return true;
  };
  body.on("end", () => {
    // A call that ended with its headers is not answered: grpc-go waits for a message, until the call's deadline.
    if (reply.ended || taken || headersOnly) return;
    reply.finish(reader.pending > 0 ? cut.within : cut.nothing);
  });
}

function unknownMethod(router: Router, path: string): StatusError {
  const slash = path.lastIndexOf("/");
  if (slash < 1) return new StatusError(Code.UNIMPLEMENTED, `malformed method name: ${goQuote(path)}`);
  const [service, method] = [path.slice(1, slash), path.slice(slash + 1)];
  const known = [...router.keys()].some((route) => route.startsWith(`/${service}/`));
  const text = known
    ? `unknown method ${method} for service ${service}`
    : service === ""
      ? ""
      : `unknown service ${service}`;
  return new StatusError(Code.UNIMPLEMENTED, headerText(text));
}
