import { expect as base } from "../../../fixtures/index.js";
import { countAssertion, state, wantAssertions } from "./state.js";
import type { ExpectState } from "./state.js";
import { vitestMatchers } from "./matchers.js";

// Named by our own `expect`: left to TypeScript, the declaration would import a package that users do not have.
type Extended = ReturnType<typeof base.extend<typeof vitestMatchers>>;
const extended: Extended = base.extend(vitestMatchers);

/** What vitest's `expect` has beside the matchers. */
export interface ExpectExtras {
  /** The running case's title and its assertions so far. vitest's own knows more. */
  getState(): ExpectState;
  /** Fails here and now. */
  fail(message?: string): never;
  /** Fails: the line must not be reached. */
  unreachable(message?: string): never;
  /** The case must make this many assertions. */
  assertions(count: number): void;
  /** The case must make at least one assertion. */
  hasAssertions(): void;
}

const fail = (message = "This line must not be reached."): never => {
  throw new Error(message);
};

const extras: ExpectExtras = {
  getState: state,
  fail,
  unreachable: fail,
  assertions: wantAssertions,
  hasAssertions: () => wantAssertions("some"),
};

/** Assertions by another name: vitest counts them too. */
const counted: ReadonlySet<PropertyKey> = new Set(["soft", "poll"]);

/**
 * Playwright's `expect` with this package's matchers, and what vitest suites use beside: `getState`, `assertions`,
 * `toBeTypeOf`, `toBeOneOf`, `toSatisfy`. Without vitest's snapshots and spies.
 */
export const expect = new Proxy(extended, {
  apply: (target, self, args: Parameters<typeof extended>) => {
    countAssertion();
    return Reflect.apply(target, self, args) as object;
  },
  get: (target, name): unknown => {
    const found = Reflect.get(Object.hasOwn(extras, name) ? extras : target, name) as unknown;
    if (!counted.has(name) || typeof found !== "function") return found;
    return (...args: unknown[]): unknown => {
      countAssertion();
      return Reflect.apply(found, target, args) as unknown;
    };
  },
}) as ExpectExtras & Extended;
