import type { Item } from "./source.js";
import type { Topic, TopicKind } from "./topic.js";

/** A topic that a stream follows, or whose history it is catching up on. */
export interface Followed {
  readonly topic: Topic;
  /** Nothing at or below it is sent: the cursor at first, then the last id sent. */
  floor: bigint;
  /** What catches it up; undefined = live. */
  wave: Wave | undefined;
  /** Live messages that wait for the wave to end. */
  pending: Item[];
  /** Ends the live subscription; undefined where only the history was asked for. */
  unlisten: (() => void) | undefined;
}

/** Messages of one kind that go into one frame. */
export interface Batch {
  readonly kind: TopicKind;
  readonly items: readonly Item[];
}

interface Lane {
  readonly kind: TopicKind;
  readonly entries: readonly Entry[];
}

interface Entry {
  readonly followed: Followed;
  readonly item: Item;
}

/**
 * The catch-up of one Mutate: what was stored when it began, each kind in one ascending pass over all its topics.
 * A topic that leaves meanwhile, or is caught up by another wave, is passed over.
 */
export class Wave {
  readonly mutateId: bigint;
  readonly #topics: readonly Followed[];
  readonly #history: readonly Lane[];
  #left: number;
  #lane = 0;
  #next = 0;

  /** @param history what is stored of a topic above its floor */
  constructor(
    mutateId: bigint,
    topics: readonly Followed[],
    history: (followed: Followed) => Iterable<Item>,
  ) {
    this.mutateId = mutateId;
    this.#topics = topics;
    this.#left = topics.length;
    this.#history = (["group", "welcome"] as const).map((kind) => {
      const entries: Entry[] = [];
      for (const followed of topics) {
        if (followed.topic.kind !== kind) continue;
        for (const item of history(followed)) entries.push({ followed, item });
      }
      return { kind, entries: entries.sort(ascending) };
    });
  }

  /** The topics that are still this wave's to catch up. */
  get topics(): Followed[] {
    return this.#topics.filter(({ wave }) => wave === this);
  }

  /** One of its topics has left. @returns whether none is left */
  release(): boolean {
    this.#left--;
    return this.#left === 0;
  }

  /** The next messages of history, up to `maxBytes` of them, or one; undefined when all is sent. */
  turn(maxBytes: number): Batch | undefined {
    for (; this.#lane < this.#history.length; this.#lane++, this.#next = 0) {
      const { kind, entries } = this.#history[this.#lane] as Lane;
      const items: Item[] = [];
      let size = 0;
      for (; this.#next < entries.length; this.#next++) {
        const { followed, item } = entries[this.#next] as Entry;
        if (followed.wave !== this || item.id <= followed.floor) continue;
        const { length } = item.bytes();
        if (items.length > 0 && size + length > maxBytes) break;
        followed.floor = item.id;
        size += length;
        items.push(item);
      }
      if (items.length > 0) return { kind, items };
    }
    return undefined;
  }

  /** What came in meanwhile, ascending per kind, as the last part of the history; the topics are then live. */
  finish(maxBytes: number): Batch[] {
    const mine = this.topics;
    const late = mine.flatMap((followed) => followed.pending.map((item) => ({ followed, item })));
    for (const followed of mine) {
      followed.pending = [];
      followed.wave = undefined;
    }
    late.sort(ascending);
    return (["group", "welcome"] as const).flatMap((kind) => {
      const items: Item[] = [];
      for (const { followed, item } of late) {
        if (followed.topic.kind !== kind || item.id <= followed.floor) continue;
        followed.floor = item.id;
        items.push(item);
      }
      return packed(kind, items, maxBytes);
    });
  }
}

function packed(kind: TopicKind, items: readonly Item[], maxBytes: number): Batch[] {
  const batches: { kind: TopicKind; items: Item[] }[] = [];
  let size = Infinity;
  for (const item of items) {
    const { length } = item.bytes();
    if (size + length > maxBytes) {
      batches.push({ kind, items: [] });
      size = 0;
    }
    batches.at(-1)?.items.push(item);
    size += length;
  }
  return batches;
}

function ascending(a: Entry, b: Entry): number {
  return a.item.id < b.item.id ? -1 : a.item.id > b.item.id ? 1 : 0;
}
