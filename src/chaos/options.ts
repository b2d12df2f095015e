import { XmtpTestError } from "../errors.js";
import type { Direction } from "./targets.js";

export interface DirectionOption {
  /** Which way it acts; `upstream` is from the worker to the node. Default `both`. */
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
  /** How long the link is down each time, ms, shortest and longest. Default 200 and 600. */
  readonly downMs?: readonly [number, number];
  /** How long it is up in between, ms, shortest and longest. Default 500 and 2,000. */
  readonly upMs?: readonly [number, number];
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
    `${name} is ${String(value)}.`,
    `Give a whole number from ${least} to ${most}.`,
  );
}
