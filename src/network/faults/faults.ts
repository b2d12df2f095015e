import { XmtpTestError, valueText } from "../../errors.js";
import { Code } from "../grpc/status.js";
import type { StatusCode } from "../grpc/status.js";

/** Which calls or deliveries a fault meets, and how many. */
export interface FaultScope {
  /** Only this client's: a name of {@link EmbeddedNode.openClientPort}. Default: everybody's. */
  readonly client?: string;
  /** How many it meets. Default 1, or without end when `forMs` is given. */
  readonly times?: number;
  /** For how long it meets any, in ms from now. */
  readonly forMs?: number;
}

/** A fault for calls of one method. */
export interface FaultOptions extends FaultScope {
  /** gRPC status of the replies, 1 to 16 or its name, for example `"UNAVAILABLE"`. */
  readonly code: StatusCode;
  /** Status text. Default "injected fault". */
  readonly message?: string;
  /** Do the work, then lose its reply (a lost acknowledgement). Default false. */
  readonly afterStore?: boolean;
}

/** A delay for calls of one method. */
export interface DelayOptions extends FaultScope {
  /** How long each call waits before the node looks at it, in ms; 1 to 3,600,000. */
  readonly ms: number;
}

/**
 * What becomes of a live delivery of a subscription: written twice; overtaken by the next one of the same group or
 * installation; or never written, though a query returns it (a race of the real node, whose feed polls for ids above
 * the last one it saw: a lower id that commits late is never delivered live).
 */
export type DeliveryFaultKind = "duplicate" | "reorder" | "lose";

/**
 * Which live deliveries a fault disturbs. Every field is optional. Without any, `disturbDeliveries` disturbs the next one
 * of any group; `duplicateDeliveries` and its like disturb all of groups, until the fault is removed.
 */
export interface DeliveryFaultOptions extends FaultScope {
  /** What is delivered: messages of groups and DMs ("group"), or welcomes. Default "group". */
  readonly stream?: "group" | "welcome";
}

/** A fault that waits for calls or deliveries, or has met all it could. */
export interface NodeFaultInfo {
  /** For `liftFault`. */
  readonly id: number;
  /** For example "fail SendGroupMessages with UNAVAILABLE" or "lose group deliveries". */
  readonly what: string;
  /** The only client it meets; absent: it meets everybody's. */
  readonly client?: string;
  /** How many calls or deliveries it has met. */
  readonly taken: number;
  /** True once it can meet no more: its `times` or its `forMs` are used up. */
  readonly spent: boolean;
}

const LONGEST_DELAY_MS = 3_600_000;

/**
 * The options of a failure, with its status as a number.
 *
 * @throws XmtpTestError `BAD_FAULT` for a code that is not a failure, or a count or time that is not positive
 */
export function checkFault(options: FaultOptions): FaultOptions & { readonly code: number } {
  const { code, ...rest } = asObject("failNext", options, { code: "UNAVAILABLE" });
  const number = codeNumber(code);
  if (number === undefined || number === 0) {
    throw bad(
      `A call cannot fail with gRPC status ${valueText(code)}.`,
      'Give a code from 1 to 16 or its name, for example "UNAVAILABLE" (14).',
    );
  }
  checkScope(rest);
  return { ...rest, code: number };
}

/**
 * The number of the status that streams end with.
 *
 * @throws XmtpTestError `BAD_FAULT` for a code that gRPC does not define
 */
export function checkEnding(code: StatusCode): number {
  const number = codeNumber(code);
  if (number !== undefined) return number;
  throw bad(
    `A stream cannot end with gRPC status ${valueText(code)}.`,
    'Give a code from 0 to 16 or its name, for example "UNAVAILABLE" (14).',
  );
}

/** Undefined for what is neither the number nor the name of a gRPC status. */
function codeNumber(code: unknown): number | undefined {
  return Object.entries(Code)
    .filter((pair): pair is [string, Code] => typeof pair[1] === "number")
    .find(([name, number]) => code === name || code === number)?.[1];
}

/** @throws XmtpTestError `BAD_FAULT` */
export function checkDelay(options: DelayOptions): void {
  const { ms, ...scope } = asObject("delayNext", options, { ms: 500 });
  if (!(ms >= 1 && ms <= LONGEST_DELAY_MS)) {
    throw bad(
      `A call cannot be delayed by ${valueText(ms)} ms.`,
      `Give a time from 1 to ${LONGEST_DELAY_MS} ms.`,
    );
  }
  checkScope(scope);
}

/** @throws XmtpTestError `BAD_FAULT` */
export function checkScope({ times, forMs }: FaultScope): void {
  if (times !== undefined && (!Number.isInteger(times) || times < 1)) {
    throw bad(`A fault cannot hit ${times} calls.`, "Give a whole number of calls, 1 or more.");
  }
  if (forMs !== undefined && !(forMs > 0)) {
    throw bad(`A fault cannot last ${forMs} ms.`, "Give a time in ms above 0.");
  }
}

/** JavaScript users may leave the options out, or give the number alone. */
function asObject<T extends object>(verb: string, given: T, example: object): T {
  if (typeof given === "object" && (given as T | null) !== null) return given;
  throw bad(
    `${verb} got ${valueText(given)} for its options.`,
    `Give an object, for example ${JSON.stringify(example)}.`,
  );
}

function bad(what: string, hint: string): XmtpTestError {
  return new XmtpTestError("BAD_FAULT", what, hint);
}
