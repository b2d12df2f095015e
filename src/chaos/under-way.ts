import { setMaxListeners } from "node:events";
import { XmtpTestError } from "../errors.js";

/** Verbs and plans that have not settled yet, so that nothing of them can go on after the faults were lifted. */
export class UnderWay {
  readonly #work = new Set<Promise<unknown>>();
  #stopping = stopper();
  #closed = false;

  /**
   * Runs a verb or a plan.
   *
   * @param work gets a signal that ends it early
   * @throws XmtpTestError `CHAOS_ENDED` after {@link close}
   */
  async track<T>(work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closed) {
      throw new XmtpTestError(
        "CHAOS_ENDED",
        "The test has ended, and its faults have been removed.",
        "Await each verb of `chaos` within the test.",
      );
    }
    const running = work(this.#stopping.signal);
    this.#work.add(running);
    try {
      return await running;
    } finally {
      this.#work.delete(running);
    }
  }

  /** Ends plans, and waits until everything under way has settled, whatever came of it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
    this.#stopping = stopper();
  }

  /** From now on nothing starts. */
  close(): void {
    this.#closed = true;
  }
}

function stopper(): AbortController {
  const controller = new AbortController();
  // Every step of every plan listens.
  setMaxListeners(0, controller.signal);
  return controller;
}
