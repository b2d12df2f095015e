import type { TestInfo } from "@playwright/test";
import { throwTogether } from "../errors.js";
import { attachText, hasFailed } from "./attach.js";

/** What is asked of an app at the end of a test. */
interface Running {
  readonly name: string;
  readonly written: number;
  outputSince(written: number): string;
}

/**
 * The end of apps in a test: what each has written is attached where the test has failed, and an app that ended by itself
 * fails it. @returns to be called in the test's teardown, once
 */
export function watchApps(
  testInfo: TestInfo,
  apps: () => readonly Running[],
  takeFailures: () => Error[],
): () => Promise<void> {
  // Apps that were there before: the beginning of their output is other tests'.
  const before = new Map(apps().map((app) => [app, app.written]));
  return async () => {
    const failures = takeFailures();
    if (failures.length > 0 || hasFailed(testInfo)) {
      for (const app of apps()) {
        await attachText(testInfo, `${app.name}-output.txt`, "text/plain", outputOf(app, before.get(app)));
      }
    }
    throwTogether(failures);
  };
}

/** @param before how much of it is other tests', for an app that was there before this one */
function outputOf(app: Running, before: number | undefined): string {
  if (before === undefined) return app.outputSince(0);
  const [all, since] = [app.outputSince(0), app.outputSince(before)];
  return `${all.slice(0, all.length - since.length)}\n--- here this test began ---\n${since}`;
}
