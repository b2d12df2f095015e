import { connect, constants } from "node:http2";
import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import { encodeFrame, FRAME_HEADER_BYTES } from "./grpc/frame.js";

/** What a server answered to one call. */
export interface UnaryAnswer {
  /** What it answered instead of OK, for people; undefined for OK. */
  readonly refusal: string | undefined;
  /** The message without its frame; empty where there is none. */
  readonly message: Buffer;
}

/**
 * One unary gRPC call over a connection of its own.
 *
 * @param request default: an empty message
 * @throws Error of the connection, or that no answer came within `timeoutMs`
 */
export async function callOnce(
  url: string,
  path: string,
  timeoutMs: number,
  request: Uint8Array = new Uint8Array(),
): Promise<UnaryAnswer> {
  const session = connect(url);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      call(session, path, request),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    session.destroy();
  }
}

function call(session: ClientHttp2Session, path: string, request: Uint8Array): Promise<UnaryAnswer> {
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [constants.HTTP2_HEADER_TE]: "trailers",
    });
    let http = 0;
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on("response", (headers) => {
      http = Number(headers[":status"]);
      // A failure at once has its status in the headers.
      trailers = headers;
    });
    stream.on("trailers", (headers: IncomingHttpHeaders) => {
      trailers = headers;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      resolve({
        refusal: refusalOf(http, trailers),
        message: Buffer.concat(chunks).subarray(FRAME_HEADER_BYTES),
      });
    });
    stream.end(encodeFrame(request));
  });
}

function refusalOf(http: number, trailers: IncomingHttpHeaders): string | undefined {
  const status = trailers["grpc-status"];
  if (status === "0") return undefined;
  if (status === undefined) return `HTTP ${http} without a gRPC status`;
  return `gRPC status ${String(status)} ${decodeURIComponent(String(trailers["grpc-message"] ?? ""))}`;
}
