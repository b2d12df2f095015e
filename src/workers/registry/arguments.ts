import { XmtpTestError } from "../../errors.js";
import type { SdkNetwork } from "../sdk/types.js";

/**
 * Checks the arguments after the names. What means nothing is refused by name.
 *
 * @throws XmtpTestError `INVALID_OPTION`
 */
export function checkArguments(
  given: { readonly testName: unknown; readonly env: unknown },
  more: readonly unknown[],
): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || typeof value === "string") continue;
    throw new XmtpTestError(
      "INVALID_OPTION",
      `getWorkers got ${JSON.stringify(value)} for ${name}.`,
      "Its arguments are (names, testName?, env?), the last two strings; a version is part of a name: alice-4.6.0.",
    );
  }
  if (more.length > 0) {
    throw new XmtpTestError(
      "INVALID_OPTION",
      `getWorkers got ${JSON.stringify(more)} beyond its arguments.`,
      "Leave it out.",
    );
  }
}

/**
 * The same for the fixture, where the test's network is given: `env` may name only that.
 *
 * @throws XmtpTestError `INVALID_OPTION`
 */
export function checkFixtureArguments(
  [testName, env, ...more]: readonly unknown[],
  network: SdkNetwork,
): void {
  checkArguments({ testName, env }, more);
  if (env === undefined || env === network.env || env === network.url) return;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `The fixture getWorkers got ${JSON.stringify(env)} for env; this test's network is ${network.env} at ${network.url}.`,
    "Set the option xmtpEnv (or xmtpApiUrl) in the config, or give { name: url } to pin one worker to a URL.",
  );
}
