import { connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { Receiving } from "./received.js";

/** How a call ended: the gRPC status and text as they came over the wire. */
export interface Outcome<O> {
  readonly status: number;
  readonly message: string;
  readonly http: number;
  readonly response: O | undefined;
}

export type TypedMethod<I extends DescMessage, O extends DescMessage> = Omit<
  DescMethod,
  "input" | "output"
> & { readonly input: I; readonly output: O };

/** A raw gRPC client of the tests: node:http2 and bytes, sharing no code with the server under test. */
export class RawClient implements AsyncDisposable {
  readonly session: ClientHttp2Session;
  readonly errors: Error[] = [];

  /** @param localPort the client's own port, which other clients may share; 0 for a free one */
  constructor(url: string, localPort = 0) {
    const { hostname: host, port } = new URL(url);
    // Bound before it connects: only then may another connection have the same port.
    const from = { localAddress: "127.0.0.1", localPort };
    this.session = connect(url, {
      createConnection: () => connectTcp({ host, port: Number(port), ...from }),
    });
    this.session.on("error", (error: Error) => this.errors.push(error));
  }

  /** Calls a unary method and waits for its end. */
  async call<I extends DescMessage, O extends DescMessage>(
    method: TypedMethod<I, O>,
    request: MessageInitShape<I>,
  ): Promise<Outcome<MessageShape<O>>> {
    const body = frame(toBinary(method.input, create(method.input, request)));
    const { messages, ...outcome } = await this.raw(pathOf(method), body);
    const first = messages[0];
    return { ...outcome, response: first && fromBinary(method.output, first) };
  }

  /** Calls a unary method that must answer OK. */
  async ok<I extends DescMessage, O extends DescMessage>(
    method: TypedMethod<I, O>,
    request: MessageInitShape<I>,
  ): Promise<MessageShape<O>> {
    const { status, message, response } = await this.call(method, request);
    if (status !== 0 || !response) throw new Error(`${method.name} answered ${status} ${message}`);
    return response;
  }

  /** Opens a server stream. */
  subscribe<I extends DescMessage, O extends DescMessage>(
    method: TypedMethod<I, O>,
    request: MessageInitShape<I>,
  ): RawStream<MessageShape<O>> {
    const stream = this.open(pathOf(method));
    stream.end(frame(toBinary(method.input, create(method.input, request))));
    return new RawStream(stream, (bytes) => fromBinary(method.output, bytes));
  }

  /** Sends bytes as they are, and reads until the call ends. */
  async raw(
    path: string,
    body: Buffer,
    headers: Record<string, string> = {},
  ): Promise<Omit<Outcome<never>, "response"> & { messages: Buffer[] }> {
    const stream = this.open(path, headers);
    const read = new RawStream(stream, (bytes) => Buffer.from(bytes));
    stream.end(body);
    const { status, message, http } = await read.ended;
    return { status, message, http, messages: read.received };
  }

  open(path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
    return this.session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
  }

  /** Pings the server; resolves with the round trip in ms. */
  async ping(): Promise<number> {
    // Node cancels a ping that is asked for before the connection stands.
    if (this.session.connecting) await new Promise((resolve) => this.session.once("connect", resolve));
    return new Promise((resolve, reject) => {
      this.session.ping((error, ms) => (error ? reject(error) : resolve(ms)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.session.destroyed) return;
    const closed = new Promise<void>((resolve) => this.session.once("close", resolve));
    this.session.destroy();
    await closed;
  }
}

/** What a server stream brought so far, and how it ended. */
export class RawStream<M> extends Receiving<M> {
  readonly stream: ClientHttp2Stream;
  /** Response headers, also when they come alone. */
  readonly headers: Promise<IncomingHttpHeaders>;
  readonly ended: Promise<{ status: number; message: string; http: number }>;

  constructor(stream: ClientHttp2Stream, decode: (bytes: Uint8Array) => M) {
    super();
    this.stream = stream;
    let buffered: Buffer = Buffer.alloc(0);
    let http = 0;
    let trailers: IncomingHttpHeaders = {};
    stream.on("data", (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= 5 && buffered.length >= 5 + buffered.readUInt32BE(1)) {
        const size = 5 + buffered.readUInt32BE(1);
        this.add(decode(buffered.subarray(5, size)));
        buffered = buffered.subarray(size);
      }
    });
    this.headers = new Promise((resolve) => {
      stream.on("response", (headers) => {
        http = Number(headers[":status"]);
        trailers = headers;
        resolve(headers);
      });
    });
    this.ended = new Promise((resolve) => {
      stream.on("trailers", (headers: IncomingHttpHeaders) => {
        trailers = headers;
      });
      // A reset arrives as an error before "close"; the outcome then has no gRPC status.
      stream.on("error", () => undefined);
      stream.on("close", () =>
        resolve({
          status: Number(trailers["grpc-status"] ?? -1),
          message: decodeURIComponent(String(trailers["grpc-message"] ?? "")),
          http,
        }),
      );
    });
  }

  cancel(): void {
    this.stream.close(8);
  }
}

export function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export function pathOf(method: Pick<DescMethod, "parent" | "name">): string {
  return `/${method.parent.typeName}/${method.name}`;
}
