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
  (title: string, options: object, body: Body): void;
}

export interface Describe extends DescribeFunction {
  readonly skip: DescribeFunction;
  readonly only: DescribeFunction;
  readonly todo: (title: string) => void;
  readonly sequential: DescribeFunction;
  readonly concurrent: DescribeFunction;
  readonly shuffle: DescribeFunction;
  skipIf(condition: unknown): DescribeFunction;
  runIf(condition: unknown): DescribeFunction;
  each(rows: readonly unknown[]): (title: string, body: (...row: never[]) => unknown) => void;
}

/** What registers a test: Playwright's `test`, `test.skip` or `test.only`. */
type Register = (title: string, body: ReturnType<typeof runDescribe>) => void;

type CaseBody = (context: CaseContext) => unknown;

/** A case's options, as vitest has them; only `timeout` and `skip` mean something here. */
export interface CaseOptions {
  readonly timeout?: number;
  readonly skip?: boolean;
}

/** vitest's `it`: a step of its describe. A failed one does not stop the next. */
export interface ItFunction {
  (title: string, body?: CaseBody, timeoutOrOptions?: number | CaseOptions): void;
  (title: string, options: CaseOptions, body?: CaseBody): void;
}

export interface It extends ItFunction {
  readonly skip: ItFunction;
  readonly only: ItFunction;
  readonly todo: (title: string) => void;
  readonly fails: ItFunction;
  readonly sequential: ItFunction;
  readonly concurrent: ItFunction;
  skipIf(condition: unknown): ItFunction;
  runIf(condition: unknown): ItFunction;
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
    const suite = newSuite("", "run", () => addChild({ ...one, mode: "run" }));
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

export const beforeAll = hook("beforeAll");
export const afterAll = hook("afterAll");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");
