import type { Client } from "@xmtp/node-sdk";
import { errorText, XmtpTestError } from "../../errors.js";
import type { ConsentValue } from "../../ledger/events.js";
import type { ConversationSnapshot, MemberSnapshot } from "../../ledger/snapshot.js";
import type { Binding } from "./loading/binding.js";
import type { Instrumentation } from "./instrument.js";
import { listAll } from "./listing.js";
import { toSdkMessage } from "./messages.js";
import type { AnyClient, AnyConsent, AnyConversation, AnyMessage, AnyModule, AnyStream } from "./shapes.js";
import { consentValues, membersOf, takeSnapshot, valueOf } from "./snapshot.js";
import { openStream } from "./streams.js";
import type { Subscription } from "./subscription.js";
import type * as facade from "./types.js";

/** The SDK's own stream openers, from before the instrumentation: the facade's streams are not the test's. */
export interface RawOpeners {
  readonly messages: (options: object) => Promise<AnyStream>;
  readonly conversations: (options: object) => Promise<AnyStream>;
  readonly consent: (options: object) => Promise<AnyStream>;
}

/** See {@link facade.SdkClient}. */
export class ClientFacade implements facade.SdkClient {
  readonly client: Client;
  readonly inboxId: string;
  readonly installationId: string;
  readonly #any: AnyClient;
  readonly #sdk: AnyModule;
  readonly #binding: Binding;
  readonly #shared: Instrumentation;
  readonly #raw: RawOpeners;
  readonly #streams = new Set<Subscription>();
  #closing: Promise<void> | undefined;

  constructor(sdk: AnyModule, client: AnyClient, binding: Binding, shared: Instrumentation, raw: RawOpeners) {
    this.#sdk = sdk;
    this.#any = client;
    this.#binding = binding;
    this.#shared = shared;
    this.#raw = raw;
    this.client = client as unknown as Client;
    this.inboxId = client.inboxId;
    this.installationId = client.installationId;
  }

  async streamMessages(
    handlers: facade.StreamHandlers<facade.SdkMessage>,
    options: facade.SdkStreamOptions,
  ): Promise<facade.SdkStream> {
    const onValue = (value: unknown): void => handlers.onValue(toSdkMessage(value as AnyMessage));
    return this.#open(this.#raw.messages, { ...forward(handlers), onValue }, options);
  }

  async streamConversations(
    handlers: facade.StreamHandlers<facade.SdkConversationInfo>,
    options: facade.SdkStreamOptions,
  ): Promise<facade.SdkStream> {
    const onValue = (value: unknown): void => handlers.onValue(this.#info(value as AnyConversation));
    return this.#open(this.#raw.conversations, { ...forward(handlers), onValue }, options);
  }

  async streamConsent(
    handlers: facade.StreamHandlers<facade.SdkConsent>,
    options: facade.SdkStreamOptions,
  ): Promise<facade.SdkStream> {
    const onValue = (value: unknown): void => {
      for (const { entityType, entity, state } of value as readonly AnyConsent[]) {
        handlers.onValue({
          entityType: entityType === 0 ? "conversation" : "inbox",
          entity,
          state: consentValues[state] ?? "unknown",
        });
      }
    };
    return this.#open(this.#raw.consent, { ...forward(handlers), onValue }, options);
  }

  async #open(
    open: RawOpeners["messages"],
    handlers: facade.StreamHandlers<unknown>,
    options: facade.SdkStreamOptions,
  ): Promise<facade.SdkStream> {
    const { stream, subscription } = await openStream(open, handlers, options);
    this.#streams.add(subscription);
    const end = async (): Promise<void> => {
      await stream.end();
      this.#streams.delete(subscription);
    };
    return { end };
  }

  async syncConversations(): Promise<void> {
    await this.#any.conversations.sync();
  }

  async syncAll(): Promise<void> {
    await this.#any.conversations.syncAll();
  }

