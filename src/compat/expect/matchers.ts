import type { ExpectMatcherState } from "@playwright/test";
import { inspect } from "node:util";
import { matchers } from "../../../fixtures/index.js";

/** A matcher's result, as `expect.extend` wants it. */
export interface Result {
  readonly pass: boolean;
  message(): string;
}

function result(pass: boolean, actual: unknown, what: string): Result {
  return { pass, message: () => `Expected ${inspect(actual)} ${pass ? "not " : ""}${what}.` };
}

/** vitest's matchers that Playwright's `expect` lacks. */
export const vitestMatchers = {
  /** `typeof` of the value. */
  toBeTypeOf(actual: unknown, type: string): Result {
    return result(typeof actual === type, actual, `to be of type "${type}" (it is "${typeof actual}")`);
  },
  /** One of these values, by identity; `undefined` and `null` count. */
  toBeOneOf(actual: unknown, values: readonly unknown[] | ReadonlySet<unknown>): Result {
    const all = [...values];
    return result(all.includes(actual), actual, `to be one of ${inspect(all)}`);
  },
  /**
   * A predicate holds.
   *
   * Playwright keeps one list of matchers for a whole process, whatever `expect` they were added to: where workers are
   * judged, by this `expect` or the package's own, the name means what it means there.
   */
  toSatisfy(
    this: unknown,
    actual: unknown,
    predicate: (value: never) => unknown,
    message?: unknown,
    ...more: unknown[]
  ): Result {
    if (areWorkers(actual)) {
      const oracles = [predicate, message, ...more].filter((one) => one !== undefined) as never[];
      return matchers.toSatisfy.call(this as ExpectMatcherState, actual, ...oracles) as never;
    }
    return result(
      Boolean(predicate(actual as never)),
      actual,
      typeof message === "string" ? message : "to satisfy the predicate",
    );
  },
};

function areWorkers(value: unknown): value is Parameters<typeof matchers.toSatisfy>[0] {
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value)) return false;
  const all = [...(value as Iterable<{ worker?: { events?: { events?: unknown } } } | null>)];
  return all.length > 0 && all.every((one) => Array.isArray(one?.worker?.events?.events));
}
