import { baselineFor } from "./measuring/baseline.js";
import type { Baseline } from "./measuring/baseline.js";
import { checkBudgets, judge, unusedBudgets } from "./measuring/budgets.js";
import type { BudgetVerdict } from "./measuring/budgets.js";
import { compareRecords } from "./collect.js";
import type { TestRecord } from "./collect.js";
import { compare, defaultNoise } from "./compare.js";
import type { CompareOptions, Comparison } from "./compare.js";
import { curvesOf } from "./curves.js";
import type { Curve } from "./curves.js";
import { compareText, keyOf, poolSeries } from "./measuring/samples.js";
import type { Series, SeriesKey } from "./measuring/samples.js";
import { statisticsOf } from "./statistics.js";
import type { Statistics } from "./statistics.js";
import type { FaultFact } from "./timeline-facts.js";

/** Which test a line of the report is about. */
export interface TestName {
  readonly project: string;
  readonly file: string;
  readonly title: string;
}

export interface OperationReport extends SeriesKey {
  readonly statistics: Statistics | undefined;
  readonly warmUps: number;
  readonly timedOut: number;
  readonly comparison: Comparison | undefined;
  /** The counted figures, sorted. */
  readonly values: readonly number[];
}

/** Everything the run page shows, and the content of xmtp-report.json. */
export interface RunReport {
  readonly version: 1;
  readonly status: string;
  /** Each node-sdk that workers ran on, for example "5.5.0 (bindings 1.9.1)"; sorted. */
  readonly sdks: readonly string[];
  readonly outcomes: Readonly<Record<TestRecord["outcome"], number>>;
  readonly operations: readonly OperationReport[];
  /** The change of a median that counted as none, as a share. */
  readonly noise: number;
  /** Every budget held against the figures of the test that has it. */
  readonly budgets: readonly (BudgetVerdict & { readonly test: TestName })[];
  /** Budgets that no sample of the run met. */
  readonly unusedBudgets: readonly string[];
  readonly messages: {
    readonly sent: number;
    readonly sendFailures: number;
    readonly received: number;
    readonly streamRetries: number;
  };
  readonly curves: readonly Curve[];
  readonly faults: readonly (FaultFact & { readonly test: TestName })[];
  readonly failed: readonly (TestName & { readonly error: string; readonly attempts: number })[];
  readonly flaky: readonly (TestName & { readonly error: string; readonly attempts: number })[];
  readonly leaks: readonly { readonly test: TestName; readonly leak: string }[];
  readonly seeds: readonly { readonly test: TestName; readonly seed: string }[];
  /** What the reporter could not read. */
  readonly problems: readonly string[];
}

export interface RunReportInput {
  readonly status: string;
  readonly records: readonly TestRecord[];
  readonly baseline?: Baseline | undefined;
  readonly compare?: CompareOptions;
  readonly problems?: readonly string[];
}

/** Sums up a run. Pure, and independent of the order of `records`. */
export function buildRunReport(input: RunReportInput): RunReport {
  const records = [...input.records].sort(compareRecords);
  const series = seriesOf(records);
  const timelines = records.flatMap((record) => record.timelines);
  const sum = (read: (one: (typeof timelines)[number]) => number): number =>
    timelines.reduce((total, one) => total + read(one), 0);
  const budgets = records.flatMap((record) => record.samples.map((samples) => checkBudgets(samples.budgets)));
  return {
    version: 1,
    status: input.status,
    sdks: unique(records.flatMap((record) => described(record, "node-sdk"))),
    outcomes: outcomesOf(records),
    operations: series.map((one) => operation(one, input)),
    noise: input.compare?.noise ?? defaultNoise,
    budgets: records.flatMap(verdictsOf),
    unusedBudgets: unique(budgets.flatMap((one) => unusedBudgets(one, series))),
    messages: {
      sent: sum((one) => one.sent),
      sendFailures: sum((one) => one.sendFailures),
      received: sum((one) => one.received),
      streamRetries: sum((one) => one.streamRetries),
    },
    curves: curvesOf(series, timelines),
    faults: perTest(records, (record) => record.timelines.flatMap((one) => one.faults)),
    failed: records.filter((record) => record.outcome === "unexpected").map(withError),
    flaky: records.filter((record) => record.outcome === "flaky").map(withError),
    leaks: records.flatMap((record) => leaksOf(record).map((leak) => ({ test: nameOf(record), leak }))),
    seeds: records.flatMap((record) =>
      described(record, "seed").map((seed) => ({ test: nameOf(record), seed })),
    ),
    problems: [...(input.problems ?? []), ...records.flatMap(problemsOf), ...pooledProjects(records)],
  };
}

/** The samples of all last attempts, pooled by key, values sorted. */
export function seriesOf(records: readonly TestRecord[]): Series[] {
  const all = records.flatMap((record) => record.samples.flatMap((samples) => samples.series));
  return poolSeries(all).map((one) => ({ ...one, values: [...one.values].sort((a, b) => a - b) }));
}

function operation(series: Series, input: RunReportInput): OperationReport {
  const then = baselineFor(input.baseline, series);
  return {
    ...keyOf(series),
    statistics: statisticsOf(series.values),
    warmUps: series.warmUps.length,
    timedOut: series.timedOut,
    comparison: then && compare(series.values, then.values, series.unit, input.compare),
    values: series.values,
  };
}

function outcomesOf(records: readonly TestRecord[]): RunReport["outcomes"] {
  const count = (outcome: TestRecord["outcome"]): number =>
    records.filter((record) => record.outcome === outcome).length;
  return {
    expected: count("expected"),
    unexpected: count("unexpected"),
    flaky: count("flaky"),
    skipped: count("skipped"),
  };
}

function verdictsOf(record: TestRecord): RunReport["budgets"] {
  const test = nameOf(record);
  return record.samples.flatMap(({ budgets, series }) =>
    judge(checkBudgets(budgets), series).map((verdict) => ({ ...verdict, test })),
  );
}

function perTest<T extends object>(
  records: readonly TestRecord[],
  read: (record: TestRecord) => readonly T[],
): (T & { test: TestName })[] {
  return records.flatMap((record) => read(record).map((one) => ({ ...one, test: nameOf(record) })));
}

function leaksOf(record: TestRecord): string[] {
  return [...described(record, "leak"), ...record.timelines.flatMap((one) => one.leaks)];
}

function described(record: TestRecord, type: string): string[] {
  return record.annotations.filter((one) => one.type === type).map((one) => one.description);
}

function withError(record: TestRecord): RunReport["failed"][number] {
  return { ...nameOf(record), error: record.error, attempts: record.attempts };
}

function problemsOf(record: TestRecord): string[] {
  return record.problems.map((problem) => `${record.file} › ${record.title}: ${problem}`);
}

/**
 * Playwright keeps the tests of one project from two machines apart, but not their names: figures of both are one
 * series here, and each test is listed twice. Sorted records have the two beside each other.
 */
function pooledProjects(records: readonly TestRecord[]): string[] {
  const twice = records.filter((record, at) => {
    const before = records[at - 1];
    return before !== undefined && compareRecords(before, record) === 0;
  });
  return unique(twice.map(({ project }) => project)).map(
    (project) =>
      `the project "${project}" was merged from several runs of the same tests: their figures are pooled. Name the project after its machine in each run's config`,
  );
}

function nameOf({ project, file, title }: TestRecord): TestName {
  return { project, file, title };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareText);
}
