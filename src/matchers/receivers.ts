/**
 * What a matcher needs of the thing it is called on, as small structural types: a real `Worker` fits them,
 * and so does a hand-made object in a unit test. TypeScript offers each matcher only where its receiver fits.
 */
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

/** Receiver of `toHaveMembers`: an SDK group or DM fits. */
export interface MembersSource {
  readonly id: string;
  members(): Promise<readonly { readonly inboxId: string }[]>;
  /** Called before each look, where there is one: members are otherwise as old as the last sync. */
  sync?(): Promise<unknown>;
}

/** Anybody with an inbox: an inbox id, or a worker (whose name then appears in the failure text). */
export type InboxLike = string | { readonly inboxId: string; readonly name?: string };
