/** Bytes on their way through a connection. */
export interface Chunk {
  readonly data: Buffer;
  /** When the proxy received them, ms; a latency stage moves it on, so that delays in a row add up. */
  at: number;
}

/** Where a stage hands its chunks to: the next stage, or the socket at the end. */
export interface Receiver {
  /** Takes a chunk, even when full (a removed stage empties itself at once). Ignored after `end`. */
  push(chunk: Chunk): void;
  /** No more chunks come. */
  end(): void;
  /** True while the sender should wait for {@link Sender.pump}. */
  readonly full: boolean;
}

/** Where a stage's chunks come from: told when there is room again. */
export interface Sender {
  pump(): void;
}

/**
 * One toxic on one direction of one connection: a queue, and a rule for when what leaves it.
 *
 * Everything here is synchronous: a chunk is either in exactly one queue or handed on, so adding, changing
 * and removing stages can lose or reorder nothing, and never waits for a peer.
 */
export abstract class Stage<Settings> implements Receiver, Sender {
  next!: Receiver;
  previous: Sender | undefined;
  protected settings: Settings;
  protected readonly queue: Chunk[] = [];
  #inputEnded = false;
  #outputEnded = false;
  #pumping = false;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** A stage holds one chunk unless its toxic buffers more. */
  get full(): boolean {
    return this.queue.length > 0;
  }

  push(chunk: Chunk): void {
    if (this.#inputEnded || this.#outputEnded) return;
    this.accept(chunk);
    this.pump();
  }

  end(): void {
    if (this.#inputEnded || this.#outputEnded) return;
    this.#inputEnded = true;
    this.pump();
  }

  pump(): void {
    if (this.#pumping || this.#outputEnded) return;
    this.#pumping = true;
    this.work();
    this.#pumping = false;
    if (this.#isOver() || !this.full) this.previous?.pump();
  }

  #isOver(): boolean {
    return this.#outputEnded;
  }

  /** New settings while running. The default lets a waiting stage look again. */
  update(settings: Settings): void {
    this.settings = settings;
    this.pump();
  }

  /** Leaves the chain: hands on all it holds, at once and in order, whatever the room. */
  remove(): void {
    if (this.#outputEnded) return;
    this.dispose();
    for (const chunk of this.queue.splice(0)) this.next.push(chunk);
    this.#outputEnded = true;
    if (this.#inputEnded) this.next.end();
  }

  /** Stops timers; the connection is over. */
  abstract dispose(): void;

  /** Moves what may move now. */
  protected abstract work(): void;

  protected accept(chunk: Chunk): void {
    this.queue.push(chunk);
  }

  protected get inputEnded(): boolean {
    return this.#inputEnded;
  }

  /** Nothing more leaves this stage: what it holds is dropped and the connection closes behind it. */
  protected finish(): void {
    if (this.#outputEnded) return;
    this.#outputEnded = true;
    this.dispose();
    this.queue.length = 0;
    this.next.end();
  }

  /** Ends the output once the input has ended and everything has left. */
  protected finishIfDrained(): void {
    if (this.#inputEnded && this.queue.length === 0) this.finish();
  }
}
