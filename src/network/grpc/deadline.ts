import { goQuote } from "./go-text.js";
import type { CallReply } from "./incoming-call.js";
import { Code, StatusError } from "./status.js";

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};
/** The longest a timer can wait, about 25 days. */
const LONGEST_MS = 2 ** 31 - 1;
/** A timeout this short is over before grpc-go has looked at the call. */
const OVER_MS = 0.005;

/** What is wrong with a `grpc-timeout`, in grpc-go's words. */
export class TimeoutFormatError extends Error {
  override readonly name = "TimeoutFormatError";
}

/**
 * A `grpc-timeout` in ms.
 *
 * @throws TimeoutFormatError
 */
export function parseTimeout(header: string): number {
  const size = Buffer.byteLength(header, "latin1");
  if (size < 2) throw bad(`transport: timeout string is too short: ${goQuote(header)}`);
  // The specification allows 8 digits and the unit.
  if (size > 9) throw bad(`transport: timeout string is too long: ${goQuote(header)}`);
  const unit = UNIT_MS[header.slice(-1)];
  if (unit === undefined) throw bad(`transport: timeout unit is not recognized: ${goQuote(header)}`);
  const digits = header.slice(0, -1);
  if (!/^\d+$/u.test(digits)) throw bad(`strconv.ParseUint: parsing ${goQuote(digits)}: invalid syntax`);
  return Number(digits) * unit;
}

/** Whether a call is over before it begins. */
export function isOver(timeoutMs: number): boolean {
  return timeoutMs < OVER_MS;
}

export function deadlineExceeded(): StatusError {
  return new StatusError(Code.DEADLINE_EXCEEDED, "context deadline exceeded");
}

/** Calls `end` when the call's time is over, unless the call is over first. */
export function keepDeadline(timeoutMs: number | undefined, reply: CallReply, end: () => void): void {
  if (timeoutMs === undefined || timeoutMs > LONGEST_MS) return;
  const timer = setTimeout(end, timeoutMs);
  reply.onOver(() => clearTimeout(timer));
}

function bad(text: string): TimeoutFormatError {
  return new TimeoutFormatError(`malformed grpc-timeout: ${text}`);
}
