import { now } from "./alarm.js";
import { DelayingStage } from "./delaying-stage.js";
import { spreadAround } from "./random.js";
import type { Waiting } from "./delaying-stage.js";
import type { Random } from "./random.js";
import type { Chunk } from "./stage.js";

/** `latency` and `jitter` in ms. */
export interface LatencySettings {
  readonly latency: number;
  readonly jitter: number;
}

/** What one direction may hold: as the reference, 1024 reads of at most 32 KiB. */
const MAX_CHUNKS = 1024;

interface Due extends Waiting {
  due: number;
}

/** Holds every chunk until its receive time plus latency ± jitter; never reorders. */
export class LatencyStage extends DelayingStage<LatencySettings, Due> {
  readonly #random: Random;

  constructor(settings: LatencySettings, random: Random) {
    super(settings);
    this.#random = random;
  }

  override get full(): boolean {
    return this.waiting.length >= MAX_CHUNKS;
  }

  protected override accept(chunk: Chunk): void {
    this.waiting.push({ chunk, due: chunk.at + this.#delay() });
  }

  /** As the reference: the chunk at the head goes out at once, the others wait by the new settings. */
  override update(settings: LatencySettings): void {
    this.settings = settings;
    for (const [index, waiting] of this.waiting.entries()) {
      waiting.due = index === 0 ? now() : waiting.chunk.at + this.#delay();
    }
    this.pump();
  }

  protected override forward(head: Due): boolean {
    if (this.next.full) return false;
    if (head.due > now()) {
      this.lookAgainAt(head.due);
      return false;
    }
    this.waiting.shift();
    head.chunk.at = head.due;
    this.next.push(head.chunk);
    return true;
  }

  #delay(): number {
    return this.settings.latency + spreadAround(this.#random, this.settings.jitter);
  }
}
