import { Alarm, now } from "./alarm.js";
import { Stage } from "./stage.js";
import type { Chunk } from "./stage.js";

/** `rate` in KB/s (1 KB = 1000 bytes); 0 or less does not throttle, as Toxiproxy 2.13. */
export interface BandwidthSettings {
  readonly rate: number;
}

/** Bytes of slow links leave in pieces of this many ms. */
const SLICE_MS = 100;
/** Pieces due within this time leave together; the clock still counts them, so the rate stays exact. */
const TOLERANCE_MS = 0.5;

interface Waiting extends Chunk {
  readonly arrived: number;
}

/**
 * Stores, waits size / rate, forwards. A virtual clock carries timer error to the next piece;
 * idle time earns no credit.
 */
export class BandwidthStage extends Stage<BandwidthSettings> {
  readonly #alarm = new Alarm(() => this.pump());
  readonly #waiting: Waiting[] = [];
  /** When the link is done with everything it has sent. */
  #clock = 0;

  /** One chunk on the wire and one behind it, so that the link never idles between two reads. */
  override get full(): boolean {
    return this.#waiting.length > 1;
  }

  protected override accept(chunk: Chunk): void {
    this.#waiting.push({ ...chunk, arrived: now() });
  }

  override update(settings: BandwidthSettings): void {
    this.settings = settings;
    this.#clock = now();
    this.pump();
  }

  override remove(): void {
    this.queue.push(...this.#waiting.splice(0));
    super.remove();
  }

  override dispose(): void {
    this.#alarm.clear();
    this.#waiting.length = 0;
  }

  protected override work(): void {
    for (;;) {
      const head = this.#waiting[0];
      if (!head) {
        this.finishIfDrained();
        return;
      }
      if (this.next.full) {
        this.#blocked = true;
        return;
      }
      if (this.#blocked) this.#clock = Math.max(this.#clock, now());
      this.#blocked = false;
      const { rate } = this.settings;
      const size =
        rate > 0 ? Math.min(head.data.length, Math.max(1, Math.floor(rate * SLICE_MS))) : head.data.length;
      const due = rate > 0 ? Math.max(this.#clock, head.arrived) + size / rate : 0;
      if (due > now() + TOLERANCE_MS) {
        this.#alarm.at(due);
        return;
      }
      this.#clock = due;
      this.#send(head, size);
    }
  }

  #blocked = false;

  #send(head: Waiting, size: number): void {
    const piece = { data: head.data.subarray(0, size), at: head.at };
    if (size === head.data.length) this.#waiting.shift();
    else this.#waiting[0] = { ...head, data: head.data.subarray(size) };
    this.next.push(piece);
  }
}
