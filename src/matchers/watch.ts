/** How matchers wait: by the ledger's own events, never by sleeping. */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from "node:timers";
import { errorText } from "../errors.js";
import type { LedgerReader } from "../ledger/events.js";

/** What a look at the ledger says about the expectation. `final`: nothing that may still come changes it. */
export interface Look {
  readonly holds: boolean;
  readonly final: boolean;
}

/** Resolves with the last look, when `done` or when `timeoutMs` have passed; looks again after every event. */
export async function watch<T>(
  ledger: LedgerReader,
  timeoutMs: number,
  look: () => T,
  done: (look: T) => boolean,
): Promise<{ readonly look: T; readonly timedOut: boolean }> {
  const first = look();
  if (done(first)) return { look: first, timedOut: false };
  return await new Promise((resolve, reject) => {
    let scheduled: NodeJS.Immediate | undefined;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      clearImmediate(scheduled);
      unsubscribe();
      settle();
    };
    const again = (timedOut: boolean): void => {
      scheduled = undefined;
      try {
        const now = look();
        if (done(now)) finish(() => resolve({ look: now, timedOut: false }));
        else if (timedOut) finish(() => resolve({ look: now, timedOut }));
      } catch (error) {
        finish(() => reject(error instanceof Error ? error : new Error(errorText(error))));
      }
    };
    // A burst of events is looked at once.
    const unsubscribe = ledger.subscribe(() => (scheduled ??= setImmediate(() => again(false))));
    const timer = setTimeout(() => again(true), timeoutMs);
  });
}

/** The promise's value, or `late()` when it is still open after `timeoutMs`. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), timeoutMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
