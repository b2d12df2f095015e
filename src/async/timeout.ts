import { clearTimeout, setTimeout } from "node:timers";
import { XmtpTestError } from "../errors.js";

/** The deadline of a verb. */
export interface TimeoutOption {
  /** Timeout in ms; 0 and `Infinity` mean no limit, as in Playwright. Each verb documents its default. */
  readonly timeout?: number;
  /** The former name of `timeout`. */
  readonly timeoutMs?: number;
}

/** Longer delays overflow Node's timers, which then fire at once (2^31 - 1 ms, 24.8 days). */
const longest = 2_147_483_647;

/**
 * The deadline that options name, in ms; `Infinity` for no limit.
 *
 * @throws XmtpTestError `INVALID_OPTION` for what is not a number of milliseconds
 */
export function timeoutOf(options: TimeoutOption, otherwise: number): number {
  const value: unknown = options.timeout ?? options.timeoutMs ?? otherwise;
  if (typeof value !== "number" || Number.isNaN(value) || value < 0) {
    throw new XmtpTestError(
      "INVALID_OPTION",
      `A timeout of ${typeof value === "string" ? JSON.stringify(value) : String(value)} was given.`,
      "Give milliseconds; 0 or Infinity mean no limit.",
    );
  }
  return value === 0 || value > longest ? Infinity : value;
}

/** Calls `fire` after `ms`, never for `Infinity`; returns what takes it back. */
export function after(ms: number, fire: () => void): () => void {
  if (ms > longest) return () => undefined;
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
}
