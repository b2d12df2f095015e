import type { FaultControl } from "./network-fault.js";

/** A fault that hits the streams open now, seen as one that a node holds: what it hit, and what takes it back. */
export class StreamFault implements FaultControl {
  readonly #undo: (ids: readonly number[]) => Promise<unknown>;
  #ids: readonly number[] = [];
  #listener: ((id: number, taken: number) => void) | undefined;

  /** @param undo takes back what was done to the streams with these ids */
  constructor(undo: (ids: readonly number[]) => Promise<unknown>) {
    this.#undo = undo;
  }

  /** @returns its id: one fault, one control */
  hit(ids: readonly number[]): number {
    this.#ids = ids;
    this.#listener?.(0, ids.length);
    return 0;
  }

  onFaultTaken(listener: (id: number, taken: number) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = undefined);
  }

  async liftFault(): Promise<number> {
    await this.#undo(this.#ids);
    return this.#ids.length;
  }
}
