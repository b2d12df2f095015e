import { base } from "../base-test.js";
import { XmtpTestError } from "../../errors.js";
import { runDescribe } from "../run-describe.js";
import { addChild, addHook, openSuite } from "./collecting.js";
import { registerAt } from "./location.js";
import { newSuite } from "./tree.js";
import type { Body, CaseContext, HookName, Mode } from "./tree.js";

/**
 * Deadline of a case that names none, ms, and the least one, however short the one it names. Such suites set theirs on
 * the command line, to hours: cases run for minutes, wait for a quarter of an hour, and take longer on a busy machine.
 */
const caseTimeoutMs = 3_600_000;
const leastTimeoutMs = 30_000;

/**
 * vitest's `describe`: one Playwright test, whose steps are the cases. Its body may be async. It runs when the test
 * does, so the workers that it makes live as long as it.
 *
 * Less than vitest's: `concurrent`, `sequential` and `shuffle` run in order.
 */
export interface DescribeFunction {
  (title: string, body: Body): void;
  /** vitest's options mean nothing here. */
  (title: string, options: object, body: Body): void;
}

/** vitest's `describe` with its modifiers. A describe inside another one is a part of the outer one's test. */
export interface Describe extends DescribeFunction {
  /** A skipped test; inside another describe, a step that says so. */
  readonly skip: DescribeFunction;
  /** Runs only this: as Playwright's `test.only`, or inside another describe, instead of the rest of it. */
  readonly only: DescribeFunction;
  /** A title without a body, shown as skipped. */
  readonly todo: (title: string) => void;
  /** The same as `describe`: cases always run in order. */
  readonly sequential: DescribeFunction;
  /** The same as `describe`: its cases share workers, so they run one after the other. */
  readonly concurrent: DescribeFunction;
  /** The same as `describe`: in the order of the file, so that a run can be repeated. */
  readonly shuffle: DescribeFunction;
  /** Skips where the condition holds. */
  skipIf(condition: unknown): DescribeFunction;
  /** Skips where the condition does not hold. */
  runIf(condition: unknown): DescribeFunction;
  /** One describe for each row; `%s` and its kin, `%#` and `$name` in the title are filled in. */
  each(rows: readonly unknown[]): (title: string, body: (...row: never[]) => unknown) => void;
}

/** What registers a test: Playwright's `test`, `test.skip` or `test.only`. */
type Register = (title: string, body: ReturnType<typeof runDescribe>) => void;

type CaseBody = (context: CaseContext) => unknown;

/** A case's options, as vitest has them; only `timeout` and `skip` mean something here. */
export interface CaseOptions {
  /** Deadline, ms. Default 3,600,000; less than 30,000 counts as 30,000. Then the case fails with `COMPAT_TIMEOUT`. */
  readonly timeout?: number;
  /** Skips the case. */
  readonly skip?: boolean;
}

/** vitest's `it`: a step of its describe. A failed one does not stop the next. */
export interface ItFunction {
  (title: string, body?: CaseBody, timeoutOrOptions?: number | CaseOptions): void;
  (title: string, options: CaseOptions, body?: CaseBody): void;
}

/** vitest's `it` with its modifiers. At the top level of a file, a case is a Playwright test of its own. */
export interface It extends ItFunction {
  /** Skips the case: a step (or test) that says so. */
  readonly skip: ItFunction;
  /** Runs only what is marked so in its outermost describe; other describes run all of theirs. */
  readonly only: ItFunction;
  /** A title without a body, shown as skipped. */
  readonly todo: (title: string) => void;
  /** Passes only where its body throws. */
  readonly fails: ItFunction;
  /** The same as `it`: cases always run in order. */
  readonly sequential: ItFunction;
  /** The same as `it`: cases of a describe share workers, so they run one after the other. */
  readonly concurrent: ItFunction;
  /** Skips where the condition holds. */
  skipIf(condition: unknown): ItFunction;
  /** Skips where the condition does not hold. */
  runIf(condition: unknown): ItFunction;
  /** One case for each row; `%s` and its kin, `%#` and `$name` in the title are filled in. */
  each(
    rows: readonly unknown[],
  ): (title: string, body: (...row: never[]) => unknown, timeoutOrOptions?: number | CaseOptions) => void;
}

/** vitest's hooks. A function that `beforeAll` or `beforeEach` returns is its teardown, in `beforeAll` only. */
export type HookFunction = (body: (context?: unknown) => unknown, timeout?: number) => void;

function registerOf(mode: Mode): Register {
  if (mode === "skip" || mode === "todo") return base.skip.bind(base);
  return mode === "only" ? base.only.bind(base) : base;
}

function describeIn(mode: Mode): DescribeFunction {
  const add = (title: string, second: object, third?: Body): void => {
    const body = typeof second === "function" ? (second as Body) : (third ?? (() => undefined));
    const suite = newSuite(title, mode, body);
    if (openSuite()) {
      addChild(suite);
      return;
    }
    registerAt(add, registerOf(mode), suite.title, runDescribe(suite));
  };
  return add;
}

