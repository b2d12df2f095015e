import { XmtpTestError, valueText } from "../../errors.js";
import type { Direction } from "../lines/targets.js";

export interface DirectionOption {
  /** Which way it acts; `upstream` is from the party to the node. Default `both`. */
  readonly direction?: Direction;
}

export interface LatencyOptions extends DirectionOption {
  /** Added to what goes each way the fault acts, ms; 5 to 3,600,000. */
  readonly latencyMs: number;
  /** Drawn anew for each chunk from ± this, ms; at most `latencyMs`. Default 0. */
  readonly jitterMs?: number;
}

export interface ThrottleOptions extends DirectionOption {
  /** For each connection, KB/s (1 KB = 1,000 bytes); 1 to 1,000. */
  readonly rateKBps: number;
}

export interface ResetOptions extends DirectionOption {
  /** Between a connection's first byte and its reset, ms; 0 to 10,000. Default 0. */
  readonly afterMs?: number;
}

export interface SliceOptions extends DirectionOption {
  /** Size of the pieces, bytes; 1 to 10,000. Default 64. */
  readonly averageBytes?: number;
  /** Of the size, ± bytes; below `averageBytes`. Default 0. */
  readonly variationBytes?: number;
  /** After each piece, µs; 1,000 to 1,000,000. Default 2,000. */
  readonly delayUs?: number;
}

export interface LimitOptions extends DirectionOption {
  /** Let through on each connection before it is closed, bytes; 0 to 1,000,000. */
  readonly bytes: number;
}

export interface FlakyOptions {
  /** How long the line is down each time, ms, shortest and longest. Default 200 and 600. */
  readonly downMs?: readonly [number, number];
  /** How long it is up in between, ms, shortest and longest. Default 500 and 2,000. */
  readonly upMs?: readonly [number, number];
}

/**
 * The options of a verb that takes its first field alone, too: `latency(alice, 100)`.
 *
 * @throws XmtpTestError `CHAOS_OPTION` for what is neither
 */
export function fieldOrOptions<K extends string, T extends object>(
  verb: string,
  field: K,
  how: number | T,
): T | Record<K, number> {
  if (typeof how === "number") return { [field]: how } as Record<K, number>;
  if (typeof how === "object" && (how as T | null) !== null) return how;
  throw new XmtpTestError(
    "CHAOS_OPTION",
    `${field} is ${valueText(how)}.`,
    `Give a number or options: ${verb}(alice, 100) or ${verb}(alice, { ${field}: 100 }).`,
  );
}

/** @throws XmtpTestError `CHAOS_OPTION` for a field that the verb does not have, or an unknown direction */
export function checkFields(verb: string, how: object, fields: readonly string[]): void {
  const odd = Object.keys(how).find((name) => !fields.includes(name));
  if (odd !== undefined) {
    throw new XmtpTestError(
      "CHAOS_OPTION",
      `"${verb}" has no option ${odd}.`,
      `It has: ${fields.join(", ")}.`,
    );
  }
  const { direction } = how as DirectionOption;
  if (direction === undefined || ["both", "upstream", "downstream"].includes(direction)) return;
  throw new XmtpTestError(
    "CHAOS_OPTION",
    `direction is ${valueText(direction)}.`,
    'Give "both", "upstream" (from the worker to the node) or "downstream".',
  );
}

/**
 * Checks a whole number against its range.
 *
 * @throws XmtpTestError `CHAOS_OPTION`
 */
export function inRange(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new XmtpTestError(
    "CHAOS_OPTION",
    `${name} is ${valueText(value)}.`,
    `Give a whole number from ${least} to ${most}.`,
  );
}
