import { typeofStream } from "../../ledger/events.js";
import { consentSource, conversationSource, messageSource } from "./sources.js";
import type { SourceContext } from "./sources.js";
import { StreamRecord } from "./stream-record.js";
import { Subscription } from "./subscription.js";
import type { SubscriptionOptions } from "./subscription.js";

type Channel = "messages" | "conversations" | "consent";
type RealType = Exclude<typeofStream, typeofStream.None>;

const channelOf: Readonly<Record<RealType, Channel>> = {
  [typeofStream.Message]: "messages",
  [typeofStream.MessageandResponse]: "messages",
  [typeofStream.GroupUpdated]: "messages",
  [typeofStream.Conversation]: "conversations",
  [typeofStream.Consent]: "consent",
};

/** The types that record messages which are no group updates. */
const textTypes: readonly RealType[] = [typeofStream.Message, typeofStream.MessageandResponse];

type Startable = Pick<Subscription<unknown>, "start" | "end">;

interface Open {
  readonly subscription: Startable;
  readonly started: Promise<void>;
}

/**
 * The stream types of one worker and the SDK streams under them.
 *
 * Message, MessageandResponse and GroupUpdated share one SDK stream, so that several of them neither
 * open more subscriptions nor record a message twice. Starting and ending are serialised per SDK stream:
 * a start during an end waits for it, and the other way round.
 */
export class StreamSet {
  readonly #context: SourceContext;
  readonly #options: SubscriptionOptions;
  readonly #active = new Map<RealType, AbortController>();
  /** Since when each type has listened; offline times do not interrupt it, for what they missed is filled in. */
  readonly #since = new Map<RealType, number>();
  readonly #open = new Map<Channel, Open>();
  readonly #turn = new Map<Channel, Promise<unknown>>();
  readonly #records: Readonly<Record<Channel, StreamRecord>>;

  constructor(context: Omit<SourceContext, "wants" | "wantedSince">, options: SubscriptionOptions) {
    const record = (): StreamRecord =>
      new StreamRecord((streamType, streamId, state, detail) => {
        context.events.append({ kind: "stream", ...context.owner(), streamType, streamId, state, ...detail });
      });
    this.#records = { messages: record(), conversations: record(), consent: record() };
    this.#options = options;
    this.#context = {
      ...context,
      wants: (contentType) => this.#typesFor(contentType).some((type) => this.#active.has(type)),
      wantedSince: (contentType) => this.#listeningSince(this.#typesFor(contentType)),
    };
  }

  get activeTypes(): ReadonlySet<typeofStream> {
    return new Set(this.#active.keys());
  }

  get controllers(): ReadonlyMap<typeofStream, AbortController> {
    return this.#active;
  }

  /** What is active and since when it listens (local time, Unix ms), for a later `start` of the same. */
  get listening(): ReadonlyMap<typeofStream, number> {
    return this.#since;
  }

  /**
   * Since when (local time, Unix ms) every message has passed the message stream into the ledger; undefined
   * while no type that records messages is live.
   */
  get textsSince(): number | undefined {
    return this.#listeningSince(textTypes);
  }

  /**
   * Starts a type; resolves when its SDK stream is live. A type that is active already stays as it is.
   *
   * @param gapSinceMs when given, the type counts as listening since then, and what it missed is filled in
   */
  async start(type: typeofStream, gapSinceMs?: number): Promise<void> {
    if (type === typeofStream.None) return;
    const channel = channelOf[type];
    if (!this.#active.has(type)) {
      const controller = new AbortController();
      controller.signal.addEventListener("abort", () => {
        this.end(type).catch((error: unknown) => this.#context.failed(`${type} stream`, error as Error));
      });
      this.#active.set(type, controller);
      if (gapSinceMs !== undefined) this.#since.set(type, gapSinceMs);
    }
    try {
      await this.#inTurn(channel, async () => {
        if (!this.#active.has(type)) return;
        await this.#openChannel(channel, gapSinceMs);
        if (this.#active.has(type)) this.#records[channel].join(type);
        // Plus one: what was sent earlier in this very millisecond may have been too early for the stream.
        if (this.#active.has(type) && !this.#since.has(type)) this.#since.set(type, Date.now() + 1);
      });
    } catch (error) {
      this.#forget(type);
      throw error;
    }
  }

  /** Ends a type, or all; resolves when no event of it can come any more. Idempotent. */
  async end(type?: typeofStream): Promise<void> {
    const types = type === undefined ? [...this.#active.keys()] : type === typeofStream.None ? [] : [type];
    const channels = new Set<Channel>(type === undefined ? [...this.#turn.keys()] : []);
    for (const each of types) {
      channels.add(channelOf[each]);
      this.#forget(each);
    }
    await Promise.all(
      [...channels].map((channel) => this.#inTurn(channel, () => this.#closeUnused(channel))),
    );
  }

  async #openChannel(channel: Channel, gapSinceMs?: number): Promise<void> {
    const open = this.#open.get(channel) ?? this.#subscribe(channel, gapSinceMs);
    this.#open.set(channel, open);
    try {
      await open.started;
    } catch (error) {
      this.#open.delete(channel);
      throw error;
    }
  }

  #subscribe(channel: Channel, gapSinceMs?: number): Open {
    const subscription = this.#make(channel);
    const types = [...this.#active.keys()].filter((type) => channelOf[type] === channel);
    this.#records[channel].open(types);
    const since = gapSinceMs === undefined ? undefined : this.#listeningSince(types);
    return { subscription, started: subscription.start(since) };
  }

  #make(channel: Channel): Startable {
    const record = this.#records[channel];
    if (channel === "messages") return new Subscription(messageSource(this.#context, record), this.#options);
    if (channel === "conversations")
      return new Subscription(conversationSource(this.#context, record), this.#options);
    return new Subscription(consentSource(this.#context, record), this.#options);
  }

  async #closeUnused(channel: Channel): Promise<void> {
    const wanted = [...this.#active.keys()].some((type) => channelOf[type] === channel);
    const open = this.#open.get(channel);
    if (!open) return;
    if (wanted) {
      this.#records[channel].leaveAllBut((type) => this.activeTypes.has(type));
      return;
    }
    this.#open.delete(channel);
    await open.subscription.end();
  }

  async #inTurn<T>(channel: Channel, work: () => Promise<T>): Promise<T> {
    const before = this.#turn.get(channel) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#turn.set(
      channel,
      mine.then(
        () => undefined,
        () => undefined,
      ),
    );
    return await mine;
  }

  #forget(type: RealType): void {
    this.#active.delete(type);
    this.#since.delete(type);
  }

  #typesFor(contentType: string): readonly RealType[] {
    return contentType === "group_updated" ? [typeofStream.GroupUpdated] : textTypes;
  }

  #listeningSince(types: readonly RealType[]): number | undefined {
    const times = types.flatMap((type) => this.#since.get(type) ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}
