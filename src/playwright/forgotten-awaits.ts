import { setImmediate } from "node:timers/promises";
import type { TestInfo } from "@playwright/test";
import { endUnawaited, leaveUnawaited, watchCalls } from "../async/under-way.js";

/**
 * Watches a test for verbs and matchers that nobody awaits.
 *
 * @returns to be called when the test's function has ended, before anything of it is closed. What is under way then
 * fails a test that has passed so far; one that failed, or ran out of time, leaves behind what it was at.
 */
export function watchForgottenAwaits(testInfo: TestInfo): () => Promise<void> {
  watchCalls();
  return async () => {
    if (testInfo.status === "passed" && testInfo.errors.length === 0) endUnawaited();
    else leaveUnawaited();
    // Node tells a rejection that nobody handles once the microtasks are done: while this test is still the current one.
    await setImmediate();
  };
}