function itIn(mode: Mode): ItFunction {
  const add = (
    title: string,
    second?: CaseBody | CaseOptions,
    third?: number | CaseOptions | CaseBody,
  ): void => {
    const body = [second, third].find((one): one is CaseBody => typeof one === "function");
    const given = [second, third].find(
      (one): one is number | CaseOptions => typeof one === "number" || typeof one === "object",
    );
    const options: CaseOptions = typeof given === "number" ? { timeout: given } : (given ?? {});
    const one = {
      kind: "case" as const,
      title,
      mode: body === undefined ? ("todo" as const) : options.skip === true ? ("skip" as const) : mode,
      body: body ?? (() => undefined),
      timeoutMs: Math.max(leastTimeoutMs, options.timeout ?? caseTimeoutMs),
    };
    if (openSuite()) {
      addChild(one);
      return;
    }
    const suite = newSuite("", "run", () =>
      addChild({ ...one, mode: one.mode === "fails" ? "fails" : "run" }),
    );
    registerAt(add, registerOf(one.mode), one.title, runDescribe(suite));
  };
  return add;
}

/** Row by row; `%s` and its kin, `$name` and `$0` in a title are filled in, as vitest does. */
function rowTitle(title: string, row: readonly unknown[], at: number): string {
  let next = 0;
  const first = row[0];
  return title
    .replace(/%([sdifjo#%])/g, (_, kind: string) =>
      kind === "%"
        ? "%"
        : kind === "#"
          ? String(at)
          : kind === "j" || kind === "o"
            ? JSON.stringify(row[next++])
            : String(row[next++]),
    )
    .replace(/\$([A-Za-z_]\w*)/g, (whole, name: string) =>
      typeof first === "object" && first !== null && name in first
        ? String((first as Record<string, unknown>)[name])
        : whole,
    );
}

const asRow = (row: unknown): readonly unknown[] => (Array.isArray(row) ? (row as unknown[]) : [row]);

const skip = describeIn("skip");

/**
 * One Playwright test, whose steps are the cases in it: its workers live until it ends. Several failed cases are one
 * error, `COMPAT_FAILED`; what failed unawaited fails it at its end, with `COMPAT_UNAWAITED`.
 */
export const describe: Describe = Object.assign(describeIn("run"), {
  skip,
  only: describeIn("only"),
  todo: (title: string) => skip(title, () => undefined),
  sequential: describeIn("run"),
  concurrent: describeIn("run"),
  shuffle: describeIn("run"),
  skipIf: (condition: unknown) => describeIn(condition ? "skip" : "run"),
  runIf: (condition: unknown) => describeIn(condition ? "run" : "skip"),
  each: (rows: readonly unknown[]) => (title: string, body: (...row: never[]) => unknown) => {
    rows.forEach((row, at) => {
      const values = asRow(row);
      describe(rowTitle(title, values, at), () => body(...(values as never[])));
    });
  },
});

const caseSkip = itIn("skip");

/**
 * A case: a step of its describe, or at the top level of a file a test of its own. If it fails, the next still runs.
 */
export const it: It = Object.assign(itIn("run"), {
  skip: caseSkip,
  only: itIn("only"),
  todo: (title: string) => itIn("todo")(title),
  fails: itIn("fails"),
  sequential: itIn("run"),
  concurrent: itIn("run"),
  skipIf: (condition: unknown) => itIn(condition ? "skip" : "run"),
  runIf: (condition: unknown) => itIn(condition ? "run" : "skip"),
  each:
    (rows: readonly unknown[]) =>
    (title: string, body: (...row: never[]) => unknown, more?: number | CaseOptions) => {
      rows.forEach((row, at) => {
        const values = asRow(row);
        it(rowTitle(title, values, at), () => body(...(values as never[])), more);
      });
    },
});

function hook(name: HookName): HookFunction {
  return (body, timeout) => {
    if (typeof body !== "function") {
      throw new XmtpTestError("COMPAT_REFUSED", `${name} got ${typeof body}.`, "Give it a function.");
    }
    addHook(name, { body, timeoutMs: Math.max(leastTimeoutMs, timeout ?? caseTimeoutMs) });
  };
}

/**
 * Before the cases of its describe; a function that it returns runs after them. If it fails, they are skipped.
 *
 * @throws XmtpTestError `COMPAT_OUTSIDE` at the top level of a file: workers live as long as their describe.
 *   `COMPAT_REFUSED` for what is not a function
 */
export const beforeAll = hook("beforeAll");
/**
 * After all cases of its describe, also where some failed; of several, the last one first.
 *
 * @throws XmtpTestError `COMPAT_OUTSIDE`, `COMPAT_REFUSED`, as `beforeAll`
 */
export const afterAll = hook("afterAll");
/**
 * Before each case of its describe and of those in it. A function that it returns is not called: use `afterEach`.
 *
 * @throws XmtpTestError `COMPAT_OUTSIDE`, `COMPAT_REFUSED`, as `beforeAll`
 */
export const beforeEach = hook("beforeEach");
/**
 * After each case of its describe and of those in it, whatever became of the case; of several, the last one first.
 *
 * @throws XmtpTestError `COMPAT_OUTSIDE`, `COMPAT_REFUSED`, as `beforeAll`
 */
export const afterEach = hook("afterEach");
