import type { TestInfo } from "@playwright/test";

/**
 * Whether the test function names a fixture in its first parameter, as Playwright itself reads it.
 *
 * Fixtures are set up in the order a test names them, so a fixture cannot otherwise know what comes after
 * it. What only a hook or another fixture asks for is not seen here.
 */
export function testRequests(testInfo: TestInfo, fixture: string): boolean {
  const parameters = /^[^(]*\(\s*\{([^}]*)\}/.exec(testInfo.fn.toString())?.[1] ?? "";
  return parameters.split(",").some((part) => part.split(":")[0]?.trim() === fixture);
}
