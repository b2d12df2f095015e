import { dirname } from "node:path";
import { test } from "@playwright/test";
import type { TestInfo } from "@playwright/test";

/** The folder of the config that is running; the working directory without one, and outside a test. */
export function configFolder(): string {
  try {
    const { configFile } = test.info().config;
    return configFile === undefined ? process.cwd() : dirname(configFile);
  } catch {
    // Playwright's own words are "test.info() can only be called while test is running": a script, then.
    return process.cwd();
  }
}

/** Notes on the test, once for each, which node-sdk its workers run on. Every report shows it. */
export function noteSdk<Sdk extends { readonly version: string; readonly bindingsVersion: string }>(
  { annotations }: TestInfo,
  sdk: Sdk,
): Sdk {
  const description = `${sdk.version} (bindings ${sdk.bindingsVersion})`;
  const noted = annotations.some((one) => one.type === "node-sdk" && one.description === description);
  if (!noted) annotations.push({ type: "node-sdk", description });
  return sdk;
}
