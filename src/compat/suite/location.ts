import { Script } from "node:vm";

/** Where a function was called: file (a path or a `file:` URL), line and column, from 1. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Registers a test from a place of the caller's own. */
type Register<A extends readonly unknown[]> = (register: (...args: A) => void, ...args: A) => void;

/**
 * Calls `register` as if from the place that called `from`. Playwright takes a test's file and line from the frame that
 * calls `test()`: that would be a file of this package, for every describe.
 */
export function registerAt<A extends readonly unknown[]>(
  from: object,
  register: (...args: A) => void,
  ...args: A
): void {
  const place = callerOf(from);
  if (!place) {
    register(...args);
    return;
  }
  const script = new Script("(register, ...args) => register(...args)", {
    filename: place.file,
    lineOffset: place.line - 1,
    columnOffset: place.column - 1,
  });
  (script.runInThisContext() as Register<A>)(register, ...args);
}

function callerOf(from: object): Place | undefined {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const holder: { stack?: unknown } = {};
  Error.prepareStackTrace = (_, frames): unknown => frames[0];
  try {
    Error.captureStackTrace(holder, from as () => unknown);
    const frame = holder.stack as NodeJS.CallSite | undefined;
    const file = frame?.getFileName();
    const line = frame?.getLineNumber();
    const column = frame?.getColumnNumber();
    return file && line && column ? { file, line, column } : undefined;
  } finally {
    if (before) Object.defineProperty(Error, "prepareStackTrace", before);
    else Reflect.deleteProperty(Error, "prepareStackTrace");
  }
}
