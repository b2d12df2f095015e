import type { TestInfo } from "@playwright/test";

/**
 * The seed that drives every draw of a test, shown as an annotation in the report.
 *
 * Without an option it is the test's title path and repeat, so that a failing repeat can be run again by
 * `--repeat-each`, or alone with `XMTP_SEED` set to the annotation's text. A retry draws the same again.
 */
export function seedOf(option: string, testInfo: TestInfo): string {
  const seed = option === "" ? `${testInfo.titlePath.join(" › ")} #${testInfo.repeatEachIndex}` : option;
  testInfo.annotations.push({ type: "seed", description: seed });
  return seed;
}
