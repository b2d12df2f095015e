/**
 * The event ledger's vocabulary: everything a party did or saw, as plain data.
 *
 * Oracles, the timeline and the report read these; they never see a client. All times named `at` are
 * milliseconds of the process's monotonic clock (`performance.now()`), `wall` is Unix milliseconds.
 */

/** A stream a worker can have. Message-like types share one SDK stream underneath. */
export enum typeofStream {
  /** Messages of all conversations, group updates excepted. */
  Message = "message",
  /** The same, and an automatic "gm" answers each text of somebody else; see `WorkerDefaults.respondTo`. */
  MessageandResponse = "message_and_response",
  /** Group updates only: members and metadata. */
  GroupUpdated = "group_updated",
  /** New conversations, whoever made them. */
  Conversation = "conversation",
  /** Changes of consent. What a reconnect missed is not filled in: the database keeps no time of a change. */
  Consent = "consent",
  /** Nothing: starting or ending it does nothing. */
  None = "none",
}

/** A periodic sync a worker can run. */
export enum typeOfSync {
  /** All conversations and their messages. */
  SyncAll = "sync_all",
  /** The list of conversations only. */
  Sync = "sync",
  /** `Sync`, then `SyncAll`. */
  Both = "both",
  /** Nothing: starting it does nothing. */
  None = "none",
}

/** Who and when: the part that all events have. */
export interface EventBase {
  /** Position in the test's ledger, from 1, without gaps, over all workers. */
  readonly seq: number;
  /** When, monotonic ms of the Playwright process (`performance.now()`). */
  readonly at: number;
  /** When, Unix ms. */
  readonly wall: number;
  /** The party's name, for example "alice" or "bot"; "" for events of the whole test (faults). */
  readonly worker: string;
  /** The party's installation; "" where it is nobody's, or not known yet. */
  readonly installationId: string;
  /** The party's inbox; "" as `installationId`. */
  readonly inboxId: string;
}

/** What a message says, without trusting its id: two sends of the same text have the same payload. */
export interface Payload {
  /** First 16 hex digits of sha256 over content type and encoded content. */
  readonly hash: string;
  /** The text itself for text-like content, else a short description; cut at 200 characters. */
  readonly text: string;
}

/**
 * `pending` until the call settles, then `ok`; `failed`: nothing was sent; `unknown`: the call failed in a way that leaves
 * open whether the node stored the message.
 */
export type SendOutcome = "pending" | "ok" | "failed" | "unknown";

/** One send. The outcome, id and end are filled in when the call settles. */
export interface SendEvent extends EventBase {
  readonly kind: "send";
  readonly conversationId: string;
  /** For example "text", "reaction", "group_updated". */
  readonly contentType: string;
  readonly payload: Payload;
  /** True for an automatic "gm" answer. */
  readonly automatic: boolean;
  outcome: SendOutcome;
  /** The SDK's message id; absent until the outcome is known, and where the SDK gave none. */
  messageId?: string;
  /** When the call settled, monotonic ms as `at`; absent while it is `pending`. */
  endedAt?: number;
  /** What the call threw; present for `failed` and `unknown`. */
  error?: string;
}

/**
 * How an event reached the ledger: `stream` by the SDK's callback, `gap` read from the database after a
 * reconnect (the SDK does not re-emit what came while its stream was down), `query` read on demand.
 */
export type ReceiveSource = "stream" | "gap" | "query";

/** A message that a worker's stream delivered. */
export interface ReceiveEvent extends EventBase {
  readonly kind: "receive";
  readonly source: ReceiveSource;
  /** The SDK subscription that delivered it; grows by 1 each time a worker subscribes. */
  readonly streamId: number;
  /** Position within that subscription, from 1. */
  readonly streamSeq: number;
  readonly conversationId: string;
  readonly messageId: string;
  readonly senderInboxId: string;
  readonly contentType: string;
  readonly payload: Payload;
  /** When the sender's SDK stamped it, Unix nanoseconds as a decimal string (JSON has no bigint). */
  readonly sentAtNs: string;
  /** The decoded content as the SDK gave it; left out of JSON. */
  readonly content?: unknown;
  /** Present on group updates: what changed. */
  readonly update?: GroupUpdate;
}

/** A group update in names that do not depend on the SDK version. */
export interface GroupUpdate {
  readonly initiatedByInboxId: string;
  readonly addedInboxIds: readonly string[];
  readonly removedInboxIds: readonly string[];
  readonly leftInboxIds: readonly string[];
  /** Changed metadata fields, for example `{ field: "group_name", oldValue: "a", newValue: "b" }`. */
  readonly fields: readonly {
    readonly field: string;
    readonly oldValue: string;
    readonly newValue: string;
  }[];
}

/** A conversation that a conversation stream delivered. */
export interface ConversationEvent extends EventBase {
  readonly kind: "conversation";
  readonly source: ReceiveSource;
  readonly streamId: number;
  readonly streamSeq: number;
  readonly conversationId: string;
  readonly conversationType: "dm" | "group";
  /** Who added the receiver; its own inbox where it made the conversation. */
  readonly addedByInboxId: string;
}

/** The SDK's consent states by name. */
export type ConsentValue = "unknown" | "allowed" | "denied";

