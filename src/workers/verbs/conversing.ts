import type { Client } from "@xmtp/node-sdk";
import type { ConsentValue } from "../../ledger/events.js";
import { conversationIdOf, inboxOf } from "../../ledger/party.js";
import type { ConversationLike, InboxLike } from "../../ledger/party.js";
import type { ConversationSnapshot, MemberSnapshot } from "../../ledger/snapshot.js";
import { ask } from "../collecting/ask.js";
import type { Answer, AskOptions } from "../collecting/ask.js";
import type { GroupMetadata, SdkConversationInfo, SdkInstallation, SdkMessage } from "../sdk/types.js";
import { CollectingWorker } from "./collecting.js";

/**
 * A group as a worker's own client has it: the SDK's object, typed by the installed `@xmtp/node-sdk`. A worker on another
 * version (`alice-a-4.6.0`) gives that version's object, whose members may differ.
 */
export type WorkerGroup = Awaited<ReturnType<Client["conversations"]["createGroup"]>>;
/** A DM as a worker's own client has it: the SDK's object, typed as {@link WorkerGroup}. */
export type WorkerDm = Awaited<ReturnType<Client["conversations"]["createDm"]>>;

/**
 * What a worker does in conversations: the same verbs on every node-sdk from 4.4 to 6.x.
 *
 * Conversations are the SDK's own objects, from this worker's client. The verbs take such an object or its id,
 * whatever a version calls its methods.
 */
export abstract class ConversingWorker extends CollectingWorker {
  /** Creates a DM with a worker, an app or an inbox id, or returns the existing one. */
  async createDm(other: InboxLike): Promise<WorkerDm> {
    const inboxId = inboxOf(other);
    return await this.step(
      `${this.name} creates a DM`,
      () =>
        this.verb(async () => {
          const { sdk } = this;
          return (await sdk.conversation(await sdk.createDm(inboxId))) as WorkerDm;
        }),
      { box: true },
    );
  }

  /** Creates a group of this worker and these workers, apps or inbox ids. */
  async createGroup(members: readonly InboxLike[], metadata: GroupMetadata = {}): Promise<WorkerGroup> {
    const inboxIds = new Set(members.map(inboxOf));
    inboxIds.delete(this.inboxId);
    return await this.step(
      `${this.name} creates a group of ${inboxIds.size + 1}`,
      () =>
        this.verb(async () => {
          const { sdk } = this;
          return (await sdk.conversation(await sdk.createGroup([...inboxIds], metadata))) as WorkerGroup;
        }),
      { box: true },
    );
  }

  /**
   * This worker's own view of a conversation, synced. Give its id, or another worker's object of it.
   *
   * @throws XmtpTestError `CONVERSATION_UNKNOWN` if this worker still does not have it after a sync
   */
  async conversation(conversation: ConversationLike): Promise<WorkerGroup | WorkerDm> {
    const id = conversationIdOf(conversation);
    return await this.verb(async () => {
      const { sdk } = this;
      await sdk.syncConversations();
      await sdk.syncConversation(id);
      return (await sdk.conversation(id)) as WorkerGroup | WorkerDm;
    });
  }

  /** The conversations in this worker's database. Call `sync()` first to fetch new ones. */
  async conversations(): Promise<readonly SdkConversationInfo[]> {
    return await this.verb(() => this.sdk.listConversations());
  }

  /** Fetches one conversation's messages and commits; without one, all conversations and their messages. */
  async sync(conversation?: ConversationLike): Promise<void> {
    const id = conversation === undefined ? undefined : conversationIdOf(conversation);
    await this.verb(async () => {
      const { sdk } = this;
      if (id === undefined) await sdk.syncAll();
      else await sdk.syncConversation(id);
    });
  }

  /** Sends a text. @returns the message's id */
  async send(conversation: ConversationLike, text: string): Promise<string> {
    const id = conversationIdOf(conversation);
    return await this.verb(() => this.sdk.sendText(id, text));
  }

  /**
   * Sends a text and waits for the first answer from anybody else in this conversation, whatever its content type. If
   * no message stream is active, one is started for the duration. Group changes (`group_updated`) are not answers.
   *
   * @throws XmtpTestError `NO_ANSWER` at the deadline, with what arrived instead
   */
  async ask(conversation: ConversationLike, text: string, options: AskOptions = {}): Promise<Answer> {
    const id = conversationIdOf(conversation);
    return await this.step(
      `${this.name} asks "${text}"`,
      () =>
        this.verb(() =>
          ask(
            {
              events: this.ownEvents,
              streams: this.life.activity.streams,
              inboxId: this.inboxId,
              send: () => this.sdk.sendText(id, text),
            },
            id,
            text,
            options,
          ),
        ),
      { box: true },
    );
  }

  /** A conversation's messages in this worker's database, oldest first, reactions and read receipts included. */
  async messages(conversation: ConversationLike): Promise<readonly SdkMessage[]> {
    const id = conversationIdOf(conversation);
    return await this.verb(() => this.sdk.listMessages(id));
  }

  /** Members of a conversation according to this worker's database, this worker included. */
  async members(conversation: ConversationLike): Promise<readonly MemberSnapshot[]> {
    const id = conversationIdOf(conversation);
    return await this.verb(() => this.sdk.members(id));
  }

  /** Adds workers, apps or inbox ids to a group. */
  async addMembers(group: ConversationLike, members: readonly InboxLike[]): Promise<void> {
    const id = conversationIdOf(group);
    const inboxIds = members.map(inboxOf);
    await this.verb(() => this.sdk.addMembers(id, inboxIds));
  }

  /** Removes members from a group. */
  async removeMembers(group: ConversationLike, members: readonly InboxLike[]): Promise<void> {
    const id = conversationIdOf(group);
    const inboxIds = members.map(inboxOf);
    await this.verb(() => this.sdk.removeMembers(id, inboxIds));
  }

  /** Renames a group. */
  async updateName(group: ConversationLike, name: string): Promise<void> {
    const id = conversationIdOf(group);
    await this.verb(() => this.sdk.updateName(id, name));
  }

  /**
   * Syncs a conversation and reads this installation's view of it from the database: epoch, members, metadata,
   * messages and fork status.
   */
  async snapshot(conversation: ConversationLike): Promise<ConversationSnapshot> {
    const id = conversationIdOf(conversation);
    const { sdk } = this;
    await sdk.syncConversations();
    const known = await sdk.listConversations();
    if (known.some((one) => one.id === id)) await sdk.syncConversation(id);
    return { worker: this.name, ...(await sdk.snapshot(id)) };
  }

  /** This worker's consent for an inbox or a conversation, from its database. */
  async consent(entityType: "inbox" | "conversation", entity: string): Promise<ConsentValue> {
    return await this.verb(() => this.sdk.consent(entityType, entity));
  }

  /** Sets this worker's consent for an inbox or a conversation. */
  async setConsent(entityType: "inbox" | "conversation", entity: string, state: ConsentValue): Promise<void> {
    await this.verb(() => this.sdk.setConsent(entityType, entity, state));
  }

  /** All installations of this worker's inbox, from the network. */
  async fetchInstallations(): Promise<readonly SdkInstallation[]> {
    return await this.verb(() => this.sdk.fetchInstallations());
  }

  /** Revokes installations of this worker's inbox, by id. @throws XmtpTestError `INSTALLATION_UNKNOWN` */
  async revokeInstallations(installationIds: readonly string[]): Promise<void> {
    await this.verb(() => this.sdk.revokeInstallations(installationIds));
  }
}
