import type { TestInfo } from "@playwright/test";
import { takeUnawaited, watchCalls } from "../async/under-way.js";
import { throwTogether } from "../errors.js";
import type { Disposers } from "./disposers.js";

/**
 * Watches a test for verbs and matchers that nobody awaits.
 *
 * @returns to be called when the test's function has ended, before anything of it is closed. What is under way then
 * fails a test that has passed so far; one that failed, or ran out of time, leaves behind what it was at.
 */
export function watchForgottenAwaits(disposers: Disposers, testInfo: TestInfo): () => void {
  watchCalls();
  return () => {
    const open = takeUnawaited();
    if (open.length === 0 || testInfo.status !== "passed" || testInfo.errors.length > 0) return;
    disposers.add("checks", "the check for forgotten awaits", () => {
      throwTogether(open);
      return Promise.resolve();
    });
  };
}
