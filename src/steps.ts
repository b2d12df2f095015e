/**
 * Shows a verb as a step in the report. In a test this is Playwright's own `test.step`, called directly by
 * each public verb, because `box: true` removes exactly one frame: the step then points at the test's line.
 */
export type StepFunction = <T>(
  title: string,
  body: () => Promise<T>,
  options?: { box?: boolean },
) => Promise<T>;

/** Outside a test: just runs the body. */
export const withoutSteps: StepFunction = (_title, body) => body();
