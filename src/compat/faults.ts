import { errorText, toError, XmtpTestError } from "../errors.js";

/**
 * Faults that were asked for by calls that do not wait, in order. The suites' own injectors are shell commands that
 * block; here every call of a client waits until the faults asked for before it are on.
 */
export class FaultQueue {
  #tail: Promise<void> = Promise.resolve();
  readonly #errors: Error[] = [];
  readonly #note: (text: string) => void;

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  /** Does this after all that was asked for before. */
  add(work: () => Promise<unknown>): void {
    this.#tail = this.#tail.then(async () => {
      try {
        await work();
      } catch (error) {
        // Loss of all bytes hides a delay: the delay would change nothing, so nothing is missing.
        if (error instanceof XmtpTestError && error.code === "CHAOS_MASKED") this.#note(errorText(error));
        else this.#errors.push(toError(error));
      }
    });
  }

  /** Resolves when no fault is being put on or taken off. */
  async settled(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.#tail) {
      seen = this.#tail;
      await seen;
    }
  }

  /** What could not be put on or taken off. */
  takeErrors(): Error[] {
    return this.#errors.splice(0);
  }
}
