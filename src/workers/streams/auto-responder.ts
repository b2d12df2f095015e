import { errorText } from "../../errors.js";
import type { LedgerEvent, ReceiveEvent } from "../../ledger/events.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import type { SdkClient } from "../sdk/types.js";

export interface ResponderContext {
  readonly events: WorkerLedger;
  sdk(): SdkClient;
  /** Which texts of a group are answered. Default all. */
  readonly respondTo?: "all" | "named" | undefined;
  /** True while MessageandResponse is active. */
  active(): boolean;
  failed(what: string, error: unknown): void;
}

/** What a worker with MessageandResponse answers. */
const automaticAnswer = "gm";

/**
 * Answers each text from others with "gm", once per message id, also when the stream that brought it has ended or
 * the worker went offline meanwhile.
 *
 * An automatic answer is never answered, or two such workers would talk for ever: a "gm" counts as
 * automatic when the ledger knows it as another worker's automatic send, or when it follows our own.
 * The reception is recorded before the answer is sent, so answering adds nothing to delivery times.
 */
export class AutoResponder {
  readonly #context: ResponderContext;
  readonly #answered = new Set<string>();
  readonly #unsubscribe: () => void;
  #waiting: ReceiveEvent[] = [];
  #held = false;
  #work: Promise<void> | undefined;

  constructor(context: ResponderContext) {
    this.#context = context;
    this.#unsubscribe = context.events.subscribe((event) => this.#hear(event));
  }

  /** Resolves when everything received has been answered. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** Keeps answers back until `release`; resolves when one under way has been sent. */
  async hold(): Promise<void> {
    this.#held = true;
    await this.#work;
  }

  /** Goes on with the answers that were kept back. */
  release(): void {
    this.#held = false;
    this.#answerAll();
  }

  /** Drops the answers that wait: there is nobody left to give them. */
  forget(): void {
    this.#waiting = [];
  }

  /** Stops answering; resolves when an answer under way has been sent. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.forget();
    await this.hold();
  }

  #hear(event: LedgerEvent): void {
    if (event.kind !== "receive" || !this.#context.active() || event.contentType !== "text") return;
    if (event.senderInboxId === event.inboxId || this.#answered.has(event.messageId)) return;
    this.#answered.add(event.messageId);
    this.#waiting.push(event);
    this.#answerAll();
  }

  #answerAll(): void {
    if (this.#held || this.#work || this.#waiting.length === 0) return;
    this.#work = this.#oneByOne().finally(() => {
      this.#work = undefined;
      this.#answerAll();
    });
  }

  async #oneByOne(): Promise<void> {
    // Answers are sent after the reception has reached all listeners.
    await Promise.resolve();
    for (let next = this.#next(); next; next = this.#next()) await this.#answer(next);
  }

  #next(): ReceiveEvent | undefined {
    return this.#held ? undefined : this.#waiting.shift();
  }

  async #answer(event: ReceiveEvent): Promise<void> {
    if (this.#isAutomatic(event)) return;
    try {
      if (!(await this.#isMeant(event))) return;
      await this.#context.sdk().sendText(event.conversationId, automaticAnswer, { automatic: true });
    } catch (error) {
      this.#context.failed(`automatic answer to "${event.payload.text}"`, errorText(error));
    }
  }

  /** In a group, by the rule; a name counts as a word only, so that "user1" is not meant by "user10". */
  async #isMeant({ conversationId, worker, payload }: ReceiveEvent): Promise<boolean> {
    if (this.#context.respondTo !== "named") return true;
    const [base = ""] = worker.split("-");
    if (new RegExp(`(^|[^A-Za-z0-9_])${base}([^A-Za-z0-9_]|$)`, "i").test(payload.text)) return true;
    const all = await this.#context.sdk().listConversations();
    return all.find(({ id }) => id === conversationId)?.type === "dm";
  }

  #isAutomatic(event: ReceiveEvent): boolean {
    if (event.payload.text !== automaticAnswer) return false;
    const { events } = this.#context.events.ledger;
    return events.some(
      (other) => other.kind === "send" && other.automatic && sameMessage(other.messageId, event, other),
    );
  }
}

/** A send whose id is not known yet is taken for the same by its sender, conversation and text. */
function sameMessage(
  id: string | undefined,
  event: ReceiveEvent,
  send: { inboxId: string; conversationId: string },
): boolean {
  if (id !== undefined) return id === event.messageId;
  return send.inboxId === event.senderInboxId && send.conversationId === event.conversationId;
}
