import type { Position } from "./byte-blocks.js";

const FIRST_SLOTS = 1 << 10;
/** How full the table may be before it is doubled. */
const MAX_LOAD = 0.8;

/**
 * Where rows with a fingerprint are: a hash table in typed arrays, 12 bytes a slot. Two rows may share a fingerprint, so
 * whoever asks compares the rows themselves.
 */
export class Fingerprints {
  #prints = new Uint32Array(FIRST_SLOTS);
  /** Position and 1; 0 is an empty slot, -1 one whose row was taken out. */
  #places = new Float64Array(FIRST_SLOTS);
  #taken = 0;

  /** Positions of rows with this fingerprint. */
  *find(print: number): Generator<Position> {
    const mask = this.#places.length - 1;
    for (let at = print & mask; this.#places[at] !== 0; at = (at + 1) & mask) {
      const place = this.#places[at] as number;
      if (place > 0 && this.#prints[at] === print) yield place - 1;
    }
  }

  add(print: number, position: Position): void {
    if (this.#taken + 1 > this.#places.length * MAX_LOAD) this.#grow();
    this.#put(print, position + 1);
  }

  remove(print: number, position: Position): void {
    const mask = this.#places.length - 1;
    for (let at = print & mask; this.#places[at] !== 0; at = (at + 1) & mask) {
      if (this.#places[at] !== position + 1 || this.#prints[at] !== print) continue;
      this.#places[at] = -1;
      return;
    }
  }

  #put(print: number, place: number): void {
    const mask = this.#places.length - 1;
    let at = print & mask;
    while (this.#places[at] !== 0) at = (at + 1) & mask;
    this.#prints[at] = print;
    this.#places[at] = place;
    this.#taken++;
  }

  #grow(): void {
    const [prints, places] = [this.#prints, this.#places];
    const kept = places.reduce((count, place) => count + (place > 0 ? 1 : 0), 0);
    // Slots of rows that were taken out are left behind: with many of those, the size stays.
    const slots = kept * 2 > places.length * MAX_LOAD ? places.length * 2 : places.length;
    this.#prints = new Uint32Array(slots);
    this.#places = new Float64Array(slots);
    this.#taken = 0;
    for (let at = 0; at < places.length; at++) {
      const place = places[at] as number;
      if (place > 0) this.#put(prints[at] as number, place);
    }
  }
}
