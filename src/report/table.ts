import type { Comparison } from "./compare.js";
import { formatNumber, formatValue } from "./format.js";
import type { OperationReport, RunReport, TestName } from "./run-report.js";
import { compareText } from "./measuring/samples.js";
import { enoughFor } from "./statistics.js";
import type { StatisticName } from "./statistics.js";

/** A table of plain texts, which Markdown and HTML escape each in their own way. */
export interface Table {
  readonly head: readonly string[];
  /** Indices of columns that hold figures, aligned to the right. */
  readonly numeric: readonly number[];
  readonly rows: readonly (readonly string[])[];
}

/** Marks a percentile that is the maximum by definition, because n is small. */
export const fewSamplesMark = "*";
export const fewSamplesNote =
  "* the maximum: p95 can differ from it only from 20 samples on, p99 only from 100.";

const shown = ["p50", "p95", "p99", "max", "mean"] as const;

/** One row per operation and size; SDK version and backend are columns only where they vary. */
export function operationTable(operations: readonly OperationReport[]): Table {
  const several = (read: (one: OperationReport) => string): boolean => new Set(operations.map(read)).size > 1;
  const sdk = several((one) => one.sdkVersion);
  const backend = several((one) => one.backend);
  const compared = operations.some((one) => one.comparison);
  const texts = ["Operation", ...(sdk ? ["SDK"] : []), ...(backend ? ["Backend"] : [])];
  const figures = ["Size", "n", ...shown, "Timeouts"];
  const rows = operations.map((one) => [
    one.operation,
    ...(sdk ? [one.sdkVersion] : []),
    ...(backend ? [one.backend] : []),
    formatNumber(one.size),
    formatNumber(one.statistics?.n ?? 0),
    ...shown.map((name) => figureOf(one, name)),
    formatNumber(one.timedOut),
    ...(compared ? [comparisonText(one.comparison)] : []),
  ]);
  return {
    head: [...texts, ...figures, ...(compared ? ["Against baseline"] : [])],
    numeric: figures.map((_, i) => texts.length + i),
    rows,
  };
}

/** "1.42× (1.31–1.55) slower". */
export function comparisonText(comparison: Comparison | undefined): string {
  if (!comparison) return "new";
  const { ratio, low, high, verdict, n, baselineN } = comparison;
  const text = `${ratio.toFixed(2)}× (${low.toFixed(2)}–${high.toFixed(2)}) ${verdict}`;
  return verdict === "unsure" ? `${text} (n ${n} and ${baselineN})` : text;
}

/** Faults by verb: how many, how many took effect, and on whom. */
export function faultTable(faults: RunReport["faults"]): Table {
  const verbs = [...new Set(faults.map((one) => one.fault))].sort(compareText);
  return {
    head: ["Fault", "Times", "Proved effective", "Tests", "Workers"],
    numeric: [1, 2, 3],
    rows: verbs.map((verb) => {
      const own = faults.filter((one) => one.fault === verb);
      const workers = [...new Set(own.flatMap((one) => one.targets))].sort(compareText);
      return [
        verb,
        formatNumber(own.length),
        formatNumber(own.filter((one) => one.state === "effective").length),
        formatNumber(new Set(own.map((one) => testText(one.test))).size),
        workers.join(", "),
      ];
    }),
  };
}

/** Failed or flaky tests. */
export function testTable(tests: RunReport["failed"]): Table {
  return {
    head: ["Test", "Attempts", "Last error"],
    numeric: [1],
    rows: tests.map((one) => [testText(one), String(one.attempts), one.error]),
  };
}

/** Seeds, one row for all tests of a file that share one. */
export function seedTable(seeds: RunReport["seeds"]): Table {
  const groups = new Map<
    string,
    { readonly row: readonly string[]; tests: number; readonly title: string }
  >();
  for (const { test, seed } of seeds) {
    const where = [...(test.project === "" ? [] : [test.project]), test.file].join(" › ");
    const group = groups.get(`${where}\n${seed}`) ?? { row: [seed, where], tests: 0, title: test.title };
    group.tests++;
    groups.set(`${where}\n${seed}`, group);
  }
  return {
    head: ["Seed", "File", "Tests"],
    numeric: [],
    rows: [...groups.values()].map(({ row, tests, title }) => [
      ...row,
      tests === 1 ? title : `${tests} tests`,
    ]),
  };
}

/** "project › file › title". */
export function testText({ project, file, title }: TestName): string {
  return [project, file, title].filter((part) => part !== "").join(" › ");
}

function figureOf(one: OperationReport, name: StatisticName): string {
  if (!one.statistics) return "–";
  const text = formatValue(one.statistics[name], one.unit);
  return enoughFor(name, one.statistics.n) ? text : `${text}${fewSamplesMark}`;
}
