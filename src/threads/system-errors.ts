import { XmtpTestError, errorText } from "../errors.js";

/** What to do about an error of the operating system, by its code. */
const HINTS: Readonly<Record<string, string>> = {
  EMFILE: "The process has no file descriptors left: raise `ulimit -n`, or run fewer tests at once.",
  ENFILE: "The system has no file descriptors left: end what holds them, or raise its limit (fs.file-max).",
  ENOSPC: "The disk is full: make room there, or choose another folder.",
  EDQUOT: "The disk quota is used up: make room there, or choose another folder.",
  ENOENT: "Its folder is missing: make it first, or choose another.",
  ENOTDIR: "A part of its path is a file: choose another path.",
  EACCES: "Access is denied: choose a path that this user may write.",
  EPERM: "Access is denied: choose a path that this user may write.",
  EROFS: "The disk is read-only: choose another path.",
  ENOMEM: "The system has no memory left: run fewer tests at once.",
  EAGAIN: "The system starts no more threads: raise `ulimit -u`, or run fewer tests at once.",
};

/** What to do about an error of the system; undefined for all else. Looks at its causes and its text too. */
export function systemHint(thrown: unknown): string | undefined {
  for (let error = thrown, depth = 0; error !== undefined && depth < 5; depth++) {
    const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
    const named = typeof code === "string" && Object.hasOwn(HINTS, code) ? code : undefined;
    const hint = HINTS[named ?? /\b(E[A-Z]{4,8})\b/u.exec(errorText(error))?.[1] ?? ""];
    if (hint !== undefined) return hint;
    error = cause;
  }
  return undefined;
}

/**
 * A file that the system does not let us use, as an error that says which and what to do.
 *
 * @param what "state file", "snapshot" ...
 */
export function fileError(what: string, file: string, thrown: unknown, code = "FILE_ACCESS"): XmtpTestError {
  return new XmtpTestError(
    code,
    `The ${what} ${file} cannot be used (${errorText(thrown)}).`,
    systemHint(thrown) ?? "Choose another path.",
    { cause: thrown },
  );
}