/** A consent change that a consent stream delivered. */
export interface ConsentEvent extends EventBase {
  readonly kind: "consent";
  readonly source: ReceiveSource;
  readonly streamId: number;
  readonly streamSeq: number;
  readonly entityType: "inbox" | "conversation";
  /** An inbox id or a conversation id, as `entityType` says. */
  readonly entity: string;
  readonly state: ConsentValue;
}

/**
 * A stream's life. `starting` means it was asked for; `live` the node has answered; `lost` the connection broke; `retry` an
 * attempt after that; `restart` live again; `gap_filled` what came meanwhile has been read from the database; `failed`
 * given up for good; `ending` its end was asked for; `ended` nothing more arrives.
 */
export type StreamState =
  "starting" | "live" | "lost" | "retry" | "restart" | "gap_filled" | "failed" | "ending" | "ended";

/** A step in the life of a worker's stream. Types that share one SDK subscription each have such events, with one `streamId`. */
export interface StreamEvent extends EventBase {
  readonly kind: "stream";
  readonly streamType: typeofStream;
  /** The SDK subscription, as in {@link ReceiveEvent}. */
  readonly streamId: number;
  readonly state: StreamState;
  /** For `retry`: which attempt; for `gap_filled`: how many events were filled in. */
  readonly count?: number;
  /** What the SDK reported; present where a `lost`, `retry` or `failed` has a cause. */
  readonly error?: string;
}

/** A step of a worker's periodic sync. Syncs that a test asks for once (`worker.sync()`) are not recorded. */
export interface SyncEvent extends EventBase {
  readonly kind: "sync";
  readonly syncType: typeOfSync;
  /** `started`, then `done` or `failed`, once for each sync; `stopped` when the type is ended. */
  readonly state: "started" | "done" | "failed" | "stopped";
  /** How long that sync took, ms; present for `done` and `failed`. */
  readonly durationMs?: number;
  /** What the SDK threw; present for `failed`. */
  readonly error?: string;
}

/** A fault that was applied or removed. */
export interface FaultEvent extends EventBase {
  readonly kind: "fault";
  /** The same for `applied`, `effective` and `lifted` of one fault. */
  readonly faultId: string;
  /** The verb, for example "latency", "partition". */
  readonly fault: string;
  /** `applied` when it is put on; `effective` or `not_effective` as its proof shows; `lifted` when it is taken off. */
  readonly state: "applied" | "effective" | "not_effective" | "lifted";
  /** Names of the parties it affects. */
  readonly targets: readonly string[];
  /** For people, for example "300 ms ± 50 ms both ways". */
  readonly detail: string;
}

/** A worker's own life, and what the test did to it. */
export interface LifecycleEvent extends EventBase {
  readonly kind: "lifecycle";
  /** What was done to it; `error`: something failed in the background; `note`: a remark, shown in the timeline. */
  readonly state:
    | "created"
    | "offline"
    | "online"
    | "installation_added"
    | "reinstalled"
    | "reopened"
    | "terminated"
    | "error"
    | "note"
    | AppState;
  /** For people: what changed, or the error's text. */
  readonly detail: string;
}

/**
 * An app's process: `launched` with its command; `ready` as `launch` waits for it; `stopped` because the test asked;
 * `exited` by itself.
 */
export type AppState = "launched" | "ready" | "stopped" | "exited";

/**
 * What the node saw at the port of a party that is not a worker (an app, a page, a line). Ciphertext only, so there is
 * no content and no message id: a receiver's `sentAtNs` equals `createdNs`, in the same conversation (up to 256 ns on
 * node-sdk 4.x, whose times are numbers).
 */
export interface LineEvent extends EventBase {
  readonly kind: "line";
  /**
   * `registered`: the party's installation is known from now on; `subscribed` and `unsubscribed`: one of its streams;
   * `published`: the node stored it; `delivered`: the node wrote it to the party's stream, or answered a query with it.
   */
  readonly what: "registered" | "subscribed" | "unsubscribed" | "published" | "delivered";
  /** What was published or delivered, or what the stream brings; "" for `registered`. */
  readonly about: "group" | "welcome" | "topics" | "";
  /** `query` where the party asked for it, for example in a sync. */
  readonly via: "stream" | "query";
  /** The group's id in hex; "" for a welcome, whose group the node cannot see. */
  readonly conversationId: string;
  /** The installation a welcome is for, in hex; "" for the rest. */
  readonly recipientInstallationId: string;
  /** The node's id of the message, decimal; "" where there is none. */
  readonly sequenceId: string;
  /** When the node stored the message, Unix nanoseconds as a decimal string; "" where there is none. */
  readonly createdNs: string;
  /** Whether it is a commit or a proposal rather than somebody's message. */
  readonly commit: boolean;
}

/** Anything a ledger holds; `kind` tells them apart. */
export type LedgerEvent =
  | SendEvent
  | ReceiveEvent
  | ConversationEvent
  | ConsentEvent
  | StreamEvent
  | SyncEvent
  | FaultEvent
  | LineEvent
  | LifecycleEvent;

/** What a ledger gives its readers. */
export interface LedgerReader {
  /** All events so far, oldest first. Do not change it. */
  readonly events: readonly LedgerEvent[];
  /** Calls `listener` for each later event (and again when a send settles); returns the unsubscriber. */
  subscribe(listener: (event: LedgerEvent) => void): () => void;
}
