import { clearTimeout, setTimeout } from "node:timers";
import { XmtpTestError } from "../errors.js";

/**
 * Waits for `work` at most `timeoutMs`.
 *
 * @throws XmtpTestError `code` with what was waited for; the work itself goes on, its late rejection is consumed
 */
export async function within<T>(
  work: Promise<T>,
  timeoutMs: number,
  code: string,
  what: string,
  hint: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new XmtpTestError(code, `${what} (waited ${timeoutMs} ms).`, hint)),
      timeoutMs,
    );
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
