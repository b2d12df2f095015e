import { createHash } from "node:crypto";
import type {
  ConversationEvent,
  FaultEvent,
  GroupUpdate,
  LedgerEvent,
  LedgerReader,
  LifecycleEvent,
  LineEvent,
  ReceiveEvent,
  ReceiveSource,
  SendEvent,
  StreamEvent,
  StreamState,
  SyncEvent,
} from "../../../../src/ledger/events.js";
import { typeOfSync, typeofStream } from "../../../../src/ledger/events.js";

/** Wall clock of the ledger's time 0, Unix ms. */
export const epoch = 1_700_000_000_000;
export const conversation = "conversation-1";

type New<E extends LedgerEvent> = Partial<E> & { readonly worker: string };

/** Writes a ledger by hand: `alice` has inbox `inbox-alice` and installation `alice-1`; time is `at` in ms. */
export class LedgerBuilder implements LedgerReader {
  readonly events: LedgerEvent[] = [];
  readonly #listeners = new Set<(event: LedgerEvent) => void>();
  #now = 0;

  /** Moves the clock; every event also moves it by 1 ms. */
  at(ms: number): this {
    this.#now = ms;
    return this;
  }

  subscribe(listener: (event: LedgerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** A send that is acknowledged 1 ms after it began, unless `with` says otherwise. */
  send(worker: string, text: string, values: Partial<SendEvent> = {}): SendEvent {
    const event = this.#push<SendEvent>({
      kind: "send",
      worker,
      conversationId: conversation,
      contentType: "text",
      payload: payload(text),
      automatic: false,
      outcome: "ok",
      messageId: `id-${text}`,
      endedAt: this.#now + 1,
      ...values,
    });
    this.#now += 1;
    return event;
  }

  settle(send: SendEvent, values: Partial<SendEvent>): void {
    Object.assign(send, { endedAt: this.#now }, values);
    this.#tell(send);
  }

  /** A receipt by the worker's stream 1 of what `sender` said. */
  receive(worker: string, text: string, sender: string, values: Partial<ReceiveEvent> = {}): ReceiveEvent {
    return this.#push<ReceiveEvent>({
      kind: "receive",
      worker,
      source: "stream",
      streamId: 1,
      streamSeq: this.events.length + 1,
      conversationId: conversation,
      messageId: `id-${text}`,
      senderInboxId: `inbox-${sender}`,
      contentType: "text",
      payload: payload(text),
      sentAtNs: nanoseconds(this.#now),
      ...values,
    });
  }

  /** A group update that `worker` received, made at the time of its receipt. */
  update(
    worker: string,
    by: string,
    update: Partial<GroupUpdate>,
    values: Partial<ReceiveEvent> = {},
  ): ReceiveEvent {
    return this.receive(worker, `update ${this.events.length}`, by, {
      contentType: "group_updated",
      update: {
        initiatedByInboxId: `inbox-${by}`,
        addedInboxIds: [],
        removedInboxIds: [],
        leftInboxIds: [],
        fields: [],
        ...update,
      },
      ...values,
    });
  }

  joined(worker: string, source: ReceiveSource = "stream", values: Partial<ConversationEvent> = {}): void {
    this.#push<ConversationEvent>({
      kind: "conversation",
      worker,
      source,
      streamId: 2,
      streamSeq: this.events.length + 1,
      conversationId: conversation,
      conversationType: "group",
      addedByInboxId: "inbox-alice",
      ...values,
    });
  }

  consent(worker: string, entity: string, state: "unknown" | "allowed" | "denied"): void {
    this.#push({
      kind: "consent",
      worker,
      source: "stream",
      streamId: 3,
      streamSeq: this.events.length + 1,
      entityType: "inbox",
      entity,
      state,
    });
  }

  stream(worker: string, state: StreamState | "lost", values: Partial<StreamEvent> = {}): StreamEvent {
    return this.#push<StreamEvent>({
      kind: "stream",
      worker,
      streamType: typeofStream.Message,
      streamId: 1,
      state: state,
      ...values,
    });
  }

  /** Workers that know the conversation and whose message streams are live. */
  listening(...workers: string[]): this {
    for (const worker of workers) {
      this.joined(worker, "query");
      this.stream(worker, "starting");
      this.stream(worker, "live");
    }
    return this;
  }

  lifecycle(
    worker: string,
    state: LifecycleEvent["state"],
    detail = "",
    values: Partial<LifecycleEvent> = {},
  ): void {
    this.#push<LifecycleEvent>({ kind: "lifecycle", worker, state, detail, ...values });
  }

  /** What the node saw at the port of an app or page: a message it stored now, unless `values` say otherwise. */
  line(worker: string, what: LineEvent["what"], values: Partial<LineEvent> = {}): LineEvent {
    const isMessage = what === "published" || what === "delivered";
    return this.#push<LineEvent>({
      kind: "line",
      worker,
      what,
      about: what === "registered" ? "" : "group",
      via: "stream",
      conversationId: isMessage ? conversation : "",
      recipientInstallationId: "",
      sequenceId: isMessage ? String(this.events.length + 1) : "",
      createdNs: isMessage ? nanoseconds(this.#now) : "",
      commit: false,
      ...values,
    });
  }

  sync(worker: string, state: SyncEvent["state"] = "done"): void {
    this.#push<SyncEvent>({ kind: "sync", worker, syncType: typeOfSync.SyncAll, state });
  }

  fault(state: FaultEvent["state"], fault: string, targets: string[], detail = ""): void {
    this.#push<FaultEvent>({
      kind: "fault",
      worker: "",
      inboxId: "",
      installationId: "",
      faultId: fault,
      fault,
      state,
      targets,
      detail,
    });
  }

  #push<E extends LedgerEvent>(event: New<E>): E {
    const stamped = {
      seq: this.events.length + 1,
      at: this.#now,
      wall: epoch + this.#now,
      inboxId: `inbox-${event.worker}`,
      installationId: `${event.worker}-1`,
      ...event,
    } as unknown as E;
    this.#now += 1;
    this.events.push(stamped);
    this.#tell(stamped);
    return stamped;
  }

  #tell(event: LedgerEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

export function payload(text: string): { readonly hash: string; readonly text: string } {
  return { hash: createHash("sha256").update(text).digest("hex").slice(0, 16), text: text.slice(0, 200) };
}

/** Ledger time as a sender's stamp. */
export function nanoseconds(at: number): string {
  return String(BigInt(Math.round((epoch + at) * 1_000)) * 1_000n);
}
