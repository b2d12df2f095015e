import { Alarm, now } from "./alarm.js";
import { Stage } from "./stage.js";

/** `timeout` in ms between the first data and the reset. */
export interface ResetPeerSettings {
  readonly timeout: number;
}

/**
 * On the first data (or end) of its direction waits `timeout` ms, then resets both peers with RST.
 * What arrives meanwhile is held, so that removal before the reset gives it back.
 */
export class ResetPeerStage extends Stage<ResetPeerSettings> {
  readonly #reset: () => void;
  readonly #alarm = new Alarm(() => this.#fire());
  #since: number | undefined;

  constructor(settings: ResetPeerSettings, reset: () => void) {
    super(settings);
    this.#reset = reset;
  }

  override update(settings: ResetPeerSettings): void {
    this.#alarm.clear();
    super.update(settings);
  }

  override dispose(): void {
    this.#alarm.clear();
  }

  protected override work(): void {
    if (this.queue.length === 0 && !this.inputEnded) return;
    this.#since ??= now();
    if (this.settings.timeout <= 0) this.#fire();
    else this.#alarm.at(this.#since + this.settings.timeout);
  }

  #fire(): void {
    this.dispose();
    this.queue.length = 0;
    this.#reset();
  }
}
