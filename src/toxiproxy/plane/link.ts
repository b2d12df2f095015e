import { now } from "../toxics/alarm.js";
import { substream } from "../toxics/random.js";
import { Sink } from "./sink.js";
import type { Socket } from "node:net";
import type { Receiver, Sender, Stage } from "../toxics/stage.js";
import type { Settings } from "../toxics/kinds.js";
import type { Direction, Toxic } from "../toxics/toxic.js";

/** Toxics work on reads of at most this size, as in the reference. */
const MAX_CHUNK = 32 * 1024;

/** Names a link's random draws. */
export interface DrawKey {
  readonly seed: number;
  readonly proxy: string;
  /** Counts the proxy's connections from 1. */
  readonly connection: number;
}

interface Entry {
  readonly toxic: Toxic;
  readonly stage: Stage<Settings>;
}

/** One direction of a connection: source socket, the stages of its toxics in order, destination socket. */
export class Link implements Sender {
  readonly direction: Direction;
  readonly sink: Sink;
  readonly #source: Socket;
  readonly #key: DrawKey;
  readonly #reset: () => void;
  readonly #draws = new WeakMap<Toxic, number>();
  #entries: Entry[] = [];
  #ended = false;
  /** Bytes read from the source. */
  received = 0;

  constructor(
    direction: Direction,
    sockets: { source: Socket; dest: Socket },
    key: DrawKey,
    hooks: { onEnd: () => void; reset: () => void },
  ) {
    this.direction = direction;
    this.sink = new Sink(sockets.dest, hooks.onEnd);
    this.sink.previous = this;
    this.#source = sockets.source;
    this.#key = key;
    this.#reset = hooks.reset;
  }

  /** Starts reading, through the stages of `toxics`. */
  start(toxics: readonly Toxic[]): void {
    this.sync(toxics);
    this.#source.on("data", this.#onData);
    this.#source.on("end", () => this.end());
    this.#source.resume();
  }

  /** There is room at the head of the chain. */
  pump(): void {
    if (!this.#ended && this.#source.isPaused() && !this.#head.full) this.#source.resume();
  }

  /** The source has ended or broken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#head.end();
  }

  /** Makes the chain match `toxics`; stages that stay keep what they hold, stages that go hand it on. */
  sync(toxics: readonly Toxic[]): void {
    if (this.sink.isOver()) return;
    const wanted = toxics.filter((toxic) => this.#hits(toxic));
    // From the far end, so that what left the source first stays first.
    for (const entry of this.#entries.toReversed()) {
      if (wanted.includes(entry.toxic)) continue;
      this.#entries = this.#entries.filter((other) => other !== entry);
      entry.stage.remove();
      this.#join();
    }
    if (this.sink.isOver()) return;
    const stages = new Map(this.#entries.map(({ toxic, stage }) => [toxic, stage]));
    this.#entries = wanted.map((toxic) => ({ toxic, stage: stages.get(toxic) ?? this.#stage(toxic) }));
    this.#join();
    for (const { stage } of this.#entries.toReversed()) stage.pump();
    this.pump();
  }

  /** Brings a changed toxic's settings to its stage. */
  update(toxic: Toxic, toxics: readonly Toxic[]): void {
    this.#entries.find((entry) => entry.toxic === toxic)?.stage.update(toxic.settings);
    this.sync(toxics);
  }

  /** Stops every timer. */
  dispose(): void {
    for (const { stage } of this.#entries) stage.dispose();
    this.#entries = [];
  }

  /** Names of the toxics that act on this connection now. */
  get active(): string[] {
    return this.#entries.map(({ toxic }) => toxic.name);
  }

  get #head(): Receiver {
    return this.#entries[0]?.stage ?? this.sink;
  }

  readonly #onData = (data: Buffer): void => {
    this.received += data.length;
    if (this.#entries.length === 0) {
      if (!this.sink.write(data)) this.#source.pause();
      return;
    }
    const at = now();
    for (let start = 0; start < data.length; start += MAX_CHUNK) {
      this.#head.push({ data: data.subarray(start, start + MAX_CHUNK), at });
    }
    if (this.#head.full) this.#source.pause();
  };

  #join(): void {
    let next: Receiver & { previous: Sender | undefined } = this.sink;
    for (const { stage } of this.#entries.toReversed()) {
      stage.next = next;
      next.previous = stage;
      next = stage;
    }
    next.previous = this;
  }

  #stage(toxic: Toxic): Stage<Settings> {
    return toxic.kind.stage(toxic.settings, { random: this.#random(toxic, "settings"), reset: this.#reset });
  }

  /** One draw per connection, direction and toxic, so that a toxic's hold on a connection never flickers. */
  #hits(toxic: Toxic): boolean {
    let draw = this.#draws.get(toxic);
    if (draw === undefined) {
      draw = this.#random(toxic, "toxicity")();
      this.#draws.set(toxic, draw);
    }
    return draw < toxic.toxicity;
  }

  #random(toxic: Toxic, purpose: string) {
    const { seed, proxy, connection } = this.#key;
    return substream(seed, proxy, connection, this.direction, toxic.name, toxic.serial, purpose);
  }
}
