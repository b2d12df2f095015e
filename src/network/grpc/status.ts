/** gRPC status codes, https://grpc.io/docs/guides/status-codes/. */
export enum Code {
  OK = 0,
  CANCELLED = 1,
  UNKNOWN = 2,
  INVALID_ARGUMENT = 3,
  DEADLINE_EXCEEDED = 4,
  NOT_FOUND = 5,
  ALREADY_EXISTS = 6,
  PERMISSION_DENIED = 7,
  RESOURCE_EXHAUSTED = 8,
  FAILED_PRECONDITION = 9,
  ABORTED = 10,
  OUT_OF_RANGE = 11,
  UNIMPLEMENTED = 12,
  INTERNAL = 13,
  UNAVAILABLE = 14,
  DATA_LOSS = 15,
  UNAUTHENTICATED = 16,
}

/** A gRPC status code by number or by name: `14` or `"UNAVAILABLE"`. */
export type StatusCode = number | keyof typeof Code;

/** The name of a status code, as texts show it. */
export function statusName(code: StatusCode): string {
  return typeof code === "number" ? (Code[code] ?? String(code)) : code;
}

/** A call's failure as the client sees it: a handler throws it, the transport writes it into the trailers. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const OK = new StatusError(Code.OK, "");

/**
 * Anything a handler threw, as a status. What is no {@link StatusError} becomes UNKNOWN with its plain text,
 * as the real node does with errors that nobody wrapped.
 */
export function toStatus(thrown: unknown): StatusError {
  if (thrown instanceof StatusError) return thrown;
  return new StatusError(Code.UNKNOWN, thrown instanceof Error ? thrown.message : String(thrown));
}

/**
 * Percent-encoding of `grpc-message`: UTF-8, everything but printable ASCII and "%" as %XX (gRPC over HTTP/2
 * specification, "Status-Message").
 */
function encodeStatusMessage(text: string): string {
  // A space at either end too: HTTP trims header values, and a client would read another text, or none.
  return text.replace(/[^\x20-\x24\x26-\x7e]+|^ +| +$/gu, (run) =>
    Array.from(Buffer.from(run), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** A status as trailers carry it, over HTTP/2 and grpc-web. */
export function statusFields(status: StatusError): Record<string, string> {
  return { "grpc-status": String(status.code), "grpc-message": encodeStatusMessage(status.message) };
}

/** What a call is told that asks for more memory than the node gives its clients. */
export function noRoom(): StatusError {
  return new StatusError(Code.RESOURCE_EXHAUSTED, "grpc: the clients of this node make it hold too much");
}
