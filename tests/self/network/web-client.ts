import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { frame, pathOf } from "./grpc-client.js";
import { Receiving } from "./received.js";

type TypedMethod<I extends DescMessage, O extends DescMessage> = Omit<DescMethod, "input" | "output"> & {
  readonly input: I;
  readonly output: O;
};

/** How a grpc-web call ended: HTTP status and headers, the messages, and the status of the last frame. */
export interface WebOutcome {
  readonly http: number;
  readonly headers: Headers;
  readonly messages: Buffer[];
  readonly status: number;
  readonly message: string;
}

/** A request's bytes for a method. */
export function webBody<I extends DescMessage>(
  method: { readonly input: I },
  request: MessageInitShape<I>,
): Buffer {
  return frame(toBinary(method.input, create(method.input, request)));
}

/** One grpc-web call as a page makes it, sharing no code with the server under test. */
export async function webCall(
  url: string,
  path: string,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<WebOutcome> {
  const stream = await WebStream.open(url, path, body, (bytes) => bytes, headers);
  return { ...(await stream.ended), http: stream.http, headers: stream.headers, messages: stream.received };
}

/** Calls a unary method that must answer OK. */
export async function webOk<I extends DescMessage, O extends DescMessage>(
  url: string,
  method: TypedMethod<I, O>,
  request: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  const { status, message, messages } = await webCall(url, pathOf(method), webBody(method, request));
  const [only, ...others] = messages;
  if (status !== 0 || !only || others.length > 0)
    throw new Error(`${method.name} answered ${status} ${message}`);
  return fromBinary(method.output, only);
}

/** Opens a server stream; resolves with the response's headers. */
export function webSubscribe<I extends DescMessage, O extends DescMessage>(
  url: string,
  method: TypedMethod<I, O>,
  request: MessageInitShape<I>,
): Promise<WebStream<MessageShape<O>>> {
  return WebStream.open(url, pathOf(method), webBody(method, request), (bytes) =>
    fromBinary(method.output, bytes),
  );
}

/** What a response brought so far, and how it ended. */
export class WebStream<M> extends Receiving<M> {
  readonly http: number;
  readonly headers: Headers;
  /** The trailers; status -1 for a response that ended without them. */
  readonly ended: Promise<{ status: number; message: string }>;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController, decode: (bytes: Buffer) => M) {
    super();
    this.http = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    this.ended = this.#read(response, decode);
  }

  static async open<M>(
    url: string,
    path: string,
    body: Buffer,
    decode: (bytes: Buffer) => M,
    headers: Record<string, string> = {},
  ): Promise<WebStream<M>> {
    const abort = new AbortController();
    const response = await fetch(url + path, {
      method: "POST",
      body,
      signal: abort.signal,
      headers: { "content-type": "application/grpc-web+proto", "x-grpc-web": "1", ...headers },
    });
    return new WebStream(response, abort, decode);
  }

  cancel(): void {
    this.#abort.abort();
  }

  async #read(
    response: Response,
    decode: (bytes: Buffer) => M,
  ): Promise<{ status: number; message: string }> {
    let buffered: Buffer = Buffer.alloc(0);
    let trailers: Record<string, string> = {};
    try {
      for await (const chunk of response.body ?? []) {
        buffered = Buffer.concat([buffered, chunk as Uint8Array]);
        while (buffered.length >= 5 && buffered.length >= 5 + buffered.readUInt32BE(1)) {
          const size = 5 + buffered.readUInt32BE(1);
          const payload = buffered.subarray(5, size);
          if (buffered[0] === 0x80) trailers = trailersOf(payload);
          else this.add(decode(payload));
          buffered = buffered.subarray(size);
        }
      }
    } catch {
      // Aborted or torn down: the outcome then has no gRPC status.
    }
    return {
      status: Number(trailers["grpc-status"] ?? -1),
      message: decodeURIComponent(trailers["grpc-message"] ?? ""),
    };
  }
}

function trailersOf(payload: Buffer): Record<string, string> {
  const lines = payload.toString("latin1").matchAll(/^([^:]+):(.*)\r\n/gm);
  return Object.fromEntries(Array.from(lines, ([, name = "", value = ""]) => [name, value]));
}
