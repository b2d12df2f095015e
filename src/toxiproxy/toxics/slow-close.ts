import { Alarm, now } from "./alarm.js";
import { Stage } from "./stage.js";

/** `delay` in ms. */
export interface SlowCloseSettings {
  readonly delay: number;
}

/** Passes data, and holds back the end of its direction for `delay` ms. */
export class SlowCloseStage extends Stage<SlowCloseSettings> {
  readonly #alarm = new Alarm(() => this.finish());
  #waiting = false;

  /** As the reference: a change while the end is held starts the delay again. */
  override update(settings: SlowCloseSettings): void {
    this.#waiting = false;
    super.update(settings);
  }

  override dispose(): void {
    this.#alarm.clear();
  }

  protected override work(): void {
    while (this.queue.length > 0 && !this.next.full) {
      const chunk = this.queue.shift();
      if (chunk) this.next.push(chunk);
    }
    if (!this.inputEnded || this.queue.length > 0 || this.#waiting) return;
    this.#waiting = true;
    this.#alarm.at(now() + Math.max(0, this.settings.delay));
  }
}
