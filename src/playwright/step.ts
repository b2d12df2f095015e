import { test } from "@playwright/test";

/**
 * Playwright's own `test.step`, to be called directly by each public verb: `box: true` removes exactly the
 * caller's frame, so that the step and its error point at the line of the test. A wrapper would add a frame.
 */
export const testStep = test.step.bind(test) as <T>(
  title: string,
  body: () => Promise<T>,
  options?: { box?: boolean },
) => Promise<T>;
