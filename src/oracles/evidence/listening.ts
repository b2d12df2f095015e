/** When an installation listened to messages, and when its listening was interrupted. */
import type { LedgerEvent, StreamEvent } from "../../ledger/events.js";
import { groupBy } from "../../ledger/group.js";
import { Spans } from "./spans.js";
import type { Stretch } from "./spans.js";

/** One worker's installation as the ledger names it. */
export interface Installation {
  /** The worker's name, for example "alice-b". */
  readonly worker: string;
  readonly inboxId: string;
  readonly installationId: string;
}

export interface Listening extends Installation {
  /**
   * From a message stream's `live` to its `ending` (or the worker's end). A failed stream still owes, and so does
   * one that going offline ended: coming online brings it back with what it missed.
   */
  readonly stretches: readonly Stretch[];
  /**
   * From the last sign of life before a break (or from the end that going offline brought) to the restart; without
   * `to` when the ledger ends before the stream is back.
   */
  readonly outages: readonly Stretch[];
  /** `stretches`, to ask often. */
  readonly listened: Spans;
  /** The outages that are over, and those that are not. */
  readonly mended: Spans;
  readonly broken: Spans;
}

/** Stream types that deliver what people write. A group-update stream alone owes no messages. */
const messageTypes: ReadonlySet<string> = new Set(["message", "message_and_response"]);

/** Every installation that ever had a live message stream. */
export function listeners(events: readonly LedgerEvent[]): Listening[] {
  const own = events.filter((event) => event.installationId !== "");
  return [...groupBy(own, (event) => event.installationId).values()].flatMap((group) => {
    const [first] = group as [LedgerEvent];
    const heard = new Hearing();
    for (const event of group) heard.take(event);
    const { stretches, outages } = heard.finish();
    if (stretches.length === 0) return [];
    const { worker, inboxId, installationId } = first;
    return [
      {
        ...{ worker, inboxId, installationId, stretches, outages },
        listened: new Spans(stretches),
        mended: new Spans(outages.filter((one) => one.to !== undefined)),
        broken: new Spans(outages.filter((one) => one.to === undefined)),
      },
    ];
  });
}

/** A type that was listening until it was ended. */
interface Ended {
  readonly from: number;
  readonly to: number;
}

/** The same, ended because its worker went offline. `startedAt`, `liveAt`: how far it has come back. */
interface Paused extends Ended {
  readonly startedAt?: number;
  readonly liveAt?: number;
}

/** One installation's listening, event by event. */
class Hearing {
  readonly #done: Stretch[] = [];
  readonly #outages: Stretch[] = [];
  readonly #open = new Map<string, number>();
  /** Ended just now: whether by the test or because the worker goes offline is seen by what comes next. */
  readonly #ending = new Map<string, Ended>();
  readonly #paused = new Map<string, Paused>();
  #offlineAt: number | undefined;
  #alive = 0;
  #brokenSince: number | undefined;

  take(event: LedgerEvent): void {
    if (event.kind === "lifecycle") this.#life(event.state, event.at);
    else if (isMessageStream(event)) this.#stream(event);
    else if (!isBackground(event)) this.#act();
    if (isSignOfLife(event)) this.#alive = event.at;
  }

