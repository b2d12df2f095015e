import { redacted } from "./redaction.js";

/**
 * The one error class of this package. Its message reads "CODE: what happened (value). What to do.": the code comes
 * first wherever the message is shown, because the docs go by it.
 *
 * Secrets are blanked in it (see redaction.ts). `code` is stable and documented in docs/errors.md; `what` and `hint` are the two halves of the message.
 */
export class XmtpTestError extends Error {
  override readonly name = "XmtpTestError";
  /** For example "UNKNOWN_WORKER"; docs/errors.md lists them. */
  readonly code: string;
  /** What happened, with the value. */
  readonly what: string;
  /** What to do. */
  readonly hint: string;

  constructor(code: string, what: string, hint: string, options?: { cause?: unknown }) {
    const told = redacted(what);
    super(`${code}: ${told} ${hint}`.trimEnd(), options);
    this.code = code;
    this.what = told;
    this.hint = hint;
  }
}

/** The text of anything that was thrown, for messages and records. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return String(thrown);
}

/** Anything that was thrown, as an Error (the value itself where it is one already). */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Throws the one error there is, or several together with all their messages; does nothing where there is none. */
export function throwTogether(errors: readonly Error[]): void {
  // One cause that several came upon is one error.
  const different = [...new Set(errors)];
  const [only] = different;
  if (only && different.length === 1) throw only;
  if (different.length > 1)
    throw new AggregateError(different, different.map((error) => error.message).join("\n"));
}

/** A value as messages show it: text in quotes, a number as it is. */
export function valueText(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  try {
    // Undefined for a function and a symbol, whatever its type says.
    const json = JSON.stringify(value) as string | undefined;
    return json ?? Object.prototype.toString.call(value);
  } catch {
    // A circle, or a BigInt within: its kind has to do.
    return Object.prototype.toString.call(value);
  }
}
