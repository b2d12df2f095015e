import { errorText, throwTogether, XmtpTestError } from "../../errors.js";
import { patternFits } from "../../ledger/content.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";

/**
 * Errors that no caller was waiting for: a stream that died, a sync loop that threw, an unawaited
 * `startStream`. Each is kept with its owner and raised once, at the worker's next verb or at teardown.
 *
 * An error while a fault is on this worker is what the test asked for: it is recorded, never raised.
 */
export class BackgroundFailures {
  readonly #events: WorkerLedger;
  readonly #owner: () => { installationId: string; inboxId: string };
  readonly #pending: Error[] = [];
  readonly #tolerated: RegExp[] = [];

  constructor(events: WorkerLedger, owner: () => { installationId: string; inboxId: string }) {
    this.#events = events;
    this.#owner = owner;
  }

  /** Accepts background errors whose text matches `pattern` for the rest of the test. */
  tolerate(pattern: RegExp): void {
    this.#tolerated.push(pattern);
  }

  /** Ends `tolerate`: a worker that outlives its test begins the next one without. */
  forgetTolerated(): void {
    this.#tolerated.length = 0;
  }

  /** Records an error of `what` (for example "message stream"). */
  add(what: string, error: unknown): void {
    const { worker } = this.#events;
    const text = errorText(error);
    const faults = this.#events.ledger.activeFaults(worker);
    const excused = faults.length > 0 || this.#tolerated.some((pattern) => patternFits(pattern, text));
    this.#events.append({
      kind: "lifecycle",
      worker,
      ...this.#owner(),
      state: "error",
      detail: `${what}: ${text}`,
    });
    if (excused) return;
    this.#pending.push(
      new XmtpTestError(
        "BACKGROUND_FAILURE",
        `${worker}'s ${what} failed in the background (${text}).`,
        `If the test expects this, call ${worker}.tolerate(/…/) first.`,
        { cause: error },
      ),
    );
  }

  /** Raises what is pending, if anything, and forgets it. */
  raise(): void {
    throwTogether(this.take());
  }

  /** Hands over what is pending and forgets it. */
  take(): Error[] {
    return this.#pending.splice(0);
  }
}
