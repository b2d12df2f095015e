import { performance } from "node:perf_hooks";
import type { EventBase, FaultEvent, LedgerEvent, LedgerReader, SendEvent } from "./events.js";
import { activeFaults } from "./faults.js";
import { EventViews } from "./views.js";

/** An event before the ledger has stamped it with its place and time. */
export type NewEvent<E extends LedgerEvent = LedgerEvent> = E extends LedgerEvent
  ? Omit<E, "seq" | "at" | "wall">
  : never;

type Listener = (event: LedgerEvent) => void;

/**
 * Everything that happened in one test, in order, over all its workers. Iterable, with a view per kind of event.
 *
 * Nothing is ever dropped, so a collector that starts late still sees earlier events. Listeners are called
 * synchronously, and what they throw is not caught.
 */
export class TestLedger extends EventViews implements LedgerReader {
  readonly #events: LedgerEvent[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #parts = new Map<string, LedgerPart>();
  readonly #atEnd: (() => string | undefined)[] = [];
  readonly #earlier = new Set<() => void>();

  /** All events so far, oldest first: the ledger's own list, which grows. Do not change it. */
  get events(): readonly LedgerEvent[] {
    return this.#events;
  }

  /** With `onSwitch`: the place to write to (`LedgerPort`) for whoever ends with the test. @internal */
  get current(): this {
    return this;
  }

  /** Never called back: this ledger stays the current one. @internal */
  onSwitch(): () => void {
    return () => undefined;
  }

  /** Stamps and stores an event. @internal */
  append<E extends LedgerEvent>(event: NewEvent<E>): E {
    // What others have to tell of a message comes by another way, and may not have had its turn.
    if (event.kind === "receive") for (const hear of this.#earlier) hear();
    const stamped = Object.assign(event, {
      seq: this.#events.length + 1,
      at: performance.now(),
      wall: Date.now(),
    }) as unknown as E;
    this.#events.push(stamped);
    this.#tell(stamped);
    return stamped;
  }

  /** Fills in how a send ended. @internal */
  settle(send: SendEvent, result: Pick<SendEvent, "outcome" | "messageId" | "error">): void {
    Object.assign(send, result, { endedAt: performance.now() });
    this.#tell(send);
  }

  /** Calls `listener` for each later event, and again when a send settles. @returns the unsubscriber */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The part of this ledger that one worker wrote. The same object for the same name. */
  of(worker: string): LedgerReader {
    return this.#partOf(worker);
  }

  /** Faults that are active; with `worker`, only those that affect it. */
  activeFaults(worker?: string): readonly FaultEvent[] {
    return activeFaults(this.#events, worker).map(({ applied, proof }) => proof ?? applied);
  }

  /** Calls `hear` before each receipt is written: to append what happened before it. The same one counts once. @internal */
  hearFirst(hear: () => void): void {
    this.#earlier.add(hear);
  }

  /** Hands on what {@link hearFirst} was given. @internal */
  handOn(next: TestLedger): void {
    for (const hear of this.#earlier) next.hearFirst(hear);
  }

  /** Asks `remark` when the test has ended, for something that the report should say. @internal */
  atEnd(remark: () => string | undefined): void {
    this.#atEnd.push(remark);
  }

  /** What is to be said at the end of the test. @internal */
  remarks(): string[] {
    return this.#atEnd.flatMap((remark) => remark() ?? []);
  }

  protected override shown(): readonly LedgerEvent[] {
    return this.#events;
  }

  #partOf(worker: string): LedgerPart {
    const part = this.#parts.get(worker) ?? new LedgerPart();
    this.#parts.set(worker, part);
    return part;
  }

  #tell(event: LedgerEvent): void {
    if (event.worker !== "") this.#partOf(event.worker).take(event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** One worker's events, in the same order and with the same `seq` as in the whole ledger. */
class LedgerPart implements LedgerReader {
  readonly #events: LedgerEvent[] = [];
  readonly #listeners = new Set<Listener>();

  get events(): readonly LedgerEvent[] {
    return this.#events;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  take(event: LedgerEvent): void {
    if (this.#events.at(-1) !== event && (event.kind !== "send" || event.outcome === "pending"))
      this.#events.push(event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** The identity part of a worker's events. */
export type EventOwner = Pick<EventBase, "worker" | "installationId" | "inboxId">;