  finish(): { readonly stretches: Stretch[]; readonly outages: Stretch[] } {
    this.#settleEnding();
    const paused = [...this.#paused.values()];
    const away = [
      ...paused.map((one) => one.to),
      ...(this.#offlineAt !== undefined && this.#open.size > 0 ? [this.#offlineAt] : []),
      ...(this.#brokenSince === undefined ? [] : [this.#brokenSince]),
    ];
    const lasting = [...this.#open.values(), ...paused.map((one) => one.from)];
    return {
      stretches: [...this.#done, ...lasting.map((from) => ({ from }))],
      outages: away.length === 0 ? this.#outages : [...this.#outages, { from: Math.min(...away) }],
    };
  }

  #life(state: string, at: number): void {
    if (state === "offline") {
      for (const [type, one] of this.#ending) this.#paused.set(type, one);
      this.#ending.clear();
      this.#offlineAt = at;
    }
    if (state === "online") this.#offlineAt = undefined;
    if (state !== "terminated" && state !== "reinstalled") return;
    this.#settleEnding();
    for (const [type, one] of this.#paused) this.#separate(type, one);
    for (const [type, from] of this.#open) this.#close(type, from, at);
    this.#offlineAt = undefined;
  }

  #stream({ streamType: type, state, at }: StreamEvent): void {
    if (brokenStates.has(state)) this.#brokenSince ??= this.#alive;
    if (state === "restart") this.#restarted(type, at);
    if (state === "live") this.#live(type, at);
    if (state === "gap_filled") this.#filled(type);
    if (state === "starting") this.#starting(type, at);
    if (state === "ending" || state === "ended") this.#end(type, at);
    if (endStates.has(state)) this.#brokenSince = undefined;
  }

  #starting(type: string, at: number): void {
    this.#settleEnding();
    const paused = this.#paused.get(type);
    if (paused && this.#offlineAt === undefined) this.#paused.set(type, { ...paused, startedAt: at });
  }

  #live(type: string, at: number): void {
    this.#settleEnding();
    const paused = this.#paused.get(type);
    if (paused && this.#offlineAt === undefined) this.#paused.set(type, { ...paused, liveAt: at });
    else if (!this.#open.has(type)) this.#open.set(type, at);
  }

  /** After `live` it says that the stream was brought back by `goOnline`: a fresh one has no gap to fill. */
  #filled(type: string): void {
    const paused = this.#paused.get(type);
    if (paused?.liveAt === undefined) return;
    this.#paused.delete(type);
    this.#open.set(type, paused.from);
    this.#outages.push({ from: paused.to, to: paused.liveAt });
  }

  #restarted(type: string, at: number): void {
    const paused = this.#paused.get(type);
    if (paused?.liveAt !== undefined) this.#separate(type, paused);
    if (this.#brokenSince === undefined) return;
    this.#outages.push({ from: this.#brokenSince, to: at });
    this.#brokenSince = undefined;
  }

  #end(type: string, at: number): void {
    const paused = this.#paused.get(type);
    if (paused?.liveAt !== undefined) {
      // Its gap has not been filled: should it come back once more, it still owes all of it.
      this.#done.push({ from: paused.liveAt, to: at });
      this.#paused.delete(type);
      this.#ending.set(type, { from: paused.from, to: paused.to });
    }
    const from = this.#open.get(type);
    if (from === undefined) return;
    this.#open.delete(type);
    if (this.#offlineAt !== undefined) this.#paused.set(type, { from, to: Math.min(at, this.#offlineAt) });
    else this.#ending.set(type, { from, to: at });
  }

  /** The worker did something: what was ended before was ended by the test, what has not started stays ended. */
  #act(): void {
    this.#settleEnding();
    if (this.#offlineAt !== undefined) return;
    for (const [type, one] of this.#paused) if (one.startedAt === undefined) this.#separate(type, one);
  }

  #settleEnding(): void {
    for (const one of this.#ending.values()) this.#done.push(one);
    this.#ending.clear();
  }

  /** What was ended by going offline does not come back; what has begun since is a stream for itself. */
  #separate(type: string, { from, to, liveAt }: Paused): void {
    this.#paused.delete(type);
    this.#done.push({ from, to });
    if (liveAt !== undefined) this.#open.set(type, liveAt);
  }

  #close(type: string, from: number, to: number): void {
    this.#open.delete(type);
    this.#done.push({ from, to });
  }
}

/** Its connection is gone, and it is trying to come back. */
const brokenStates: ReadonlySet<string> = new Set(["lost", "retry"]);

/** After these nothing will come back: what is missing then is lost, not late. */
const endStates: ReadonlySet<string> = new Set(["failed", "ending", "ended"]);

/** What a worker does by itself around going offline and coming back. */
function isBackground(event: LedgerEvent): boolean {
  if (event.kind === "send") return event.automatic;
  return event.kind === "sync" || event.kind === "stream" || event.kind === "line" || isDelivery(event);
}

function isDelivery(event: LedgerEvent): boolean {
  return (
    (event.kind === "receive" || event.kind === "conversation" || event.kind === "consent") &&
    event.source !== "query"
  );
}

function isSignOfLife(event: LedgerEvent): boolean {
  if (event.kind === "receive") return event.source === "stream";
  return isMessageStream(event) && (event.state === "live" || event.state === "restart");
}

function isMessageStream(event: LedgerEvent): event is StreamEvent {
  return event.kind === "stream" && messageTypes.has(event.streamType);
}
