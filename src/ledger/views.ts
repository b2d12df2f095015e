import type {
  ConsentEvent,
  ConversationEvent,
  FaultEvent,
  LedgerEvent,
  LifecycleEvent,
  ReceiveEvent,
  SendEvent,
  StreamEvent,
  SyncEvent,
} from "./events.js";

type OfKind<K extends LedgerEvent["kind"]> = Extract<LedgerEvent, { readonly kind: K }>;

/**
 * Events by kind. Iterating gives all of them, oldest first; each method gives those of one kind. All are read at
 * the time of the call: later events are in later calls.
 */
export abstract class EventViews implements Iterable<LedgerEvent> {
  /** The events that the views show. */
  protected abstract shown(): readonly LedgerEvent[];

  [Symbol.iterator](): Iterator<LedgerEvent> {
    return this.shown()[Symbol.iterator]();
  }

  /** How many events there are. */
  get length(): number {
    return this.shown().length;
  }

  /** Messages that streams delivered, or that were read after a gap. */
  receives(): ReceiveEvent[] {
    return this.#ofKind("receive");
  }

  /** Messages that were sent, with the outcome. */
  sends(): SendEvent[] {
    return this.#ofKind("send");
  }

  /** Conversations that conversation streams delivered. */
  conversations(): ConversationEvent[] {
    return this.#ofKind("conversation");
  }

  /** Consent changes that consent streams delivered. */
  consents(): ConsentEvent[] {
    return this.#ofKind("consent");
  }

  /** The life of streams: starting, live, lost, ended and so on. */
  streams(): StreamEvent[] {
    return this.#ofKind("stream");
  }

  /** Periodic syncs. */
  syncs(): SyncEvent[] {
    return this.#ofKind("sync");
  }

  /** Faults applied and removed. They belong to the whole test: a worker's own events have none. */
  faults(): FaultEvent[] {
    return this.#ofKind("fault");
  }

  /** Workers created, taken offline or ended; background errors. */
  lifecycle(): LifecycleEvent[] {
    return this.#ofKind("lifecycle");
  }

  #ofKind<K extends LedgerEvent["kind"]>(kind: K): OfKind<K>[] {
    return this.shown().filter((event): event is OfKind<K> => event.kind === kind);
  }
}