  async fetchMissed(): Promise<void> {
    // Both are new in 4.5: the count of messages, and a message stream that fetches what came before it opened.
    const { prototype } = this.#sdk.Conversation as { readonly prototype: Partial<AnyConversation> };
    if (prototype.countMessages === undefined) await this.syncAll();
  }

  async syncConversation(conversationId: string): Promise<void> {
    const conversation = await this.#find(conversationId);
    // Whoever was removed has nothing left to fetch, and the SDK throws "Group is inactive".
    if (valueOf(conversation.isActive, conversation)) await conversation.sync();
  }

  async listConversations(): Promise<readonly facade.SdkConversationInfo[]> {
    return (await this.#any.conversations.list()).map((conversation) => this.#info(conversation));
  }

  async listMessages(
    conversationId: string,
    insertedAfterMs?: number,
  ): Promise<readonly facade.SdkMessage[]> {
    const conversation = await this.#find(conversationId);
    const messages = await listAll(this.#any, this.#binding, conversation, insertedAfterMs);
    return messages.map(toSdkMessage);
  }

  async createGroup(inboxIds: readonly string[], metadata: facade.GroupMetadata = {}): Promise<string> {
    const { conversations } = this.#any;
    const { name, description, imageUrl } = metadata;
    const options = {
      ...(name === undefined ? {} : { groupName: name }),
      ...(description === undefined ? {} : { groupDescription: description }),
      ...(imageUrl === undefined ? {} : { groupImageUrlSquare: imageUrl }),
    };
    const ids = [...inboxIds];
    const make = conversations.createGroup?.(ids, options) ?? conversations.newGroup?.(ids, options);
    return (await (make ?? unsupported("createGroup"))).id;
  }

  async createDm(inboxId: string): Promise<string> {
    const { conversations } = this.#any;
    const make = conversations.createDm?.(inboxId) ?? conversations.newDm?.(inboxId);
    return (await (make ?? unsupported("createDm"))).id;
  }

  async conversation(conversationId: string): Promise<unknown> {
    return await this.#find(conversationId);
  }

  async members(conversationId: string): Promise<readonly MemberSnapshot[]> {
    return await membersOf(await this.#find(conversationId));
  }

  async sendText(
    conversationId: string,
    text: string,
    options: { automatic?: boolean } = {},
  ): Promise<string> {
    const conversation = await this.#find(conversationId);
    return await this.#markedAs(options.automatic ?? false, () =>
      conversation.sendText ? conversation.sendText(text) : conversation.send(text),
    );
  }

  async updateName(groupId: string, name: string): Promise<void> {
    const group = await this.#find(groupId);
    await (group.updateName?.(name) ?? unsupported("updateName"));
  }

  async addMembers(groupId: string, inboxIds: readonly string[]): Promise<void> {
    const group = await this.#find(groupId);
    await (group.addMembers?.([...inboxIds]) ?? unsupported("addMembers"));
  }

  async removeMembers(groupId: string, inboxIds: readonly string[]): Promise<void> {
    const group = await this.#find(groupId);
    await (group.removeMembers?.([...inboxIds]) ?? unsupported("removeMembers"));
  }

  async consent(entityType: "inbox" | "conversation", entity: string): Promise<ConsentValue> {
    const state = await this.#any.preferences.getConsentState(entityType === "conversation" ? 0 : 1, entity);
    return consentValues[state] ?? "unknown";
  }

  async setConsent(entityType: "inbox" | "conversation", entity: string, state: ConsentValue): Promise<void> {
    const kind = entityType === "conversation" ? 0 : 1;
    const record = { entityType: kind, entity, state: consentValues.indexOf(state) };
    await this.#any.preferences.setConsentStates([record]);
  }

  async fetchInstallations(): Promise<readonly facade.SdkInstallation[]> {
    const { preferences } = this.#any;
    const state = await (preferences.fetchInboxState?.() ?? preferences.inboxState(true));
    return state.installations.map(({ id, bytes }) => ({ id, bytes }));
  }

  async revokeInstallations(installationIds: readonly string[]): Promise<void> {
    const known = await this.fetchInstallations();
    const bytes = installationIds.map((id) => {
      const installation = known.find((one) => one.id === id);
      if (installation !== undefined) return installation.bytes;
      throw new XmtpTestError(
        "INSTALLATION_UNKNOWN",
        `Inbox ${this.inboxId} has no installation ${id}.`,
        `It has: ${known.map((one) => one.id).join(", ")}.`,
      );
    });
    await this.#any.revokeInstallations(bytes);
  }

  async snapshot(conversationId: string): Promise<Omit<ConversationSnapshot, "worker">> {
    const conversation = await this.#look(conversationId);
    return takeSnapshot(this.#any, this.#binding, conversation, conversationId);
  }

  async compareCommitLogs(): Promise<void> {
    await this.releaseDb();
    await this.reconnectDb();
  }

  async releaseDb(): Promise<void> {
    return Promise.resolve(this.#binding.client.releaseDbConnection?.());
  }

  async reconnectDb(): Promise<void> {
    await this.#binding.client.dbReconnect?.();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const open = [...this.#streams, ...this.#shared.subscriptions];
    await Promise.all(open.map((subscription) => subscription.terminate(undefined)));
    this.#streams.clear();
    if (this.#any.close !== undefined) await this.#any.close();
    else this.#binding.client.releaseDbConnection?.();
  }

  #info(conversation: AnyConversation): facade.SdkConversationInfo {
    return {
      id: conversation.id,
      type: conversation instanceof this.#sdk.Dm ? "dm" : "group",
      addedByInboxId: conversation.addedByInboxId,
      createdAtNs: BigInt(conversation.createdAtNs).toString(),
    };
  }

  /** The SDK's look-up says "unknown" also when it cannot read its database; its list says which. */
  async #look(conversationId: string): Promise<AnyConversation | undefined> {
    const { conversations } = this.#any;
    const conversation = await conversations.getConversationById(conversationId);
    if (conversation !== undefined) return conversation;
    try {
      await conversations.list();
    } catch (error) {
      throw new XmtpTestError(
        "SDK_DATABASE",
        `Installation ${this.installationId} cannot read its database (${errorText(error)}).`,
        "A newer node-sdk may have written it: go back to that version, or start with a new database.",
        { cause: error },
      );
    }
    return undefined;
  }

  /** The observer hears of a send while it is being called: the mark must not outlast that, or others' sends get it. */
  #markedAs<T>(automatic: boolean, send: () => T): T {
    this.#shared.automatic = automatic;
    try {
      return send();
    } finally {
      this.#shared.automatic = false;
    }
  }

  async #find(conversationId: string): Promise<AnyConversation> {
    const conversation = await this.#look(conversationId);
    if (conversation !== undefined) return conversation;
    throw new XmtpTestError(
      "CONVERSATION_UNKNOWN",
      `Installation ${this.installationId} does not have the conversation ${conversationId}.`,
      "Sync first, or check that this inbox has been added to it.",
    );
  }
}

/** The handlers without their `onValue`, still called as methods. */
function forward(handlers: facade.StreamHandlers<never>): Omit<facade.StreamHandlers<unknown>, "onValue"> {
  return {
    onError: (error) => handlers.onError(error),
    onFail: () => handlers.onFail(),
    onRetry: (attempt, most) => handlers.onRetry(attempt, most),
    onRestart: () => handlers.onRestart(),
  };
}

function unsupported(name: string): never {
  throw new XmtpTestError(
    "SDK_UNSUPPORTED",
    `This node-sdk has no ${name} here (a DM has none of a group's methods).`,
    "Use a group, or a node-sdk from 4.4 to 6.x.",
  );
}
