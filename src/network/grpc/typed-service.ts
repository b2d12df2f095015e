import { create, toBinary } from "@bufbuild/protobuf";
import type {
  DescMessage,
  DescMethod,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { BidiStream, CallInfo, Method, OutStream } from "./service.js";
import { Code, StatusError } from "./status.js";
import { WireError, decodeMessage } from "./wire.js";

type UnaryHandler<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  call: CallInfo,
) => MessageInitShape<O> | Promise<MessageInitShape<O>>;

type StreamHandler<I extends DescMessage> = (
  request: MessageShape<I>,
  stream: OutStream,
) => void | Promise<void>;

type BidiHandler<I extends DescMessage> = (stream: BidiStream<MessageShape<I>>) => void | Promise<void>;

type Handler<M> = M extends { methodKind: "unary"; input: infer I; output: infer O }
  ? I extends DescMessage
    ? O extends DescMessage
      ? UnaryHandler<I, O>
      : never
    : never
  : M extends { methodKind: "server_streaming"; input: infer I }
    ? I extends DescMessage
      ? StreamHandler<I>
      : never
    : M extends { methodKind: "bidi_streaming"; input: infer I }
      ? I extends DescMessage
        ? BidiHandler<I>
        : never
      : never;

/** Handlers of a service by method; what is left out answers UNIMPLEMENTED. */
export type Handlers<S extends DescService> = { readonly [K in keyof S["method"]]?: Handler<S["method"][K]> };

/**
 * Plain functions over protobuf messages, made into untyped {@link Method}s by path.
 *
 * @returns entries of a router: every method of the service, so that an absent one is "unimplemented", not "unknown"
 */
export function serviceRoutes<S extends DescService>(service: S, handlers: Handlers<S>): [string, Method][] {
  const byName = handlers as Readonly<Record<string, unknown>>;
  return service.methods.map((method) => [
    `/${service.typeName}/${method.name}`,
    toMethod(method, byName[method.localName]),
  ]);
}

function toMethod(method: DescMethod, handler: unknown): Method {
  if (typeof handler !== "function") {
    if (method.methodKind !== "unary") return { kind: "absent" };
    return { kind: "absent", check: (request) => void decode(method.input, request, UNARY) };
  }
  if (method.methodKind === "server_streaming") {
    const run = handler as StreamHandler<DescMessage>;
    return {
      kind: "stream",
      run: (request, stream) => {
        const message = decode(method.input, request, STREAM);
        stream.start();
        return run(message, stream);
      },
    };
  }
  if (method.methodKind === "bidi_streaming") {
    const run = handler as BidiHandler<DescMessage>;
    return { kind: "bidi", run: (stream) => run(typed(method.input, stream)) };
  }
  const run = handler as UnaryHandler<DescMessage, DescMessage>;
  return {
    kind: "unary",
    run: async (request, call) => {
      const response = await run(decode(method.input, request, UNARY), call);
      return toBinary(method.output, create(method.output, response));
    },
  };
}

function typed(schema: DescMessage, stream: BidiStream): BidiStream<MessageShape<DescMessage>> {
  return {
    peer: stream.peer,
    metadata: stream.metadata,
    write: (frame) => stream.write(frame),
    onDrain: (listener) => stream.onDrain(listener),
    onClose: (listener) => stream.onClose(listener),
    onMessage: (listener) => stream.onMessage((bytes) => listener(decode(schema, bytes, STREAM))),
    onHalfClose: (listener) => stream.onHalfClose(listener),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    end: (status) => stream.end(status),
    get closed() {
      return stream.closed;
    },
  };
}

/** How grpc-go introduces what is wrong with a request, of one call and of a stream. */
const UNARY = "grpc: error unmarshalling request";
const STREAM = "grpc: failed to unmarshal the received message";

function decode(schema: DescMessage, bytes: Buffer, introduction: string): MessageShape<DescMessage> {
  try {
    return decodeMessage(schema, bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new StatusError(Code.INTERNAL, `${introduction}: ${error.message}`);
  }
}
