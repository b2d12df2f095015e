import { test } from "../../../fixtures/index.js";
import { toError, XmtpTestError } from "../../errors.js";
import { within } from "../../async/deadline.js";
import { endAssertions, setCase, startAssertions } from "../expect/state.js";
import { hasOnly } from "./tree.js";
import type { Case, Hook, Suite } from "./tree.js";
import { collect } from "./collecting.js";

/** What became of the cases. */
export interface Outcome {
  passed: number;
  readonly failures: { readonly title: string; readonly error: Error }[];
}

class Skipped extends Error {}

/** Deadline of hooks and describe bodies, ms: they make the workers. */
const hookTimeoutMs = 300_000;

/** Collects a describe and runs its cases, one after the other; a failed case does not stop the next one. */
export async function runSuite(suite: Suite): Promise<Outcome> {
  await within(collect(suite), hookTimeoutMs, "COMPAT_TIMEOUT", `The body of "${suite.title}" goes on`, late);
  const outcome: Outcome = { passed: 0, failures: [] };
  await runChildren(suite, [], { outcome, only: hasOnly(suite) });
  return outcome;
}

const late = "A call in it never settles; is a line cut, or a stream waited for that nobody feeds?";

interface Run {
  readonly outcome: Outcome;
  readonly only: boolean;
}

async function runChildren(suite: Suite, above: readonly Suite[], run: Run): Promise<void> {
  const line = [...above, suite];
  const undo: Hook[] = [];
  let broken: Error | undefined;
  try {
    for (const hook of suite.hooks.beforeAll) {
      const teardown = await runHook("beforeAll", hook);
      // vitest takes a function that a hook returns for its teardown.
      if (typeof teardown === "function")
        undo.push({ body: teardown as () => unknown, timeoutMs: hook.timeoutMs });
    }
  } catch (error) {
    broken = toError(error);
    run.outcome.failures.push({ title: titleOf(line, "beforeAll"), error: broken });
  }
  for (const child of suite.children) {
    const run1 = child.mode === "only" ? { ...run, only: false } : run;
    if (child.kind === "suite") {
      if (child.mode === "skip" || broken) await skip(titleOf(line, child.title));
      else await runChildren(child, line, run1);
    } else if (broken || child.mode === "skip" || child.mode === "todo" || run1.only) {
      await skip(titleOf(line, child.title));
    } else {
      await runCase(child, line, run.outcome);
    }
  }
  for (const hook of [...undo.reverse(), ...[...suite.hooks.afterAll].reverse()]) {
    try {
      await runHook("afterAll", hook);
    } catch (error) {
      run.outcome.failures.push({ title: titleOf(line, "afterAll"), error: toError(error) });
    }
  }
}

async function runCase(one: Case, line: readonly Suite[], outcome: Outcome): Promise<void> {
  const title = titleOf(line, one.title);
  setCase(title);
  try {
    const body = async (): Promise<void> => await attempt(one, line);
    const failed = await failureOf(test.step(title, body));
    if (failed instanceof Skipped) return;
    if (one.mode === "fails" && !failed)
      outcome.failures.push({ title, error: new Error(`"${title}" was marked to fail, and passed.`) });
    else if (one.mode !== "fails" && failed) outcome.failures.push({ title, error: failed });
    else outcome.passed += 1;
  } finally {
    setCase(undefined);
  }
}

/** One case with its hooks. `afterEach` runs whatever became of the case. */
async function attempt(one: Case, line: readonly Suite[]): Promise<void> {
  let failed: Error | undefined;
  try {
    for (const suite of line) for (const hook of suite.hooks.beforeEach) await runHook("beforeEach", hook);
    startAssertions();
    const context = {
      task: { name: one.title },
      skip: (note?: string): never => {
        throw new Skipped(note);
      },
    };
    await within(
      Promise.resolve(one.body(context)),
      one.timeoutMs,
      "COMPAT_TIMEOUT",
      `"${one.title}" goes on`,
      late,
    );
    endAssertions();
  } catch (error) {
    failed = toError(error);
  }
  for (const suite of [...line].reverse())
    for (const hook of [...suite.hooks.afterEach].reverse()) {
      const after = await failureOf(runHook("afterEach", hook));
      failed ??= after;
    }
  if (failed) throw failed;
}

async function runHook(name: string, { body, timeoutMs }: Hook): Promise<unknown> {
  return await within(Promise.resolve(body({})), timeoutMs, "COMPAT_TIMEOUT", `${name} goes on`, late);
}

async function failureOf(work: Promise<unknown>): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return toError(error);
  }
}

async function skip(title: string): Promise<void> {
  await test.step(`skipped: ${title}`, () => Promise.resolve());
}

function titleOf(line: readonly Suite[], title: string): string {
  return [...line.map((suite) => suite.title), title].join(" > ");
}

/** One error for all that failed: the first one's own where it is alone. @throws Error */
export function throwFailures({ failures, passed }: Outcome): void {
  const [first] = failures;
  if (!first) return;
  if (failures.length === 1) {
    const { error, title } = first;
    // A code stays in front: the docs go by it.
    const head = error instanceof XmtpTestError ? `${error.code}: ` : "";
    error.message = `${head}${title}: ${error.message.slice(head.length)}`;
    throw error;
  }
  const list = failures.map(({ title, error }) => `\n  ${title}\n${indent(error.message)}`).join("\n");
  throw new XmtpTestError(
    "COMPAT_FAILED",
    `${failures.length} of ${failures.length + passed} cases failed:${list}\n`,
    "Each case is a step of this test; its own stack is there.",
    { cause: first.error },
  );
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
