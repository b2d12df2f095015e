import type { Client } from "@xmtp/node-sdk";
import type { ConsentValue, GroupUpdate, Payload } from "../../ledger/events.js";
import type { ConversationSnapshot, MemberSnapshot } from "../../ledger/snapshot.js";

/** A wallet that signs for a worker. The key stays inside; only its address and signatures come out. */
export interface WorkerSigner {
  /** Lower-case `0x` address. */
  readonly address: string;
  sign(text: string): Promise<Uint8Array>;
}

/** Where a client connects: a node's URL, and its history server (null: none). */
export interface SdkNetwork {
  /** `embedded`, `local`, `dev`, `production`, or a name of the test's own. */
  readonly env: string;
  readonly url: string;
  readonly historyUrl: string | null;
  /** Whether `url` is a d14n gateway, and clients speak d14n to it. Default false. */
  readonly gateway?: boolean;
}

export interface SdkCreateOptions {
  readonly signer: WorkerSigner;
  readonly network: SdkNetwork;
  /** Database file; its folder exists. */
  readonly dbPath: string;
  readonly dbEncryptionKey: Uint8Array;
  readonly appVersion?: string;
  /** Leave the SDK's device-sync worker off. Default false, as in the SDK. */
  readonly disableDeviceSync?: boolean;
  /** Content codecs, as the SDK's own option `codecs`. */
  readonly codecs?: readonly unknown[];
  readonly observer: SdkObserver;
}

/**
 * Hears what the test does through the real client. The facade instruments the instances of this one
 * client (never the SDK's prototypes, which the application under test may share).
 */
export interface SdkObserver {
  /**
   * A send began, by the real client or by `SdkClient.sendText`; call the returned function when it settles.
   * An optimistic send settles with `publishMessages()`, and stays pending without it.
   */
  sendStarted(send: {
    conversationId: string;
    contentType: string;
    payload: Payload;
    /** True when the worker itself sent it by `sendText(…, { automatic: true })`. */
    automatic: boolean;
  }): (result: { messageId: string } | { error: unknown }) => void;
  /** The test opened a stream of its own; the worker ends it at teardown. */
  streamOpened(stream: { end(): Promise<unknown> }): void;
}

/** What a new group says of itself. */
export interface GroupMetadata {
  readonly name?: string;
  readonly description?: string;
  readonly imageUrl?: string;
}

/** One message, whatever the SDK version. */
export interface SdkMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly senderInboxId: string;
  readonly contentType: string;
  readonly kind: "application" | "membership";
  readonly payload: Payload;
  readonly sentAtNs: string;
  /** Decoded content, as the SDK gave it. */
  readonly content: unknown;
  readonly update?: GroupUpdate;
}

export interface SdkConversationInfo {
  readonly id: string;
  readonly type: "dm" | "group";
  readonly addedByInboxId: string;
  /** Unix nanoseconds. */
  readonly createdAtNs: string;
}

export interface SdkConsent {
  readonly entityType: "inbox" | "conversation";
  readonly entity: string;
  readonly state: ConsentValue;
}

/** A stream's callbacks. None is called after `SdkStream.end()` has resolved. */
export interface StreamHandlers<T> {
  onValue(value: T): void;
  /**
   * An error the SDK reported; the stream may go on. After the last retry it is an `XmtpTestError` with code
   * `STREAM_FAILED`, and the stream is over.
   */
  onError(error: Error): void;
  /** The connection was lost; the SDK will retry. */
  onFail(): void;
  onRetry(attempt: number, maxAttempts: number): void;
  onRestart(): void;
}

export interface SdkStreamOptions {
  /** Wait before each retry. The SDK's default of 60,000 ms outlasts most tests. */
  readonly retryDelayMs: number;
  readonly retryAttempts: number;
  /** Skip the sync the SDK makes before it subscribes (4.4 cannot). */
  readonly disableSync?: boolean;
  /** Gives a start up that is still pending: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface SdkStream {
  /**
   * Ends the stream for good, also while a retry is pending (SDKs up to 6.1 would re-open it then).
   * Resolves when no further callback can come.
   */
  end(): Promise<void>;
}

