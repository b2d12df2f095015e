import type {
  Client as SdkClient,
  Conversations as SdkConversations,
  DecodedMessage as SdkMessage,
  Dm as SdkDm,
  Group as SdkGroup,
} from "@xmtp/node-sdk";

type SdkPreferences = SdkClient["preferences"];

/** A wallet, as the SDK wants it. `identifierKind` 0 is an Ethereum address. */
export interface Identifier {
  /** For example a wallet's address. */
  readonly identifier: string;
  /** 0 is Ethereum, 1 a passkey. */
  readonly identifierKind: number;
}

/** A message that the SDK has decoded. */
export type DecodedMessage = SdkMessage;
/** 5.x gives decoded messages to streams too. */
export type Message = SdkMessage;

/** What every conversation has, whatever the SDK's generation. */
interface ConversationNames {
  /** Text, as 4.x takes it, or encoded content, as later versions do. */
  send(content: unknown, how?: unknown): Promise<string>;
  sendText(text: string): Promise<string>;
}

interface GroupNames {
  /** 4.x; later `listAdmins()`. */
  readonly admins: string[];
  /** 4.x; later `listSuperAdmins()`. */
  readonly superAdmins: string[];
}

/** A DM with the names of all SDK generations. */
export type CompatDm = Omit<SdkDm, keyof ConversationNames> & ConversationNames;
/** A group with the names of all SDK generations. */
export type CompatGroup = Omit<SdkGroup, keyof ConversationNames> & ConversationNames & GroupNames;
/** A DM or a group with the names of all SDK generations. */
export type CompatConversation = CompatDm | CompatGroup;

type Options = object | ((error: unknown, value?: never) => unknown);
/** A stream, or the promise of one: both can be iterated. */
type Opened<T> = Promise<AsyncIterable<T> & { end(): Promise<unknown> }> & AsyncIterable<T>;

interface ConversationsNames {
  newGroup(inboxIds: string[], options?: object): Promise<CompatGroup>;
  createGroup(inboxIds: string[], options?: object): Promise<CompatGroup>;
  newDm(inboxId: string, options?: object): Promise<CompatDm>;
  createDm(inboxId: string, options?: object): Promise<CompatDm>;
  newGroupWithIdentifiers(identifiers: Identifier[], options?: object): Promise<CompatGroup>;
  createGroupWithIdentifiers(identifiers: Identifier[], options?: object): Promise<CompatGroup>;
  newDmWithIdentifier(identifier: Identifier, options?: object): Promise<CompatDm>;
  createDmWithIdentifier(identifier: Identifier, options?: object): Promise<CompatDm>;
  getConversationById(id: string): Promise<CompatConversation | undefined>;
  getDmByInboxId(inboxId: string): CompatDm | undefined;
  list(options?: object): Promise<CompatConversation[]>;
  stream(options?: Options): Opened<CompatConversation>;
  streamGroups(options?: Options): Opened<CompatGroup>;
  streamDms(options?: Options): Opened<CompatDm>;
  streamAllMessages(options?: Options): Opened<DecodedMessage>;
}

interface PreferencesNames {
  /** `entityType` 0 is a conversation, 1 an inbox. */
  getConsentState(entityType: number, entity: string): ReturnType<SdkPreferences["getConsentState"]>;
  /** With `true`, from the network, as in 4.x. */
  inboxState(refresh?: boolean): ReturnType<SdkPreferences["inboxState"]>;
  inboxStateFromInboxIds(
    inboxIds: string[],
    refresh?: boolean,
  ): ReturnType<SdkPreferences["fetchInboxStates"]>;
  getLatestInboxState(inboxId: string): ReturnType<SdkPreferences["inboxState"]>;
}

interface ClientNames {
  getInboxIdByIdentifier(identifier: Identifier): Promise<string | null>;
  fetchInboxIdByIdentifier(identifier: Identifier): Promise<string | null>;
  getKeyPackageStatusesForInstallationIds(ids: string[]): ReturnType<SdkClient["fetchKeyPackageStatuses"]>;
  canMessage(identifiers: Identifier[]): Promise<Map<string, boolean>>;
}

/** A client with the names of all SDK generations. */
export type CompatClient = Omit<SdkClient, "conversations" | "preferences" | keyof ClientNames> &
  ClientNames & {
    readonly conversations: Omit<SdkConversations, keyof ConversationsNames> & ConversationsNames;
    readonly preferences: Omit<SdkPreferences, keyof PreferencesNames> & PreferencesNames;
  };
