import { XmtpTestError } from "../../errors.js";
import { compareKeys, keyOf } from "./samples.js";
import type { Series, SeriesKey, Unit } from "./samples.js";
import { statisticNames, statisticsOf } from "../statistics.js";
import type { StatisticName } from "../statistics.js";

/**
 * The limits of one operation and size. Times and bytes may be at most, rates (`per_second`) must be at least
 * the given figure. `timedOut` is how many timeouts are allowed: 0 unless stated, for a figure that leaves
 * out what never came proves nothing.
 */
export type Budget = Readonly<Partial<Record<StatisticName | "timedOut", number>>>;

/** A number stands for `{ p95: number }`, for rates for `{ p50: number }`. Size "*" is every other size. */
export type Budgets = Readonly<
  Record<string, number | Budget | Readonly<Record<`${number}` | number | "*", number | Budget>>>
>;

/** One limit held against one figure. */
export interface BudgetVerdict extends SeriesKey {
  readonly statistic: StatisticName | "timedOut" | "samples";
  readonly limit: number;
  readonly figure: number;
  readonly crossed: boolean;
  /** Counted samples behind the figure. */
  readonly n: number;
}

/** Budgets after the check of their shape. */
export interface CheckedBudgets {
  /** "send" and "*", or "send" and "50", as the config wrote them. */
  readonly entries: readonly {
    readonly operation: string;
    readonly size: string;
    readonly budget: number | Budget;
  }[];
}

const limitNames = new Set<string>([...statisticNames, "timedOut"]);

/** Checks the shape of `budgets` and throws INVALID_OPTION with the path of what is wrong. */
export function checkBudgets(budgets: unknown): CheckedBudgets {
  if (!isRecord(budgets)) {
    throw wrong("budgets", budgets, 'Give an object such as { newGroup: { 50: 900, "*": { p95: 2000 } } }.');
  }
  const entries = Object.entries(budgets).flatMap(([operation, value]) => {
    const path = `budgets.${operation}`;
    if (!isRecord(value) || isBudget(value)) {
      return [{ operation, size: "*", budget: checkBudget(path, value) }];
    }
    return Object.entries(value).map(([size, budget]) => {
      if (size !== "*" && !/^\d+$/.test(size)) {
        const limits = [...limitNames].join(", ");
        throw wrong(
          `${path}.${size}`,
          budget,
          `A key is a size (a whole number or "*") or a limit (${limits}).`,
        );
      }
      return { operation, size, budget: checkBudget(`${path}.${size}`, budget) };
    });
  });
  return { entries };
}

/** Holds every series that has a budget against it; a series without one gives no verdict. */
export function judge(budgets: CheckedBudgets, all: readonly Series[]): BudgetVerdict[] {
  return [...all].sort(compareKeys).flatMap((series) => {
    const budget = budgetFor(budgets, series);
    return budget === undefined ? [] : judgeOne(series, explicit(budget, series.unit));
  });
}

/** "send" or "send.50" of each entry that matches none of `all`: most often a misspelt operation. */
export function unusedBudgets(budgets: CheckedBudgets, all: readonly SeriesKey[]): string[] {
  return budgets.entries
    .filter(
      ({ operation, size }) =>
        !all.some((key) => key.operation === operation && (size === "*" || String(key.size) === size)),
    )
    .map(({ operation, size }) => (size === "*" ? operation : `${operation}.${size}`));
}

function budgetFor(budgets: CheckedBudgets, key: SeriesKey): number | Budget | undefined {
  const own = budgets.entries.filter((entry) => entry.operation === key.operation);
  const found =
    own.find((entry) => entry.size === String(key.size)) ?? own.find((entry) => entry.size === "*");
  return found?.budget;
}

function explicit(budget: number | Budget, unit: Unit): Budget {
  if (typeof budget !== "number") return { timedOut: 0, ...budget };
  return unit === "per_second" ? { p50: budget, timedOut: 0 } : { p95: budget, timedOut: 0 };
}

function judgeOne(series: Series, budget: Budget): BudgetVerdict[] {
  const key = keyOf(series);
  const n = series.values.length;
  const statistics = statisticsOf(series.values);
  const verdicts: BudgetVerdict[] = statisticNames.flatMap((statistic) => {
    const limit = budget[statistic];
    if (limit === undefined || !statistics) return [];
    const figure = statistics[statistic];
    const crossed = series.unit === "per_second" ? figure < limit : figure > limit;
    return [{ ...key, statistic, limit, figure, crossed, n }];
  });
  const late = budget.timedOut ?? 0;
  verdicts.push({
    ...key,
    statistic: "timedOut",
    limit: late,
    figure: series.timedOut,
    crossed: series.timedOut > late,
    n,
  });
  if (!statistics) verdicts.push({ ...key, statistic: "samples", limit: 1, figure: 0, crossed: true, n });
  return verdicts;
}

function checkBudget(path: string, value: unknown): number | Budget {
  if (typeof value === "number") return checkLimit(path, value);
  if (!isRecord(value)) throw wrong(path, value, "A budget is a number, or an object of limits.");
  for (const [name, limit] of Object.entries(value)) {
    if (!limitNames.has(name)) {
      throw wrong(`${path}.${name}`, limit, `Limits are ${[...limitNames].join(", ")}.`);
    }
    checkLimit(`${path}.${name}`, limit);
  }
  if (Object.keys(value).length === 0) throw wrong(path, value, "Name at least one limit, for example p95.");
  return value;
}

function checkLimit(path: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw wrong(path, value, "A limit is a finite number from 0 on.");
}

function isBudget(value: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(value);
  return names.length === 0 || names.some((name) => limitNames.has(name));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(path: string, value: unknown, hint: string): XmtpTestError {
  return new XmtpTestError("INVALID_OPTION", `${path} is not valid (${JSON.stringify(value)}).`, hint);
}
