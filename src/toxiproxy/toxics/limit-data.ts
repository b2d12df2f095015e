import { Stage } from "./stage.js";

/** `bytes` per connection. */
export interface LimitDataSettings {
  readonly bytes: number;
}

/** Passes exactly `bytes` bytes of its direction, then closes; 0 closes on the first data. */
export class LimitDataStage extends Stage<LimitDataSettings> {
  #passed = 0;

  override dispose(): void {
    // Holds no timer.
  }

  protected override work(): void {
    while (this.queue.length > 0 && !this.next.full) {
      const chunk = this.queue.shift();
      if (!chunk) break;
      const left = Math.max(0, this.settings.bytes - this.#passed);
      const data = chunk.data.subarray(0, Math.min(left, chunk.data.length));
      this.#passed += data.length;
      if (data.length > 0) this.next.push({ data, at: chunk.at });
      if (this.#passed >= this.settings.bytes) {
        this.finish();
        return;
      }
    }
    this.finishIfDrained();
  }
}
