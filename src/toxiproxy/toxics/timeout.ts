import { Alarm, now } from "./alarm.js";
import { Stage } from "./stage.js";
import type { Chunk } from "./stage.js";

/** `timeout` in ms; 0 or less never closes. */
export interface TimeoutSettings {
  readonly timeout: number;
}

/** Drops all data, and closes the connection after `timeout` ms without any. */
export class TimeoutStage extends Stage<TimeoutSettings> {
  readonly #alarm = new Alarm(() => this.finish());
  #dropped = 0;

  override get full(): boolean {
    return false;
  }

  /** Bytes dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Starts the wait: an idle connection times out too. */
  start(): void {
    if (this.settings.timeout > 0) this.#alarm.at(now() + this.settings.timeout);
  }

  override update(settings: TimeoutSettings): void {
    this.settings = settings;
    this.#alarm.clear();
    this.start();
  }

  /** Bytes are missing from the stream by now, so removal closes the connection, as the reference. */
  override remove(): void {
    this.finish();
  }

  override dispose(): void {
    this.#alarm.clear();
  }

  protected override accept(chunk: Chunk): void {
    this.#dropped += chunk.data.length;
    this.start();
  }

  protected override work(): void {
    this.finishIfDrained();
  }
}
