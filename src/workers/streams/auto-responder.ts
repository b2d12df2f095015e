import { errorText } from "../../errors.js";
import type { LedgerEvent, ReceiveEvent } from "../../ledger/events.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import type { SdkClient } from "../sdk/types.js";

export interface ResponderContext {
  readonly events: WorkerLedger;
  sdk(): SdkClient;
  /** True while MessageandResponse is active. */
  active(): boolean;
  failed(what: string, error: unknown): void;
}

/** What a worker with MessageandResponse answers. */
export const automaticAnswer = "gm";

/**
 * Answers each text from others with "gm", once per message id.
 *
 * An automatic answer is never answered, or two such workers would talk for ever: a "gm" counts as
 * automatic when the ledger knows it as another worker's automatic send, or when it follows our own.
 * The reception is recorded before the answer is sent, so answering adds nothing to delivery times.
 */
export class AutoResponder {
  readonly #context: ResponderContext;
  readonly #answered = new Set<string>();
  readonly #unsubscribe: () => void;
  #queue: Promise<void> = Promise.resolve();

  constructor(context: ResponderContext) {
    this.#context = context;
    this.#unsubscribe = context.events.subscribe((event) => this.#hear(event));
  }

  /** Resolves when no answer is under way. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  /** Stops answering; resolves when an answer under way has been sent. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#queue;
  }

  #hear(event: LedgerEvent): void {
    if (event.kind !== "receive" || !this.#context.active() || event.contentType !== "text") return;
    if (event.senderInboxId === event.inboxId || this.#answered.has(event.messageId)) return;
    this.#answered.add(event.messageId);
    this.#queue = this.#queue.then(() => this.#answer(event));
  }

  async #answer(event: ReceiveEvent): Promise<void> {
    if (!this.#context.active() || this.#isAutomatic(event)) return;
    try {
      await this.#context.sdk().sendText(event.conversationId, automaticAnswer, { automatic: true });
    } catch (error) {
      this.#context.failed(`automatic answer to "${event.payload.text}"`, errorText(error));
    }
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
