import type { LoadMessage } from "../population/message.js";
import { SeqSet } from "./seq-set.js";

/**
 * What one message of a stream turned out to be. `republished`: a second copy under the same id with another time of
 * sending, which the sender's own SDK published (libxmtp does so when exactly three commits overtook its message).
 */
export type Arrival = "own" | "new" | "duplicate" | "republished";

/** A message's id, and when its sender's SDK published it. */
interface Stamp {
  readonly id: string;
  readonly sentAtNs: string;
}

/** How many of the last arrivals are remembered with their id and time of sending. */
const remembered = 256;

/** A message that was owed to a user and did not come. */
export interface Missing {
  readonly conversation: number;
  readonly sender: number;
  readonly seq: number;
  /**
   * `stream`: the database has it, the live stream never gave it. `store`: a later message of the same sender is
   * there, this one is nowhere. `outage`: the database has it, and the stream was down when it was sent.
   */
  readonly how: "stream" | "store" | "outage";
}

/** A time in which a stream was down, Unix ms; `to` is absent while it lasts. */
export interface Outage {
  readonly from: number;
  to?: number;
}

interface Received {
  readonly streamed: SeqSet;
  /** What was stored when the stream began: nobody owes it on the stream. */
  readonly before: SeqSet;
  /** Attempts that were never acknowledged. */
  readonly failed: Set<number>;
}

/**
 * The receive side of one user: each message of each sender exactly once.
 *
 * Every message carries its sender's count, so that gaps show by themselves, whichever process sent it. Memory grows by
 * the number of senders and gaps, not of messages.
 */
export class InboxCheck {
  readonly #user: number;
  readonly #outages: Outage[] = [];
  /** In-flight messages may be lost with the connection: sent this long before or after an outage is in it. */
  readonly #slackMs: number;
  readonly #received = new Map<string, Received>();
  /** The last arrivals, by conversation, sender and count. */
  readonly #last = new Map<string, Stamp>();

  constructor(user: number, options: { slackMs: number }) {
    this.#user = user;
    this.#slackMs = options.slackMs;
  }

  /**
   * The stream gave this message.
   *
   * @param stamp what the SDK says of it
   */
  arrived(message: LoadMessage, stamp: Stamp): Arrival {
    if (message.user === this.#user) return "own";
    const of = this.#of(message.conversation, message.user);
    for (const seq of message.failed) of.failed.add(seq);
    const key = `${keyOf(message.conversation, message.user)} ${message.seq}`;
    const before = this.#last.get(key);
    if (of.streamed.add(message.seq)) {
      this.#last.set(key, { id: stamp.id, sentAtNs: stamp.sentAtNs });
      for (const oldest of this.#last.keys()) {
        if (this.#last.size <= remembered) break;
        this.#last.delete(oldest);
      }
      return "new";
    }
    // A third copy with any time is a duplicate.
    this.#last.delete(key);
    return before?.id === stamp.id && before.sentAtNs !== stamp.sentAtNs ? "republished" : "duplicate";
  }

  /** Whether anything of this sender is there. */
  has(conversation: number, sender: number): boolean {
    const of = this.#received.get(keyOf(conversation, sender));
    return of !== undefined && of.streamed.size + of.before.size > 0;
  }

  /** The database had this message when the stream began. */
  wasThere(message: LoadMessage): void {
    if (message.user === this.#user) return;
    const of = this.#of(message.conversation, message.user);
    for (const seq of message.failed) of.failed.add(seq);
    of.before.add(message.seq);
  }

  streamFailed(at: number): void {
    if (this.#outages.at(-1)?.to === undefined && this.#outages.length > 0) return;
    this.#outages.push({ from: at });
  }

  streamRestarted(at: number): void {
    const last = this.#outages.at(-1);
    if (last !== undefined) last.to ??= at;
  }

  /** What is owed and did not come, by the messages that a database holds after a sync. */
  missing(stored: readonly LoadMessage[]): Missing[] {
    const found: Missing[] = [];
    const have = new Map<string, SeqSet>();
    for (const message of stored) {
      const { conversation, user: sender, seq, failed, sentAt } = message;
      if (sender === this.#user) continue;
      const of = this.#of(conversation, sender);
      for (const one of failed) of.failed.add(one);
      const key = keyOf(conversation, sender);
      const known = have.get(key) ?? new SeqSet();
      have.set(key, known);
      if (!known.add(seq) || of.streamed.has(seq) || of.before.has(seq)) continue;
      found.push({ conversation, sender, seq, how: this.#isOut(sentAt) ? "outage" : "stream" });
    }
    for (const [key, of] of this.#received) {
      const [conversation = 0, sender = 0] = key.split(" ").map(Number);
      const known = have.get(key) ?? new SeqSet();
      const last = Math.max(known.max, of.streamed.max, of.before.max);
      for (const seq of known.missing(last))
        if (!of.streamed.has(seq) && !of.failed.has(seq))
          found.push({ conversation, sender, seq, how: "store" });
    }
    return found;
  }

  /** The last message of each sender by conversation, for whoever knows what was acknowledged. */
  lastSeen(
    stored: readonly LoadMessage[],
  ): readonly (readonly [conversation: number, sender: number, seq: number])[] {
    const last = new Map<string, number>();
    const take = (key: string, seq: number): void => void last.set(key, Math.max(seq, last.get(key) ?? 0));
    for (const { conversation, user, seq } of stored)
      if (user !== this.#user) take(keyOf(conversation, user), seq);
    for (const [key, { streamed }] of this.#received) take(key, streamed.max);
    return [...last].map(([key, seq]) => [...(key.split(" ").map(Number) as [number, number]), seq] as const);
  }

  #isOut(sentAt: number): boolean {
    return this.#outages.some(
      ({ from, to = Infinity }) => sentAt >= from - this.#slackMs && sentAt <= to + this.#slackMs,
    );
  }

  #of(conversation: number, sender: number): Received {
    const key = keyOf(conversation, sender);
    const known = this.#received.get(key);
    if (known) return known;
    const made = { streamed: new SeqSet(), before: new SeqSet(), failed: new Set<number>() };
    this.#received.set(key, made);
    return made;
  }
}

const keyOf = (conversation: number, sender: number): string => `${conversation} ${sender}`;
