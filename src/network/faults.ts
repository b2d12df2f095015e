import { XmtpTestError } from "../errors.js";
import type { Interception } from "./grpc/call.js";
import { StatusError } from "./grpc/status.js";

/** A fault for calls of one method. */
export interface FaultOptions {
  /** gRPC status code of the replies, 1–16. */
  readonly code: number;
  /** Status text. Default "injected fault". */
  readonly message?: string;
  /** How many calls fail. Default 1, or without end when `forMs` is given. */
  readonly times?: number;
  /** For how long calls fail, in ms from now. */
  readonly forMs?: number;
  /** Do the work, then lose its reply (a lost acknowledgement). Default false. */
  readonly afterStore?: boolean;
}

/** UNAUTHENTICATED, the last code gRPC defines. */
const HIGHEST_CODE = 16;

/** @throws XmtpTestError `BAD_FAULT` for a code that is no failure, or a count or time that is not positive */
export function checkFault({ code, times, forMs }: FaultOptions): void {
  const refuse = (what: string, hint: string): never => {
    throw new XmtpTestError("BAD_FAULT", what, hint);
  };
  if (!Number.isInteger(code) || code < 1 || code > HIGHEST_CODE) {
    refuse(
      `A call cannot fail with gRPC status ${code}.`,
      "Give a code from 1 to 16, for example 14 (UNAVAILABLE).",
    );
  }
  if (times !== undefined && (!Number.isInteger(times) || times < 1)) {
    refuse(`A fault cannot hit ${times} calls.`, "Give a whole number of calls, 1 or more.");
  }
  if (forMs !== undefined && !(forMs > 0)) {
    refuse(`A fault cannot last ${forMs} ms.`, "Give a time in ms above 0.");
  }
}

interface Fault {
  readonly interception: Interception;
  left: number;
  readonly untilMs: number;
}

/**
 * Faults waiting for calls, by path. SDKs retry any status about six times within 2 s
 * (measured), so a fault must be able to hit several calls.
 */
export class Faults {
  readonly #byPath = new Map<string, Fault>();

  set(path: string, options: FaultOptions): void {
    this.#byPath.set(path, {
      interception: {
        status: new StatusError(options.code, options.message ?? "injected fault"),
        afterStore: options.afterStore ?? false,
      },
      left: options.times ?? (options.forMs === undefined ? 1 : Infinity),
      untilMs: options.forMs === undefined ? Infinity : performance.now() + options.forMs,
    });
  }

  clear(): void {
    this.#byPath.clear();
  }

  /** The fault that hits this call, if any; each call uses one of its times. */
  take(path: string): Interception | undefined {
    const fault = this.#byPath.get(path);
    if (!fault) return undefined;
    const over = fault.left <= 0 || performance.now() >= fault.untilMs;
    fault.left--;
    if (over || fault.left <= 0) this.#byPath.delete(path);
    return over ? undefined : fault.interception;
  }
}
