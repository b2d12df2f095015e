import { XmtpTestError } from "../../errors.js";
import { after, timeoutOf } from "../../async/timeout.js";
import type { TimeoutOption } from "../../async/timeout.js";

/** How a fault for everybody is watched and taken back. */
export interface FaultControl {
  onFaultTaken(listener: (id: number, taken: number) => void): () => void;
  liftFault(id: number): Promise<number>;
}

/**
 * A fault at the embedded node for every client, as its verbs `failCalls`, `loseReplies`, `delayCalls`,
 * `…Deliveries`, `dropStreams`, `muteStreams` and `isolate` return it. The test's end removes it, whether it hit anything or not.
 */
export class NetworkFault implements AsyncDisposable {
  /** For example "failCalls SendGroupMessages". */
  readonly what: string;
  readonly #control: FaultControl;
  readonly #early = new Map<number, number>();
  readonly #waiting = new Set<() => void>();
  readonly #unhear: () => void;
  #id: number | undefined;
  #hits = 0;
  #lifted: Promise<void> | undefined;

  private constructor(what: string, control: FaultControl) {
    this.what = what;
    this.#control = control;
    this.#unhear = control.onFaultTaken((id, taken) => {
      // A call may be hit before its id is known here.
      if (this.#id === undefined) this.#early.set(id, taken);
      else if (id === this.#id) this.#count(taken);
    });
  }

  /** @internal */
  static async arm(what: string, control: FaultControl, arm: () => Promise<number>): Promise<NetworkFault> {
    const fault = new NetworkFault(what, control);
    try {
      fault.#id = await arm();
    } catch (error) {
      fault.#unhear();
      throw error;
    }
    fault.#count(fault.#early.get(fault.#id) ?? 0);
    return fault;
  }

  /** Hears nothing more of the node, which has removed it. @internal */
  forget(): void {
    this.#unhear();
  }

  /** How many calls or deliveries it has hit. */
  hits(): number {
    return this.#hits;
  }

  /**
   * Resolves once it has hit a call or a delivery.
   *
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` after the timeout (default 10,000 ms; 0 or `Infinity`: no limit)
   */
  async waitForHit(options: TimeoutOption = {}): Promise<void> {
    const timeout = timeoutOf(options, 10_000);
    if (this.#hits > 0) return;
    await new Promise<void>((resolve, reject) => {
      const stop = after(timeout, () => {
        this.#waiting.delete(hit);
        reject(this.#notEffective(`within ${timeout} ms`));
      });
      const hit = (): void => {
        stop();
        this.#waiting.delete(hit);
        resolve();
      };
      this.#waiting.add(hit);
    });
  }

  /**
   * Removes it; calls and deliveries that it holds go on. Idempotent.
   *
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` when it has hit nothing
   */
  lift(): Promise<void> {
    this.#lifted ??= this.#lift();
    return this.#lifted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lift();
  }

  async #lift(): Promise<void> {
    if (this.#id !== undefined) this.#count(await this.#control.liftFault(this.#id));
    this.#unhear();
    if (this.#hits === 0) throw this.#notEffective("before it was removed");
  }

  #count(taken: number): void {
    this.#hits = Math.max(this.#hits, taken);
    if (this.#hits > 0) for (const hit of [...this.#waiting]) hit();
  }

  #notEffective(when: string): XmtpTestError {
    return new XmtpTestError(
      "FAULT_NOT_EFFECTIVE",
      `The fault "${this.what}" for every client hit nothing ${when}.`,
      "Did anybody make such calls, or have such streams open, while it was active?",
    );
  }
}
