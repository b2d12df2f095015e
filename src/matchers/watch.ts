/** How matchers wait: by the ledger's own events, never by sleeping. */
import { clearImmediate, setImmediate } from "node:timers";
import { after } from "../async/timeout.js";
import { errorText } from "../errors.js";
import type { LedgerReader } from "../ledger/events.js";

/** What a look at the ledger says about the expectation. `final`: nothing that may still come changes it. */
export interface Look {
  readonly holds: boolean;
  readonly final: boolean;
}

/**
 * Resolves with the last look, when `done` or when `timeoutMs` have passed (`Infinity`: no limit); looks again after
 * every event.
 */
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
      cancel();
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
    const cancel = after(timeoutMs, () => again(true));
  });
}

/** The promise's value, or `late()` when it is still open after `timeoutMs`. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, late: () => T): Promise<T> {
  let cancel = (): void => undefined;
  const deadline = new Promise<T>((resolve) => {
    cancel = after(timeoutMs, () => resolve(late()));
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    cancel();
  }
}
