import type { ConsentEvent, ConversationEvent, ReceiveEvent } from "../../ledger/events.js";
import { conversationIdOf, inboxOf } from "../../ledger/party.js";
import type { ConversationLike, InboxLike } from "../../ledger/party.js";
import {
  additionFits,
  collect,
  consentFits,
  conversationFits,
  messageFits,
  messagesWanted,
  updateFits,
} from "../collecting/collect.js";
import type {
  CollectConsentOptions,
  CollectGroupUpdatesOptions,
  CollectMessagesOptions,
  CollectOptions,
} from "../collecting/collect.js";
import { drain } from "../streams/drain.js";
import { timeoutOf } from "../../async/timeout.js";
import type { TimeoutOption } from "../../async/timeout.js";
import { WorkerBase } from "./worker-base.js";

/** What a worker can wait for. Events that are already in the ledger count, from the start of the test. */
export abstract class CollectingWorker extends WorkerBase {
  /**
   * Waits for `count` messages in a conversation: other people's texts, unless `contentTypes` or `own` says otherwise.
   *
   * @throws XmtpTestError `COLLECT_TIMEOUT` with what was counted and what arrived
   */
  async collectMessages(
    conversation: ConversationLike,
    count = 1,
    options: CollectMessagesOptions = {},
  ): Promise<ReceiveEvent[]> {
    const id = conversationIdOf(conversation);
    return await this.verb(() =>
      collect(
        this.ownEvents,
        messagesWanted(options),
        count,
        messageFits(this.ownEvents, id, options),
        options,
      ),
    );
  }

  /** Waits for `count` group updates of a group. @throws XmtpTestError `COLLECT_TIMEOUT` */
  async collectGroupUpdates(
    group: ConversationLike,
    count = 1,
    options: CollectGroupUpdatesOptions = {},
  ): Promise<ReceiveEvent[]> {
    const id = conversationIdOf(group);
    return await this.verb(() =>
      collect(this.ownEvents, "group updates", count, updateFits(id, options), options),
    );
  }

  /**
   * Waits for an update of a group that adds all of `members` (any members when empty).
   *
   * @throws XmtpTestError `COLLECT_TIMEOUT`
   */
  async collectAddedMembers(
    group: ConversationLike,
    members: readonly InboxLike[] = [],
    options: CollectOptions = {},
  ): Promise<ReceiveEvent[]> {
    const fits = additionFits(conversationIdOf(group), members.map(inboxOf));
    return await this.verb(() => collect(this.ownEvents, "updates that add members", 1, fits, options));
  }

  /**
   * Waits for `count` new conversations; with `addedBy`, only those it added this worker to.
   *
   * @throws XmtpTestError `COLLECT_TIMEOUT`
   */
  async collectConversations(
    addedBy?: InboxLike,
    count = 1,
    options: CollectOptions = {},
  ): Promise<ConversationEvent[]> {
    const fits = conversationFits(addedBy === undefined ? undefined : inboxOf(addedBy));
    return await this.verb(() => collect(this.ownEvents, "conversations", count, fits, options));
  }

  /** Waits for `count` consent changes. @throws XmtpTestError `COLLECT_TIMEOUT` */
  async collectConsentUpdates(count = 1, options: CollectConsentOptions = {}): Promise<ConsentEvent[]> {
    return await this.verb(() =>
      collect(this.ownEvents, "consent changes", count, consentFits(options), options),
    );
  }

  /**
   * Resolves once this worker's message stream has delivered everything that the node had stored for it at the time
   * of the call (checked with a sync). Resolves at once if no message stream is active.
   *
   * @param options `timeout` in ms, default 10,000; a plain number is the former spelling
   * @throws XmtpTestError `COLLECT_TIMEOUT` at the deadline, if the stream has lost messages
   */
  async untilDrained(options: TimeoutOption | number = {}): Promise<void> {
    const since = this.life.activity.streams.textsSince;
    const deadline = timeoutOf(typeof options === "number" ? { timeout: options } : options, 10_000);
    if (since !== undefined) await drain(this.ownEvents, this.sdk, since, deadline);
  }
}
