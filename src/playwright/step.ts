import { test } from "@playwright/test";
import { withoutSteps } from "../steps.js";
import type { StepFunction } from "../steps.js";

/**
 * Playwright's own `test.step`, to be called directly by each public verb: `box: true` removes exactly the
 * caller's frame, so that the step and its error point at the line of the test. A wrapper would add a frame.
 */
export const testStep = test.step.bind(test) as <T>(
  title: string,
  body: () => Promise<T>,
  options?: { box?: boolean },
) => Promise<T>;

/** A step where a test or hook runs; else, in a process-scoped fixture, just the body. */
export const stepAnywhere: StepFunction = (title, body, options) => {
  try {
    test.info();
  } catch {
    return withoutSteps(title, body);
  }
  return testStep(title, body, options);
};
