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

/**
 * Ends a call DEADLINE_EXCEEDED when its `grpc-timeout` is over.
 *
 * @returns false for a header that is none, and the call has ended
 */
export function keepDeadline(timeout: string | undefined, reply: CallReply): boolean {
  if (timeout === undefined) return true;
  const [, digits, unit = ""] = /^(\d{1,8})([HMSmun])$/u.exec(timeout) ?? [];
  if (digits === undefined) {
    reply.finish(new StatusError(Code.INTERNAL, `malformed grpc-timeout: "${timeout}"`));
    return false;
  }
  const ms = Number(digits) * (UNIT_MS[unit] ?? 0);
  if (ms > LONGEST_MS) return true;
  const timer = setTimeout(() => {
    reply.finish(new StatusError(Code.DEADLINE_EXCEEDED, "context deadline exceeded"));
  }, ms);
  reply.onOver(() => clearTimeout(timer));
  return true;
}
