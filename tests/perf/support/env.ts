import { XmtpTestError } from "playwright-xmtp";

/** Sizes from an environment variable such as `BATCH_SIZE=5-10-50-100`, ascending. */
export function sizesFrom(variable: string, fallback: readonly number[]): number[] {
  const text = process.env[variable];
  const sizes =
    text === undefined || text === "" ? fallback : text.split("-").map((part) => whole(variable, part));
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/** A whole number from an environment variable. */
export function countFrom(variable: string, fallback: number): number {
  const text = process.env[variable];
  return text === undefined || text === "" ? fallback : whole(variable, text);
}

function whole(variable: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new XmtpTestError(
    "INVALID_OPTION",
    `${variable} is "${process.env[variable]}", and "${text}" is not a whole number.`,
    "Join several sizes by dashes, for example 5-10-50.",
  );
}

/** Counted runs of each operation. */
export const runs = countFrom("PERF_RUNS", 5);
/** Real workers that listen in a group; all further members are registered inboxes without a client. */
export const receiverCount = countFrom("PERF_RECEIVERS", 3);
/** After this a receipt counts as timed out, ms. */
export const waitMs = countFrom("DEFAULT_STREAM_TIMEOUT_MS", 10_000);
