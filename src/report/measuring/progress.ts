import { count, describeKey, formatValue } from "../format.js";
import type { SummaryRow } from "./summary-row.js";
import { seriesId } from "./samples.js";
import type { SeriesKey } from "./samples.js";

export interface ProgressOptions {
  /** Takes one line, without its line end. */
  readonly write: (line: string) => void;
  /** Milliseconds from the start in which nothing is written: short tests stay silent. Default 5,000. */
  readonly quietMs?: number;
  /** Milliseconds at least between two lines. Default 1,000. */
  readonly everyMs?: number;
  /** A clock in milliseconds, for tests. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * One line for each finished operation and size of a long test, so that nobody stares at a still screen.
 *
 * An operation is finished when `repeat` says so, or when the next sample belongs to another one.
 */
export class Progress {
  readonly #options: Required<ProgressOptions>;
  readonly #start: number;
  #lastLine = -Infinity;
  #held = 0;
  #current: { readonly id: string; readonly row: () => SummaryRow } | undefined;

  constructor(options: ProgressOptions) {
    this.#options = { quietMs: 5_000, everyMs: 1_000, now: () => performance.now(), ...options };
    this.#start = this.#options.now();
  }

  /** A sample of `key` came in; `row` sums up its series when that is asked for. */
  touched(key: SeriesKey, row: () => SummaryRow): void {
    const id = seriesId(key);
    const last = this.#current;
    this.#current = { id, row };
    if (last && last.id !== id) this.#line(last.row);
  }

  /** The series of `row` is complete. */
  finished(row: SummaryRow): void {
    if (this.#current?.id === seriesId(row)) this.#current = undefined;
    this.#line(() => row);
  }

  #line(row: () => SummaryRow): void {
    const now = this.#options.now();
    if (now - this.#start < this.#options.quietMs) return;
    if (now - this.#lastLine < this.#options.everyMs) {
      this.#held++;
      return;
    }
    const held = this.#held === 0 ? "" : ` (+ ${this.#held} more lines since the last)`;
    this.#lastLine = now;
    this.#held = 0;
    this.#options.write(`${progressLine(row())}${held}`);
  }
}

function progressLine(row: SummaryRow): string {
  const { statistics, timedOut } = row;
  const late = timedOut === 0 ? "" : `, ${count(timedOut, "timeout")}`;
  if (!statistics) return `${describeKey(row)}: no figure yet${late}`;
  const { n, p50, p95 } = statistics;
  return `${describeKey(row)}: p50 ${formatValue(p50, row.unit)}, p95 ${formatValue(p95, row.unit)}, n ${n}${late}`;
}
