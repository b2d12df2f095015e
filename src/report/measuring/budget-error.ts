import { XmtpTestError } from "../../errors.js";
import { baselineFor } from "./baseline.js";
import type { Baseline } from "./baseline.js";
import type { BudgetVerdict } from "./budgets.js";
import { count, formatNumber, formatValue } from "../format.js";

/**
 * The error for the crossed ones among `verdicts`; `undefined` when none is.
 *
 * Each line names operation, size, figure, budget and baseline, so that the console alone says what to look at.
 */
export function budgetError(
  verdicts: readonly BudgetVerdict[],
  baseline: Baseline | undefined,
): XmtpTestError | undefined {
  const crossed = verdicts.filter((verdict) => verdict.crossed);
  if (crossed.length === 0) return undefined;
  const lines = crossed.map((verdict) => `  - ${describeVerdict(verdict, baseline)}`);
  const error = new XmtpTestError(
    "BUDGET_CROSSED",
    `${count(crossed.length, "performance budget")} crossed:\n${lines.join("\n")}\n`,
    "Find what became slow (all samples are attached to the test), or change `budgets` in the config.",
  );
  // It is found after the test: no line of the test is to blame, and a frame of ours would only mislead.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** For example "newGroup, size 50: p95 2,310 ms, budget at most 900 ms, baseline 850 ms (n 20, …)". */
export function describeVerdict(verdict: BudgetVerdict, baseline: Baseline | undefined): string {
  const { operation, size, statistic, limit, figure, n, sdkVersion, backend } = verdict;
  const what = `${operation}, size ${size}`;
  const where = `(n ${n}, SDK ${sdkVersion}, ${backend})`;
  if (statistic === "samples") return `${what}: no counted sample, so its budget proves nothing ${where}`;
  if (statistic === "timedOut") {
    return `${what}: ${count(figure, "timeout")}, budget at most ${formatNumber(limit)} ${where}`;
  }
  const bound = verdict.unit === "per_second" ? "at least" : "at most";
  const then = baselineFor(baseline, verdict)?.statistics[statistic];
  const compared = then === undefined ? "none" : formatValue(then, verdict.unit);
  const is = formatValue(figure, verdict.unit);
  const may = formatValue(limit, verdict.unit);
  return `${what}: ${statistic} ${is}, budget ${bound} ${may}, baseline ${compared} ${where}`;
}
