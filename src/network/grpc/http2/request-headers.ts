import { TimeoutFormatError, parseTimeout } from "../deadline.js";
import { goQuote, headerText } from "../go-text.js";
import { binaryError } from "../metadata.js";
import { Code, StatusError } from "../status.js";

/** Why a request is not a gRPC call, and how that is answered. */
export interface Refusal {
  readonly http: number;
  readonly status: StatusError;
}

/** A request's headers as a gRPC server reads them. */
export interface RequestHeaders {
  /** Of the answer: the request's own, with its subtype. */
  readonly contentType: string;
  readonly timeoutMs: number | undefined;
  readonly refusal: Refusal | undefined;
}

const GRPC = "application/grpc";

/**
 * Reads headers as grpc-go does: of what is wrong, the content type counts first, then the last header that cannot be
 * read, then the method.
 *
 * @param raw names and values in turn, as they came
 */
export function readHeaders(raw: readonly string[]): RequestHeaders {
  let contentType: string | undefined;
  let invalidType = "";
  let timeoutMs: number | undefined;
  let wrong: string | undefined;
  let method = "";
  let hosts = 0;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name, value] = [raw[at] as string, raw[at + 1] as string];
    if (name === "content-type") {
      const answer = answerType(value);
      if (answer === undefined) invalidType = value;
      else contentType = answer;
    } else if (name === ":method") {
      method = value;
    } else if (name === "host") {
      hosts++;
    } else if (name === "grpc-timeout") {
      try {
        timeoutMs = parseTimeout(value);
      } catch (error) {
        if (!(error instanceof TimeoutFormatError)) throw error;
        wrong = error.message;
      }
    } else if (name.endsWith("-bin")) {
      const error = binaryError(value);
      if (error !== undefined) {
        wrong = `malformed binary metadata ${goQuote(value)} in header ${goQuote(name)}: ${error}`;
      }
    }
  }
  const refusal =
    hosts > 1
      ? internal(400, `num values of :authority: 1, num values of host: ${hosts}, ${ONE_HOST}`)
      : contentType === undefined
        ? notGrpc(invalidType)
        : wrong !== undefined
          ? internal(400, wrong)
          : method === "POST"
            ? undefined
            : internal(405, `Received a HEADERS frame with :method ${goQuote(method)} which should be POST`);
  return { contentType: contentType ?? GRPC, timeoutMs, refusal };
}

const ONE_HOST = "both must only have 1 value as per HTTP/2 spec";

/** The content type of the answer to a request of this one: its subtype, behind a plus; undefined for what is not gRPC. */
function answerType(value: string): string | undefined {
  if (value === GRPC) return GRPC;
  const separator = value.charAt(GRPC.length);
  if (!value.startsWith(GRPC) || (separator !== "+" && separator !== ";")) return undefined;
  const subtype = value.slice(GRPC.length + 1);
  return subtype === "" ? GRPC : `${GRPC}+${subtype}`;
}

function notGrpc(contentType: string): Refusal {
  const text = `invalid gRPC request content-type ${goQuote(contentType)}`;
  return { http: 415, status: new StatusError(Code.INVALID_ARGUMENT, text) };
}

function internal(http: number, text: string): Refusal {
  return { http, status: new StatusError(Code.INTERNAL, headerText(text)) };
}
