/**
 * What the facade touches of a node-sdk, over all versions from 4.4 to 6.x: a member that some version
 * lacks is optional, one that changed its kind is a union. The real exports are looked at, never a version
 * number.
 */

export interface AnyModule {
  readonly Client: AnyClientClass;
  readonly Conversation: new (...args: never[]) => object;
  readonly Dm: new (...args: never[]) => object;
  readonly ApiUrls: Record<string, string>;
  readonly HistorySyncUrls: Record<string, string>;
  /** 6.x: a connection that clients and static calls share. */
  createBackend?(options: Record<string, unknown>): Promise<object>;
}

export interface AnyClientClass {
  create(signer: object, options: Record<string, unknown>): Promise<AnyClient>;
}

export interface AnyClient {
  readonly inboxId: string;
  readonly installationId: string;
  readonly conversations: AnyConversations;
  readonly preferences: AnyPreferences;
  revokeInstallations(ids: readonly Uint8Array[]): Promise<void>;
  /** 6.1 and later. */
  close?(): Promise<void>;
  sendSyncRequest?(...args: unknown[]): Promise<unknown>;
  sendSyncArchive?(...args: unknown[]): Promise<unknown>;
}

/** The SDK's own stream: an async iterator over a queue that grows until somebody reads it. */
export interface AnyStream extends AsyncIterable<unknown> {
  readonly isDone: boolean;
  end(): Promise<unknown>;
}

type Opener = (options?: object) => Promise<AnyStream>;

export interface AnyConversations {
  sync(): Promise<unknown>;
  syncAll(): Promise<unknown>;
  list(): Promise<readonly AnyConversation[]>;
  getConversationById(id: string): Promise<AnyConversation | undefined>;
  /** 5.x; 4.x calls them newGroup and newDm, and its options have the same names. */
  createGroup?(inboxIds: readonly string[], options?: object): Promise<AnyConversation>;
  createDm?(inboxId: string): Promise<AnyConversation>;
  newGroup?(inboxIds: readonly string[], options?: object): Promise<AnyConversation>;
  newDm?(inboxId: string): Promise<AnyConversation>;
  getMessageById(id: string): AnyMessage | undefined;
  stream: Opener;
  streamAllMessages: Opener;
}

export interface AnyPreferences {
  sync(): Promise<unknown>;
  /** 5.x; in 4.x `inboxState(true)`. */
  fetchInboxState?(): Promise<AnyInboxState>;
  inboxState(refresh?: boolean): Promise<AnyInboxState>;
  getConsentState(entityType: number, entity: string): Promise<number>;
  setConsentStates(records: readonly AnyConsent[]): Promise<void>;
  streamConsent: Opener;
}

export interface AnyInboxState {
  readonly installations: readonly { readonly id: string; readonly bytes: Uint8Array }[];
}

export interface AnyConsent {
  /** 0 conversation, 1 inbox. */
  readonly entityType: number;
  /** 0 unknown, 1 allowed, 2 denied. */
  readonly state: number;
  readonly entity: string;
}

export interface AnyConversation {
  readonly id: string;
  readonly isActive: boolean | (() => boolean);
  readonly addedByInboxId: string;
  readonly createdAtNs: number | bigint;
  readonly name?: string;
  readonly description?: string;
  readonly imageUrl?: string;
  readonly appData?: string;
  /** A property in 4.x. */
  readonly consentState: number | (() => number);
  /** 4.x; 5.x has listAdmins and listSuperAdmins. */
  readonly admins?: readonly string[];
  readonly superAdmins?: readonly string[];
  listAdmins?(): readonly string[];
  listSuperAdmins?(): readonly string[];
  sync(): Promise<unknown>;
  messages(options?: object): Promise<readonly AnyMessage[]>;
  /** 5.x and later. */
  countMessages?(options?: object): Promise<number | bigint>;
  members(): Promise<readonly { readonly inboxId: string; readonly permissionLevel: number }[]>;
  debugInfo(): Promise<AnyDebugInfo>;
  /** 5.x; 4.x sends text by `send(text)`. */
  sendText?(text: string): Promise<string>;
  send(content: unknown): Promise<string>;
  updateName?(name: string): Promise<void>;
  addMembers?(inboxIds: readonly string[]): Promise<unknown>;
  removeMembers?(inboxIds: readonly string[]): Promise<unknown>;
}

export interface AnyDebugInfo {
  readonly epoch: number | bigint;
  readonly maybeForked: boolean;
  readonly forkDetails: string;
  /** Absent or null until the commit log has been compared. */
  readonly isCommitLogForked?: boolean | null;
  readonly localCommitLog?: string;
  readonly remoteCommitLog?: string;
}

export interface AnyMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly senderInboxId: string;
  readonly contentType?: { readonly authorityId: string; readonly typeId: string };
  /** A word in 4.x ("membership_change"), a number later (1). */
  readonly kind: number | string;
  readonly sentAtNs: number | bigint;
  readonly content: unknown;
  /** 5.x: reactions to this message, which the list then does not hold on their own. */
  readonly reactions?: readonly AnyMessage[];
}
