import { inspect } from "node:util";

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
  /** A predicate holds. */
  toSatisfy(
    actual: unknown,
    predicate: (value: never) => unknown,
    message = "to satisfy the predicate",
  ): Result {
    return result(Boolean(predicate(actual as never)), actual, message);
  },
};
