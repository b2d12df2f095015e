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
  /** 5.x; before, `send(text)`. */
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

/**
 * Names of conversations that differ by generation. Inboxes that the network does not know are replaced by inboxes of
 * the pool, which the report says.
 */
interface ConversationsNames {
  /** 4.x; later `createGroup`. */
  newGroup(inboxIds: string[], options?: object): Promise<CompatGroup>;
  /** 5.x; before, `newGroup`. */
  createGroup(inboxIds: string[], options?: object): Promise<CompatGroup>;
  /** 4.x; later `createDm`. */
  newDm(inboxId: string, options?: object): Promise<CompatDm>;
  /** 5.x; before, `newDm`. */
  createDm(inboxId: string, options?: object): Promise<CompatDm>;
  /** 4.x; later `createGroupWithIdentifiers`. */
  newGroupWithIdentifiers(identifiers: Identifier[], options?: object): Promise<CompatGroup>;
  /** 5.x; before, `newGroupWithIdentifiers`. */
  createGroupWithIdentifiers(identifiers: Identifier[], options?: object): Promise<CompatGroup>;
  /** 4.x; later `createDmWithIdentifier`. */
  newDmWithIdentifier(identifier: Identifier, options?: object): Promise<CompatDm>;
  /** 5.x; before, `newDmWithIdentifier`. */
  createDmWithIdentifier(identifier: Identifier, options?: object): Promise<CompatDm>;
  /** From the client's database, without a sync; undefined where it does not know it. */
  getConversationById(id: string): Promise<CompatConversation | undefined>;
  /** From the client's database; undefined where there is none. */
  getDmByInboxId(inboxId: string): CompatDm | undefined;
  /** All that the client's database has; options are the SDK's. */
  list(options?: object): Promise<CompatConversation[]>;
  /** New conversations. Takes the SDK's options, or the error-first callback of old versions, as do the others. */
  stream(options?: Options): Opened<CompatConversation>;
  /** New groups. */
  streamGroups(options?: Options): Opened<CompatGroup>;
  /** New DMs. */
  streamDms(options?: Options): Opened<CompatDm>;
  /** Messages of all conversations. */
  streamAllMessages(options?: Options): Opened<DecodedMessage>;
}

/** Names of preferences that differ by generation. */
interface PreferencesNames {
  /** `entityType` 0 is a conversation, 1 an inbox. */
  getConsentState(entityType: number, entity: string): ReturnType<SdkPreferences["getConsentState"]>;
  /** With `true`, from the network, as in 4.x. */
  inboxState(refresh?: boolean): ReturnType<SdkPreferences["inboxState"]>;
  /** With `true`, from the network, as in 4.x. */
  inboxStateFromInboxIds(
    inboxIds: string[],
    refresh?: boolean,
  ): ReturnType<SdkPreferences["fetchInboxStates"]>;
  /** From the network. */
  getLatestInboxState(inboxId: string): ReturnType<SdkPreferences["inboxState"]>;
}

/** Names of clients that differ by generation. */
interface ClientNames {
  /** 4.x; later `fetchInboxIdByIdentifier`. Null where nobody has it. */
  getInboxIdByIdentifier(identifier: Identifier): Promise<string | null>;
  /** 5.x; before, `getInboxIdByIdentifier`. */
  fetchInboxIdByIdentifier(identifier: Identifier): Promise<string | null>;
  /** 4.x; later `fetchKeyPackageStatuses`. */
  getKeyPackageStatusesForInstallationIds(ids: string[]): ReturnType<SdkClient["fetchKeyPackageStatuses"]>;
  /** By identifier, whether it has an inbox on the network. */
  canMessage(identifiers: Identifier[]): Promise<Map<string, boolean>>;
}

/** A client with the names of all SDK generations. */
export type CompatClient = Omit<SdkClient, "conversations" | "preferences" | keyof ClientNames> &
  ClientNames & {
    readonly conversations: Omit<SdkConversations, keyof ConversationsNames> & ConversationsNames;
    readonly preferences: Omit<SdkPreferences, keyof PreferencesNames> & PreferencesNames;
  };
