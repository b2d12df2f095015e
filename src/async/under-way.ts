import { toError, XmtpTestError } from "../errors.js";

/** A call that has not settled yet. */
interface Call {
  readonly what: string;
  /** Made where the call was, for its stack. */
  readonly at: Error;
  /** Ends the wait; what becomes of the call afterwards is told to nobody. */
  readonly end: (error: Error) => void;
  /** The wait is never ended. */
  readonly leave: () => void;
}

const calls = new Set<Call>();
let watching = false;

/**
 * Runs a verb of a worker, or a matcher, so that the end of the test knows of it.
 *
 * What a test forgot to await fails later, while the next test runs, and Playwright blames that one. So the wait of a
 * call that is still under way at the end fails then: where nobody awaits it, that is an unhandled rejection of the
 * test that made it. Who lost a race, say, has its rejection handled, and nothing is told.
 */
export async function underWay<T>(what: string, work: () => Promise<T>): Promise<T> {
  if (!watching) return await work();
  return await new Promise<T>((resolve, reject) => {
    let open = true;
    const settle = (how: () => void): void => {
      calls.delete(call);
      if (open) how();
      open = false;
    };
    const call: Call = {
      what,
      at: placed(),
      end: (error) => settle(() => reject(error)),
      leave: () => settle(() => undefined),
    };
    calls.add(call);
    work().then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(toError(error))),
    );
  });
}

/** A test begins: from now on calls are watched. */
export function watchCalls(): void {
  watching = true;
}

/** The test ends: what is under way fails with `NOT_AWAITED`, each with the place of its call. */
export function endUnawaited(): void {
  for (const { what, at, end } of [...calls]) {
    const frames = framesOf(at);
    const place = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(frames[0] ?? "")?.[1]?.replace(/^file:\/\//, "");
    const error = new XmtpTestError(
      "NOT_AWAITED",
      `${what} was still under way when its test ended (${place ?? "where is not known"}).`,
      "Write await before it.",
    );
    error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
    end(error);
  }
}

/** The test has failed already, or may leave things behind: what is under way is forgotten. */
export function leaveUnawaited(): void {
  for (const { leave } of [...calls]) leave();
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

function framesOf({ stack = "" }: Error): string[] {
  return stack.split("\n").filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line) && !inner.test(line));
}
