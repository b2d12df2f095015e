/**
 * What a matcher needs of the thing it is called on, as small structural types: a real `Worker` fits them,
 * and so does a hand-made object in a unit test. TypeScript offers each matcher only where its receiver fits.
 */
import { XmtpTestError } from "../errors.js";
import type { LedgerReader, typeofStream } from "../ledger/events.js";
import type { ConversationSnapshot } from "../ledger/snapshot.js";

/** The part of a `WorkerClient` that the delivery matchers read. */
export interface LedgerSource {
  /**
   * The ledger of the whole test: the matchers pick this worker's events by name, and read everybody's sends
   * and the faults from the same place.
   */
  readonly events: LedgerReader;
  /**
   * Resolves once everything that the node had stored for this worker at the time of the call has passed
   * its streams, for example by a marker of the worker's own, or by a sync whose message ids have all been
   * streamed. Absence ("exactly once", `.not`) is only judged after it. Rejects when that cannot be known.
   */
  untilDrained?(timeoutMs?: number): Promise<void>;
}

/** Receiver of `toHaveReceived`, `toHaveReceivedExactlyOnce`, `toHaveReceivedInOrder`. */
export interface LedgerOwner {
  readonly name: string;
  readonly inboxId: string;
  readonly worker: LedgerSource;
}

/** Receiver of `toHaveNoActiveStreams`. */
export interface StreamOwner {
  readonly name: string;
  readonly worker: { readonly events: LedgerReader; readonly activeStreamTypes: ReadonlySet<typeofStream> };
}

/** Receiver of `toHaveConversation`, and item of the list that `toHaveConverged` takes. */
export interface SnapshotSource {
  readonly name: string;
  /** Syncs the conversation, forces the commit log's reconciliation, then reads it from the database. */
  snapshot(conversationId: string): Promise<ConversationSnapshot>;
  readonly worker: { readonly events: LedgerReader };
}

/** An app, a page or a line in the list that `toHaveConverged` takes: it keeps its state to itself. */
export interface SilentParty {
  readonly name: string;
  readonly inboxId: string;
  readonly installationId: string;
  readonly address: string;
}

/** Receiver of `toHaveMembers`: an SDK group or DM fits. */
export interface MembersSource {
  readonly id: string;
  members(): Promise<readonly { readonly inboxId: string }[]>;
  /** Called before each look, where there is one: members are otherwise as old as the last sync. */
  sync?(): Promise<unknown>;
}

/**
 * What TypeScript refuses and JavaScript lets pass: a matcher on something it is not for.
 *
 * @throws XmtpTestError `INVALID_ARGUMENT`
 */
export function checkReceiver(
  matcher: string,
  value: unknown,
  wants: "a worker" | "a list of workers" | "a list of parties" | "a group or DM",
): void {
  const list = wants.startsWith("a list");
  const items: readonly unknown[] = list ? listOf(value) : [value];
  if ((!list || isIterable(value)) && items.every(receivers[wants])) return;
  throw new XmtpTestError(
    "INVALID_ARGUMENT",
    `expect(${describe(value)}).${matcher} was called.`,
    list
      ? `${matcher} is for a list: expect([alice, bob]).${matcher}(...), or expect(workers).${matcher}(...).`
      : `${matcher} is for ${wants}: expect(${wants === "a worker" ? "alice" : "group"}).${matcher}(...).`,
  );
}

const receivers: Record<Parameters<typeof checkReceiver>[2], (value: unknown) => boolean> = {
  "a worker": isWorkerLike,
  "a list of workers": isWorkerLike,
  "a list of parties": (one) => isWorkerLike(one) || isSilentParty(one),
  "a group or DM": (one) => typeof (one as Partial<MembersSource> | null)?.members === "function",
};

export function isWorkerLike(value: unknown): value is LedgerOwner {
  const worker = value as Partial<LedgerOwner> | null | undefined;
  return typeof worker?.name === "string" && Array.isArray(worker.worker?.events.events);
}

function isSilentParty(value: unknown): value is SilentParty {
  const party = value as Partial<SilentParty> | null | undefined;
  return [party?.name, party?.inboxId, party?.installationId, party?.address].every(
    (field) => typeof field === "string",
  );
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function listOf(value: unknown): readonly unknown[] {
  return isIterable(value) ? [...value] : [value];
}

function describe(value: unknown): string {
  if (isWorkerLike(value)) return value.name;
  if (value instanceof Promise) return "a promise: await it first";
  if (isIterable(value)) return `a list of ${listOf(value).length}`;
  const fields = (value ?? {}) as Record<string, unknown>;
  if (typeof fields["conversations"] === "object") return "a client";
  if (typeof fields["members"] === "function") return "a conversation";
  return typeof value === "object" && value !== null ? "an object" : JSON.stringify(value);
}
