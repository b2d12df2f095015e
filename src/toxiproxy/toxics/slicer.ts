import { Alarm, now } from "./alarm.js";
import { spreadAround } from "./random.js";
import { Stage } from "./stage.js";
import type { Random } from "./random.js";
import type { Chunk } from "./stage.js";

/** Sizes in bytes, `delay` in microseconds after each piece. */
export interface SlicerSettings {
  readonly average_size: number;
  readonly size_variation: number;
  readonly delay: number;
}

/** A timer's lateness up to this is made up for by the next pieces. */
const CATCH_UP_MS = 2;

/** Splits chunks into pieces of about `average_size` by halving, each piece a write of its own. */
export class SlicerStage extends Stage<SlicerSettings> {
  readonly #random: Random;
  readonly #alarm = new Alarm(() => this.pump());
  #pieces: Chunk[] = [];
  /** When the next piece may leave. */
  #clock = 0;

  constructor(settings: SlicerSettings, random: Random) {
    super(settings);
    this.#random = random;
  }

  override get full(): boolean {
    return this.queue.length > 0 || this.#pieces.length > 0;
  }

  /** As the reference: the rest of a chunk being sliced goes out whole. */
  override update(settings: SlicerSettings): void {
    this.settings = settings;
    this.#giveBackPieces();
    const whole = this.queue.shift();
    if (whole) this.next.push(whole);
    this.pump();
  }

  override remove(): void {
    this.#giveBackPieces();
    super.remove();
  }

  override dispose(): void {
    this.#alarm.clear();
    this.#pieces = [];
  }

  protected override work(): void {
    for (;;) {
      if (this.next.full) return;
      if (this.#clock > now()) {
        this.#alarm.at(this.#clock);
        return;
      }
      const piece = this.#pieces.shift() ?? this.#slice();
      if (!piece) {
        this.finishIfDrained();
        return;
      }
      // Pieces whose delay is below a timer's step catch up in one go: the pace stays right on average.
      const delayMs = Math.max(0, this.settings.delay) / 1000;
      const time = now();
      this.#clock = (time - this.#clock < CATCH_UP_MS ? this.#clock : time) + delayMs;
      this.next.push(piece);
    }
  }

  #slice(): Chunk | undefined {
    const chunk = this.queue.shift();
    if (!chunk) return undefined;
    const cuts = cutPoints(chunk.data.length, this.settings, this.#random);
    this.#pieces = cuts.map((end, index) => ({
      data: chunk.data.subarray(cuts[index - 1] ?? 0, end),
      at: chunk.at,
    }));
    return this.#pieces.shift();
  }

  #giveBackPieces(): void {
    const [first] = this.#pieces;
    if (!first) return;
    this.queue.unshift({ data: Buffer.concat(this.#pieces.map(({ data }) => data)), at: first.at });
    this.#pieces = [];
  }
}

/**
 * Ends of the pieces of `size` bytes: halves, each midpoint moved by up to `size_variation`, until a piece is
 * at most average + variation long. Midpoints are kept inside the piece: the reference panics outside it.
 */
export function cutPoints(size: number, settings: SlicerSettings, random: Random): number[] {
  const average = Math.max(1, settings.average_size);
  const variation = Math.max(0, Math.min(settings.size_variation, average));
  const cuts: number[] = [];
  const todo: [number, number][] = [[0, size]];
  for (let range = todo.pop(); range; range = todo.pop()) {
    const [start, end] = range;
    if (end - start - average <= variation || end - start < 2) {
      cuts.push(end);
      continue;
    }
    const middle = start + Math.floor((end - start) / 2) + spreadAround(random, variation);
    const cut = Math.min(Math.max(middle, start + 1), end - 1);
    todo.push([cut, end], [start, cut]);
  }
  return cuts;
}
