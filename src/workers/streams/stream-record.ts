import type { StreamState, typeofStream } from "../../ledger/events.js";

/** What a state event says beside its state. */
export interface StateDetail {
  readonly count?: number;
  readonly error?: string;
}

type Write = (streamType: typeofStream, streamId: number, state: StreamState, detail?: StateDetail) => void;

/**
 * The states of one SDK stream in the ledger: an event for each stream type that shares it, so that every
 * type has a life of its own there, also one that joins later or leaves earlier than the others.
 */
export class StreamRecord {
  readonly #write: Write;
  #types = new Set<typeofStream>();
  #streamId = 0;
  #broken: StreamState | undefined;

  constructor(write: Write) {
    this.#write = write;
  }

  /** A new SDK stream is about to be opened for these types. */
  open(types: Iterable<typeofStream>): void {
    this.#types = new Set(types);
    this.#broken = undefined;
  }

  state(streamId: number, state: StreamState, detail?: StateDetail): void {
    this.#streamId = streamId;
    if (state === "lost" || state === "retry") this.#broken = state;
    if (state === "restart") this.#broken = undefined;
    for (const type of this.#types) this.#write(type, streamId, state, detail);
  }

  /** A type starts to share the open stream. Does nothing for one that does already. */
  join(type: typeofStream): void {
    if (this.#types.has(type)) return;
    this.#types.add(type);
    this.#write(type, this.#streamId, "starting");
    this.#write(type, this.#streamId, "live");
    if (this.#broken) this.#write(type, this.#streamId, this.#broken);
  }

  /** Types that are not among `staying` end; the stream goes on for the others. */
  leaveAllBut(staying: (type: typeofStream) => boolean): void {
    for (const type of [...this.#types]) {
      if (staying(type)) continue;
      this.#types.delete(type);
      this.#write(type, this.#streamId, "ending");
      this.#write(type, this.#streamId, "ended");
    }
  }
}
