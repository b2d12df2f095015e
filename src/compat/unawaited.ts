import { setImmediate } from "node:timers/promises";
import { errorText, XmtpTestError } from "../errors.js";

/**
 * Runs a describe to its end whatever fails that nobody awaits, as vitest does: Playwright ends a test at its first
 * unhandled rejection, in the middle of what it was doing.
 *
 * @param found is told of each rejection
 */
export async function goingOn<T>(body: () => Promise<T>, found: (error: unknown) => void): Promise<T> {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", found);
  try {
    const result = await body();
    // Node tells of a rejection once the microtasks are done: one of the last case would come after the end.
    await setImmediate();
    return result;
  } finally {
    process.off("unhandledRejection", found);
    for (const listener of others) process.on("unhandledRejection", listener);
  }
}

/** One error for all of them. vitest, too, fails a run for these, though not the case. */
export function unawaited(errors: readonly unknown[]): XmtpTestError {
  const texts = [...new Set(errors.map((error) => errorText(error)))];
  return new XmtpTestError(
    "COMPAT_UNAWAITED",
    `${errors.length} promises failed that nobody awaited: ${texts.join("; ")}.`,
    "Await the work, or catch what it may fail with. vitest ends with an error for these too.",
    { cause: errors[0] },
  );
}
