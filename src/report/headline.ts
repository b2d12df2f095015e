import { count } from "./format.js";
import type { RunReport } from "./run-report.js";

/** "3 passed, 1 failed, 1 flaky, 2 skipped", without the parts that are 0 except the first. */
export function outcomeText({ outcomes }: RunReport): string {
  const parts = [`${outcomes.expected} passed`];
  if (outcomes.unexpected > 0) parts.push(`${outcomes.unexpected} failed`);
  if (outcomes.flaky > 0) parts.push(`${outcomes.flaky} flaky`);
  if (outcomes.skipped > 0) parts.push(`${outcomes.skipped} skipped`);
  return parts.join(", ");
}

/** What the figures were taken on, for example "SDK 5.5.0, embedded"; "" without figures. */
export function settingText({ operations }: RunReport): string {
  const list = (values: readonly string[]): string => [...new Set(values)].join(" and ");
  if (operations.length === 0) return "";
  return `SDK ${list(operations.map((one) => one.sdkVersion))}, ${list(operations.map((one) => one.backend))}`;
}

/** The node-sdk versions that workers ran on; "" when there was no worker. */
export function sdkText({ sdks }: RunReport): string {
  return sdks.length === 0 ? "" : `node-sdk ${sdks.join(", ")}`;
}

/** What the streams of all tests carried; "" when no test left a timeline with messages. */
export function messageText({ messages }: RunReport): string {
  const { sent, sendFailures, received, streamRetries } = messages;
  if (sent + received === 0) return "";
  const failed = sendFailures === 0 ? "" : ` (${sendFailures} not confirmed)`;
  const retries = streamRetries === 0 ? "" : `, ${count(streamRetries, "stream reconnect")}`;
  return `${count(sent, "message")} sent${failed}, ${count(received, "receipt")}${retries}`;
}

/** How many operations became slower or faster than the baseline; "" without one. */
export function baselineText({ operations }: RunReport): string {
  const compared = operations.filter((one) => one.comparison);
  if (compared.length === 0) return "";
  const verdicts = ["slower", "faster", "same", "unsure"] as const;
  const parts = verdicts.map((verdict) => {
    const n = compared.filter((one) => one.comparison?.verdict === verdict).length;
    return n === 0 ? "" : `${n} ${verdict}`;
  });
  return parts.filter((part) => part !== "").join(", ");
}
