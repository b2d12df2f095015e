import { Alarm } from "./alarm.js";
import { Stage } from "./stage.js";
import type { Chunk } from "./stage.js";

/** A chunk that waits for its time. */
export interface Waiting {
  readonly chunk: Chunk;
}

/** A stage that holds chunks until an alarm of its own: their queue, and how it is left. */
export abstract class DelayingStage<Settings, Held extends Waiting> extends Stage<Settings> {
  readonly #alarm = new Alarm(() => this.pump());
  protected readonly waiting: Held[] = [];

  /** Looks again at this time, ms. */
  protected lookAgainAt(due: number): void {
    this.#alarm.at(due);
  }

  override remove(): void {
    this.queue.push(...this.waiting.splice(0).map(({ chunk }) => chunk));
    super.remove();
  }

  override dispose(): void {
    this.#alarm.clear();
    this.waiting.length = 0;
  }

  protected override work(): void {
    for (;;) {
      const head = this.waiting[0];
      if (!head) {
        this.finishIfDrained();
        return;
      }
      if (!this.forward(head)) return;
    }
  }

  /** Hands on what may go of the head of the queue. @returns false when it must wait */
  protected abstract forward(head: Held): boolean;
}
