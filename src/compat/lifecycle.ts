import { parseTestName } from "./metrics.js";
import { scope } from "./scope.js";
import { expect } from "./expect/index.js";
import { loadEnv } from "./helpers.js";
import { afterEach, beforeAll, beforeEach } from "./suite/describe.js";

/** What the suites' lifecycle hooks take. Only the duration's accessors mean something here. */
export interface LifecycleOptions {
  readonly testName?: string;
  readonly sdk?: string;
  readonly expect?: unknown;
  readonly workers?: unknown;
  readonly getCustomDuration?: () => number | undefined;
  readonly setCustomDuration?: (duration: number | undefined) => void;
  readonly initDataDog?: boolean;
  readonly sendMetrics?: boolean;
  readonly sendDurationMetrics?: boolean;
  readonly networkStats?: boolean;
}

/**
 * Records how long each case takes, or what it says by `setCustomDuration`, as a sample of `measure` under the case's
 * operation. The suites' own sends it to a service, and reads `.env`.
 */
export function setupDurationTracking(options: LifecycleOptions = {}): void {
  let started = 0;
  beforeAll(() => loadEnv(options.testName));
  beforeEach(() => {
    options.setCustomDuration?.(undefined);
    started = performance.now();
  });
  afterEach(() => {
    const took = options.getCustomDuration?.() ?? performance.now() - started;
    const { operationName, members } = parseTestName(expect.getState().currentTestName ?? "");
    if (operationName !== "" && took >= 0)
      scope("a lifecycle hook").record(operationName, took, "ms", Number(members === "" ? 1 : members));
    options.setCustomDuration?.(undefined);
  });
}

export const setupTestLifecycle = setupDurationTracking;

/** The same, for the suites' tables of durations: the report has them. */
export const setupSummaryTable = setupDurationTracking;