/** An installation of an inbox. */
export interface SdkInstallation {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The typed facade over one client of any supported node-sdk version (4.4 to 6.x). */
export interface SdkClient {
  /** The real client. Typed as the primary version; older ones differ where the facade exists. */
  readonly client: Client;
  readonly inboxId: string;
  readonly installationId: string;
  /** The three below resolve once the node has answered; a first attempt that fails is retried. */
  streamMessages(handlers: StreamHandlers<SdkMessage>, options: SdkStreamOptions): Promise<SdkStream>;
  streamConversations(
    handlers: StreamHandlers<SdkConversationInfo>,
    options: SdkStreamOptions,
  ): Promise<SdkStream>;
  streamConsent(handlers: StreamHandlers<SdkConsent>, options: SdkStreamOptions): Promise<SdkStream>;
  /** Fetches new conversations (welcomes). */
  syncConversations(): Promise<void>;
  /** Fetches new conversations and the messages of all. */
  syncAll(): Promise<void>;
  /**
   * Fetches the messages of before a message stream opened, where the stream does not do so itself: with 4.4, which
   * fetches new conversations only. Nothing happens with other versions.
   */
  fetchMissed(): Promise<void>;
  /** Fetches one conversation's messages. Throws when it is unknown. */
  syncConversation(conversationId: string): Promise<void>;
  listConversations(): Promise<readonly SdkConversationInfo[]>;
  /**
   * Messages in the database, oldest first, reactions and read receipts included; those inserted after a
   * local time (Unix ms) where one is given. 4.4 keeps no insertion time: there, those sent after it.
   */
  listMessages(conversationId: string, insertedAfterMs?: number): Promise<readonly SdkMessage[]>;
  /** @returns the new conversation's id */
  createGroup(inboxIds: readonly string[], metadata?: GroupMetadata): Promise<string>;
  createDm(inboxId: string): Promise<string>;
  /** The real SDK's object of a conversation. Throws when it is unknown. */
  conversation(conversationId: string): Promise<unknown>;
  members(conversationId: string): Promise<readonly MemberSnapshot[]>;
  /** The observer hears of it too. @returns the message's id */
  sendText(conversationId: string, text: string, options?: { automatic?: boolean }): Promise<string>;
  updateName(groupId: string, name: string): Promise<void>;
  addMembers(groupId: string, inboxIds: readonly string[]): Promise<void>;
  removeMembers(groupId: string, inboxIds: readonly string[]): Promise<void>;
  consent(entityType: "inbox" | "conversation", entity: string): Promise<ConsentValue>;
  setConsent(entityType: "inbox" | "conversation", entity: string, state: ConsentValue): Promise<void>;
  /** All installations of this inbox, from the network. */
  fetchInstallations(): Promise<readonly SdkInstallation[]>;
  revokeInstallations(installationIds: readonly string[]): Promise<void>;
  /** The conversation as this installation's database has it now (sync first). Without the worker's name. */
  snapshot(conversationId: string): Promise<Omit<ConversationSnapshot, "worker">>;
  /**
   * Starts the SDK's commit-log worker now instead of within 5 minutes, by releasing and reconnecting the
   * database: calls in flight may fail, so let the client be quiet. One pass publishes the log of those who
   * are super admin, the next one compares; only then does a snapshot's fork status become known, and only
   * in conversations whose consent is "allowed".
   */
  compareCommitLogs(): Promise<void>;
  /** Cuts the database off and back on, where the version can (`releaseDbConnection`); else nothing. */
  releaseDb(): Promise<void>;
  reconnectDb(): Promise<void>;
  /**
   * Ends all streams and frees what the version lets us free. Idempotent.
   *
   * Measured: from 6.1 on the SDK's own `close()` frees the database at once and the sockets with the next
   * garbage collection. Up to 6.0 the database files are released, yet the client's one or two connections
   * to the node (API, and device sync unless disabled) stay until the process ends: native background
   * workers hold them, so that garbage collection does not help. They are idle: no stream is open on them.
   */
  close(): Promise<void>;
}

/** One installed node-sdk version. */
export interface SdkModule {
  /** Package name it is imported by, for example "@xmtp/node-sdk" or an npm alias "@xmtp/node-sdk-4.6.0". */
  readonly specifier: string;
  /** For example "5.5.0". */
  readonly version: string;
  /** Version of the native bindings (libxmtp), for example "1.9.1". */
  readonly bindingsVersion: string;
  create(options: SdkCreateOptions): Promise<SdkClient>;
  /** The module's own exports, for example to reach a codec. */
  readonly exports: Readonly<Record<string, unknown>>;
}
