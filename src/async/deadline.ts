import { XmtpTestError } from "../errors.js";
import { after } from "./timeout.js";

/**
 * Waits for `work` at most `timeoutMs` (`Infinity`: no limit).
 *
 * @throws XmtpTestError `code` with what was waited for; the work itself goes on, its late rejection is consumed
 */
export async function within<T>(
  work: Promise<T>,
  timeoutMs: number,
  code: string,
  what: string | (() => string),
  hint: string,
): Promise<T> {
  let stop = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    stop = after(timeoutMs, () =>
      reject(
        new XmtpTestError(
          code,
          `${typeof what === "string" ? what : what()} (waited ${timeoutMs} ms).`,
          hint,
        ),
      ),
    );
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop();
  }
}
