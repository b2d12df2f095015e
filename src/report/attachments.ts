import { checkBudgets } from "./measuring/budgets.js";
import type { Budgets } from "./measuring/budgets.js";
import type { Series } from "./measuring/samples.js";
import { units } from "./measuring/samples.js";

/** Reserved name and content type of a test's samples. */
export const samplesAttachment = {
  name: "xmtp-samples.json",
  contentType: "application/vnd.playwright-xmtp.samples+json",
} as const;

/** Content type of a test's timeline. */
export const timelineContentType = "application/vnd.playwright-xmtp.timeline+json";

/** What one attempt of a test measured. */
export interface TestSamples {
  readonly version: 1;
  readonly testId: string;
  readonly series: readonly Series[];
  /** The budgets that were in force, so that the report can hold the pooled figures against them. */
  readonly budgets: Budgets;
}

export function encodeSamples(samples: TestSamples): string {
  return JSON.stringify(samples);
}

/** Reads a samples attachment; throws a plain error that says what is wrong. */
export function decodeSamples(text: string): TestSamples {
  const parsed = JSON.parse(text) as Partial<TestSamples> | null;
  if (parsed?.version !== 1) throw new Error(`unknown version ${JSON.stringify(parsed?.version)}`);
  if (!Array.isArray(parsed.series) || !parsed.series.every(isSeries)) throw new Error("malformed series");
  checkBudgets(parsed.budgets ?? {});
  return {
    version: 1,
    testId: String(parsed.testId),
    series: parsed.series as Series[],
    budgets: parsed.budgets ?? {},
  };
}

function isSeries(value: unknown): boolean {
  const series = value as Partial<Series> | null;
  return (
    typeof series?.operation === "string" &&
    Number.isInteger(series.size) &&
    units.some((unit) => unit === series.unit) &&
    typeof series.sdkVersion === "string" &&
    typeof series.backend === "string" &&
    isFigures(series.values) &&
    isFigures(series.warmUps) &&
    Number.isInteger(series.timedOut) &&
    typeof series.delivery === "boolean"
  );
}

function isFigures(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "number" && one >= 0);
}
