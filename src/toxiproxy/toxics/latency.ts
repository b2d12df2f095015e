import { Alarm, now } from "./alarm.js";
import { spreadAround } from "./random.js";
import { Stage } from "./stage.js";
import type { Random } from "./random.js";
import type { Chunk } from "./stage.js";

/** `latency` and `jitter` in ms. */
export interface LatencySettings {
  readonly latency: number;
  readonly jitter: number;
}

/** What one direction may hold: as the reference, 1024 reads of at most 32 KiB. */
const MAX_CHUNKS = 1024;

interface Waiting {
  readonly chunk: Chunk;
  due: number;
}

/** Holds every chunk until its receive time plus latency ± jitter; never reorders. */
export class LatencyStage extends Stage<LatencySettings> {
  readonly #random: Random;
  readonly #alarm = new Alarm(() => this.pump());
  readonly #waiting: Waiting[] = [];

  constructor(settings: LatencySettings, random: Random) {
    super(settings);
    this.#random = random;
  }

  override get full(): boolean {
    return this.#waiting.length >= MAX_CHUNKS;
  }

  protected override accept(chunk: Chunk): void {
    this.#waiting.push({ chunk, due: chunk.at + this.#delay() });
  }

  /** As the reference: the chunk at the head goes out at once, the others wait by the new settings. */
  override update(settings: LatencySettings): void {
    this.settings = settings;
    for (const [index, waiting] of this.#waiting.entries()) {
      waiting.due = index === 0 ? now() : waiting.chunk.at + this.#delay();
    }
    this.pump();
  }

  override remove(): void {
    this.queue.push(...this.#waiting.splice(0).map(({ chunk }) => chunk));
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
      if (this.next.full) return;
      if (head.due > now()) {
        this.#alarm.at(head.due);
        return;
      }
      this.#waiting.shift();
      head.chunk.at = head.due;
      this.next.push(head.chunk);
    }
  }

  #delay(): number {
    return this.settings.latency + spreadAround(this.#random, this.settings.jitter);
  }
}
