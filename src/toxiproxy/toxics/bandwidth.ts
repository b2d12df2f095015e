import { now } from "./alarm.js";
import { DelayingStage } from "./delaying-stage.js";
import type { Waiting } from "./delaying-stage.js";
import type { Chunk } from "./stage.js";

/** `rate` in KB/s (1 KB = 1000 bytes); 0 or less does not throttle, as Toxiproxy 2.13. */
export interface BandwidthSettings {
  readonly rate: number;
}

/** Bytes of slow links leave in pieces of this many ms. */
const SLICE_MS = 100;
/** Pieces due within this time leave together; the clock still counts them, so the rate stays exact. */
const TOLERANCE_MS = 0.5;

interface Arrived extends Waiting {
  readonly arrived: number;
}

/**
 * Stores, waits size / rate, forwards. A virtual clock carries timer error to the next piece;
 * idle time earns no credit.
 */
export class BandwidthStage extends DelayingStage<BandwidthSettings, Arrived> {
  /** When the link is done with everything it has sent. */
  #clock = 0;
  #blocked = false;

  /** One chunk on the wire and one behind it, so that the link never idles between two reads. */
  override get full(): boolean {
    return this.waiting.length > 1;
  }

  protected override accept(chunk: Chunk): void {
    this.waiting.push({ chunk, arrived: now() });
  }

  override update(settings: BandwidthSettings): void {
    this.settings = settings;
    this.#clock = now();
    this.pump();
  }

  protected override forward(head: Arrived): boolean {
    if (this.next.full) {
      this.#blocked = true;
      return false;
    }
    if (this.#blocked) this.#clock = Math.max(this.#clock, now());
    this.#blocked = false;
    const { rate } = this.settings;
    const { length } = head.chunk.data;
    const size = rate > 0 ? Math.min(length, Math.max(1, Math.floor(rate * SLICE_MS))) : length;
    const due = rate > 0 ? Math.max(this.#clock, head.arrived) + size / rate : 0;
    if (due > now() + TOLERANCE_MS) {
      this.lookAgainAt(due);
      return false;
    }
    this.#clock = due;
    this.#send(head, size);
    return true;
  }

  #send(head: Arrived, size: number): void {
    const { data, at } = head.chunk;
    if (size === data.length) this.waiting.shift();
    else this.waiting[0] = { ...head, chunk: { data: data.subarray(size), at } };
    this.next.push({ data: data.subarray(0, size), at });
  }
}
