import { clearImmediate, clearTimeout, setImmediate, setTimeout } from "node:timers";
import { performance } from "node:perf_hooks";

/** Longest single timer, ms; Node turns more than 2^31 - 1 into 1. Longer waits re-arm. */
const LONGEST_MS = 1_000_000_000;
/** A deadline closer than this is met by polling the loop: a timer has 1 ms steps and would overshoot. */
const POLL_BELOW_MS = 0.5;

/** Milliseconds on the monotonic clock that every stage uses. */
export const now = (): number => performance.now();

/**
 * One pending deadline. Node's timers may fire up to 1 ms early (libuv issue 4773), so the deadline is
 * checked again and the alarm armed for the rest: `run` never runs before its time.
 */
export class Alarm {
  readonly #run: () => void;
  #deadline: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #poll: NodeJS.Immediate | undefined;

  constructor(run: () => void) {
    this.#run = run;
  }

  /** Arms the alarm for `deadline` (ms on {@link now}'s clock), in place of any earlier one. */
  at(deadline: number): void {
    if (this.#deadline === deadline) return;
    this.clear();
    this.#deadline = deadline;
    this.#arm(deadline - now());
  }

  clear(): void {
    this.#deadline = undefined;
    clearTimeout(this.#timer);
    clearImmediate(this.#poll);
  }

  #arm(remaining: number): void {
    if (remaining < POLL_BELOW_MS) {
      this.#poll = setImmediate(this.#check);
    } else {
      this.#timer = setTimeout(this.#check, Math.min(Math.max(1, Math.floor(remaining)), LONGEST_MS));
    }
  }

  readonly #check = (): void => {
    if (this.#deadline === undefined) return;
    const remaining = this.#deadline - now();
    if (remaining > 0) {
      this.#arm(remaining);
      return;
    }
    this.#deadline = undefined;
    this.#run();
  };
}
