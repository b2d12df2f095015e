import type { TestInfo } from "@playwright/test";
import type { Chaos } from "../../fixtures/index.js";
import type { Inboxes, WorkerManager, WorkerNames } from "../../fixtures/index.js";
import { XmtpTestError } from "../errors.js";
import type { FaultQueue } from "./faults.js";
import type { People } from "./people.js";

/** What the `describe` that runs now may use. */
export interface Scope {
  getWorkers(names: WorkerNames): Promise<WorkerManager>;
  readonly chaos: Chaos;
  readonly inboxes: Inboxes;
  record(operation: string, value: number, unit: "ms" | "percent", size: number): void;
  readonly testInfo: TestInfo;
  readonly people: People;
  readonly faults: FaultQueue;
  /** Waits until every inbox of the pool is registered. */
  poolReady(): Promise<void>;
  /** Fails the describe at its end, for what failed while nobody waited. */
  failLater(error: unknown): void;
  /** What the suite asked for that means less here; shown as annotations, each once. */
  note(text: string): void;
}

let now: Scope | undefined;

/** The running scope. @throws XmtpTestError `COMPAT_OUTSIDE` where no `describe` runs */
export function scope(what: string): Scope {
  if (now) return now;
  throw new XmtpTestError(
    "COMPAT_OUTSIDE",
    `${what} was called outside of a describe.`,
    "Workers live as long as their describe: move the call into it, or into its beforeAll.",
  );
}

/** The running scope, if any. */
export function scopeIfAny(): Scope | undefined {
  return now;
}

/** Runs `body` in a scope. One at a time: a Playwright process runs one test at a time. */
export async function inScope<T>(given: Scope, body: () => Promise<T>): Promise<T> {
  now = given;
  try {
    return await body();
  } finally {
    now = undefined;
  }
}
