import { Stage } from "./stage.js";

/** Passes everything. */
export class NoopStage extends Stage<object> {
  override dispose(): void {
    // Holds no timer.
  }

  protected override work(): void {
    while (this.queue.length > 0 && !this.next.full) {
      const chunk = this.queue.shift();
      if (chunk) this.next.push(chunk);
    }
    this.finishIfDrained();
  }
}
