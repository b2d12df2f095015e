import { parseTestName } from "./metrics.js";
import { scope } from "./scope.js";
import { expect } from "./expect/index.js";
import { loadEnv } from "./helpers.js";
import { afterEach, beforeAll, beforeEach } from "./suite/describe.js";

/** What the suites' lifecycle hooks take. Only the duration's accessors mean something here. */
export interface LifecycleOptions {
  /** Ignored: a sample has its case's name. */
  readonly testName?: string;
  /** Ignored: the workers know their SDK. */
  readonly sdk?: string;
  /** Ignored: the entry's own `expect` knows the case. */
  readonly expect?: unknown;
  /** Ignored. */
  readonly workers?: unknown;
  /**
   * A duration of the case's own, ms, in place of the measured one; asked after the case. Undefined: the measured one.
   */
  readonly getCustomDuration?: () => number | undefined;
  /** Called with undefined before and after each case, so that no case inherits a duration. */
  readonly setCustomDuration?: (duration: number | undefined) => void;
  /** Ignored: no service is spoken to. */
  readonly initDataDog?: boolean;
  /** Ignored: samples always go to `measure`. */
  readonly sendMetrics?: boolean;
  /** Ignored: durations are always recorded. */
  readonly sendDurationMetrics?: boolean;
  /** Ignored: on the loopback no phase is worth a figure. */
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
    record(options.getCustomDuration?.() ?? performance.now() - started);
    options.setCustomDuration?.(undefined);
  });
}

function record(took: number): void {
  const { operationName, members } = parseTestName(expect.getState().currentTestName ?? "");
  if (operationName !== "" && took >= 0)
    scope("a lifecycle hook").record(operationName, took, "ms", Number(members === "" ? 1 : members));
}

/** Records how long the case has taken since `start` (`performance.now()`), as `setupDurationTracking` does. */
export function sendPerformanceResult(_expect: unknown, _workers: unknown, start: number): void {
  record(performance.now() - start);
}

/** Nothing is sent: the report has the results. */
export function sendTestResults(_hasFailures: boolean, _testName: string): void {
  // Nobody to tell.
}

/** The same, by its older name. */
export const setupTestLifecycle = setupDurationTracking;

/** The same, for the suites' tables of durations: the report has them. */
export const setupSummaryTable = setupDurationTracking;
