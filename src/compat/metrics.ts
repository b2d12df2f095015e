import { scope, scopeIfAny } from "./scope.js";

/** Tags of a metric; only `members` (as the sample's size) and the words of its name are kept. */
export type MetricTags = Readonly<Record<string, unknown>>;
/** Tags of `sendDeliveryMetric`'s kind; not told apart here. */
export type DeliveryMetricTags = MetricTags;
/** Tags of a response time; not told apart here. */
export type ResponseMetricTags = MetricTags;
/** Tags of a duration; not told apart here. */
export type DurationMetricTags = MetricTags;
/** Tags of a network phase; not told apart here. */
export type NetworkMetricTags = MetricTags;

/** What the suites' `sendStats…` take. */
export interface StatsInput {
  /** Ignored: the report has the test's own title. */
  readonly test: string;
  /** Ignored. */
  readonly sdk: string;
  /** The sample's size; what is no whole number from 0 counts as 1. */
  readonly members: number;
  /** The sample's operation. */
  readonly operationName: string;
  /** Ignored. */
  readonly legacyOperation?: string;
  /** Goes behind the operation's name. */
  readonly runMode?: "cold" | "warm" | "stream";
  /** "error" is noted by `sendStatsOperationCount`; ignored elsewhere. */
  readonly status?: "success" | "error";
  /** Milliseconds, for durations and responses. Missing or negative: no sample. */
  readonly valueMs?: number;
  /** 0 to 100, for rates. Missing or negative: no sample. */
  readonly valuePct?: number;
  /** Ignored. */
  readonly series?: string;
  /** Ignored: the operation names the sample. */
  readonly metricName?: string;
}

const text = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

function sizeOf(members: unknown): number {
  const size = Number(text(members) || 1);
  return Number.isInteger(size) && size >= 0 ? size : 1;
}

/**
 * A sample of the fixture `measure`, in the report's tables and under its budgets, where the suites' own goes to a
 * service. "duration" and "response" are milliseconds; "delivery" and "order" are percent. A figure that is missing is
 * left out.
 */
export function sendMetric(name: string, value: number | undefined, tags: MetricTags = {}): void {
  const words = [name, ...["operation", "metric_type", "metric_subtype"].map((tag) => text(tags[tag]))];
  const operation = [...new Set(words.filter((word) => word !== ""))].join(" ");
  put(operation, value, /delivery|order|rate/.test(name) ? "percent" : "ms", sizeOf(tags["members"]));
}

/** A share in percent, as an annotation of the test: `measure` takes times. Test and version are ignored. */
export function sendDeliveryMetric(
  value: number,
  _testName: string,
  _version: string,
  type = "stream",
  name = "delivery",
): void {
  put(`${name} ${type}`, value, "percent", 1);
}

/** A duration, ms, as a sample of `measure`; operation and size are read from the title, as by `parseTestName`. */
export function sendPerformanceMetric(value: number, testName: string, _version?: string): Promise<void> {
  put(parseTestName(testName).operationName, value, "ms", sizeOf(parseTestName(testName).members));
  return Promise.resolve();
}

/** `valueMs` as a sample of `measure`. */
export function sendStatsDurationMetric(input: StatsInput): void {
  put(statsName(input), input.valueMs, "ms", input.members);
}

/** `valueMs` as a sample of `measure`, its operation with "response" in front. */
export function sendStatsResponseMetric(input: StatsInput): void {
  put(`response ${statsName(input)}`, input.valueMs, "ms", input.members);
}

/** `valuePct` as an annotation of the test: `measure` takes times. */
export function sendStatsRateMetric(input: StatsInput): void {
  put(statsName(input), input.valuePct, "percent", input.members);
}

/** A failed operation fails its case: nothing is counted besides, only noted. */
export function sendStatsOperationCount(input: StatsInput): void {
  if (input.status === "error")
    scopeIfAny()?.note(`${statsName(input)} with ${input.members} members failed.`);
}

const statsName = ({ operationName, runMode }: StatsInput): string =>
  [operationName, runMode].filter(Boolean).join(" ");

function put(operation: string, value: number | undefined, unit: "ms" | "percent", size: number): void {
  if (value === undefined || !Number.isFinite(value) || value < 0) return;
  scope(`A metric (${operation})`).record(operation, value, unit, sizeOf(size));
}

/** The suites' titles: "operation-members:what it is". */
export function parseTestName(title: string): {
  readonly testNameExtracted: string;
  readonly operationName: string;
  readonly operationType: string;
  readonly members: string;
} {
  const parts = title.split(" > ");
  const last = parts.at(-1) ?? "";
  const head = last.split(":")[0] ?? last;
  const [, operation = head, members = ""] = /^(.*?)-(\d+)$/.exec(head.trim()) ?? [];
  return {
    testNameExtracted: parts[0] ?? "",
    operationName: operation.trim(),
    operationType: members === "" ? "core" : "group",
    members,
  };
}

/** No service is spoken to: nothing is to be set up, or sent at the end. */
export const initDataDog = (..._args: unknown[]): boolean => true;
/** The same as `initDataDog`. */
export const initializeDatadog: (..._args: unknown[]) => boolean = initDataDog;
/** Does nothing: samples are in the report as they come. */
export const flushMetrics = (): Promise<void> => Promise.resolve();
/** Does nothing: no service is told. */
export const sendRailwayEvent = (..._args: unknown[]): Promise<void> => Promise.resolve();

/** Zeros: on the loopback there is no name, no TLS, and no phase worth a figure. */
export const getNetworkStats = (_endpoint?: string): Promise<Record<string, number>> =>
  Promise.resolve({
    "DNS Lookup": 0,
    "TCP Connection": 0,
    "TLS Handshake": 0,
    "Server Call": 0,
    Processing: 0,
  });
