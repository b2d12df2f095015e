import { XmtpTestError } from "../errors.js";

/** A call that has not settled yet. */
interface Call {
  readonly what: string;
  /** Made where the call was, for its stack. */
  readonly at: Error;
  told: boolean;
}

const calls = new Set<Call>();
let watching = false;

/**
 * Runs a verb of a worker, or a matcher, so that the end of the test knows of it.
 *
 * What a test forgot to await fails later, while the next test runs, and Playwright blames that one. So a call that
 * is still under way at the end is told then, with its place. What becomes of it afterwards is told to nobody: its
 * promise stays open.
 */
export async function underWay<T>(what: string, work: () => Promise<T>): Promise<T> {
  if (!watching) return await work();
  const call: Call = { what, at: placed(), told: false };
  calls.add(call);
  try {
    return await work();
  } catch (error) {
    if (call.told) return await new Promise<never>(() => undefined);
    throw error;
  } finally {
    calls.delete(call);
  }
}

/** A test begins: from now on calls are watched. */
export function watchCalls(): void {
  watching = true;
}

/** The test ends. @returns an error `NOT_AWAITED` for each call that is still under way */
export function takeUnawaited(): XmtpTestError[] {
  const open = [...calls];
  calls.clear();
  return open.map((call) => {
    call.told = true;
    return new XmtpTestError(
      "NOT_AWAITED",
      `${call.what} was still under way when its test ended (${placeOf(call.at)}).`,
      "Write await before it.",
    );
  });
}

function placed(): Error {
  const { stackTraceLimit } = Error;
  // Playwright's steps lie between the test and the call.
  Error.stackTraceLimit = 60;
  const at = new Error("a call");
  Error.stackTraceLimit = stackTraceLimit;
  return at;
}

/** This package's own folders, Playwright's, and Node's: a test is in none of them. */
const inner =
  /node:|[\\/]node_modules[\\/]|[\\/](?:dist|src)[\\/](?:src[\\/])?(?:async|workers|matchers|playwright)[\\/]/;

function placeOf({ stack = "" }: Error): string {
  const frames = stack.split("\n").filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  const mine = frames.find((line) => !inner.test(line)) ?? "";
  return /\(?([^()\s]+:\d+:\d+)\)?$/.exec(mine)?.[1]?.replace(/^file:\/\//, "") ?? "where is not known";
}
