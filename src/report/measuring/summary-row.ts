import type { Statistics } from "../statistics.js";
import type { SeriesKey } from "./samples.js";

/** One line of `measure.summary()`. */
export interface SummaryRow extends SeriesKey {
  /** Undefined when only warmups and timeouts were recorded. */
  readonly statistics: Statistics | undefined;
  readonly warmUps: number;
  readonly timedOut: number;
}
