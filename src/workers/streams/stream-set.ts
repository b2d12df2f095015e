import { Turns } from "../../async/turns.js";
import { toError, XmtpTestError } from "../../errors.js";
import { typeofStream } from "../../ledger/events.js";
import { consentStream, conversationStream, messageStream } from "./kinds.js";
import type { KindContext } from "./kinds.js";
import { WorkerStream } from "./stream.js";
import type { StreamOptions, StreamReport } from "./stream.js";

type Channel = "messages" | "conversations" | "consent";
type RealType = Exclude<typeofStream, typeofStream.None>;

const channelOf: Readonly<Record<RealType, Channel>> = {
  [typeofStream.Message]: "messages",
  [typeofStream.MessageandResponse]: "messages",
  [typeofStream.GroupUpdated]: "messages",
  [typeofStream.Conversation]: "conversations",
  [typeofStream.Consent]: "consent",
};

/** The types that record messages which are not group updates. */
const textTypes: readonly RealType[] = [typeofStream.Message, typeofStream.MessageandResponse];

/** What the streams of a worker need of it. */
export interface StreamContext extends Omit<KindContext, "wants" | "wantedSince"> {
  failed(what: string, error: Error): void;
}

interface Active {
  readonly controller: AbortController;
  /** Since when (Unix ms) the type listens; offline times do not interrupt it, for what they missed is filled in. */
  since?: number;
  /** Why it did not start. */
  failure?: { readonly error: unknown };
}

interface Open {
  readonly stream: Pick<WorkerStream<unknown>, "start" | "end" | "join" | "leaveAllBut" | "tellAgain">;
  readonly started: Promise<void>;
}

/**
 * The stream types of one worker and the SDK streams under them.
 *
 * Message, MessageandResponse and GroupUpdated share one SDK stream, so that several of them neither
 * open more subscriptions nor record a message twice. Starting and ending are serialized per SDK stream:
 * a start during an end waits for it, and the other way round.
 */
export class StreamSet {
  readonly #context: KindContext;
  readonly #options: StreamOptions;
  readonly #active = new Map<RealType, Active>();
  readonly #open = new Map<Channel, Open>();
  readonly #turns = new Turns<Channel>();
  readonly #report: Omit<StreamReport, "over">;
  #nextStreamId = 1;

  constructor(context: StreamContext, options: StreamOptions) {
    this.#options = options;
    this.#report = {
      failed: (what, error) => context.failed(what, error),
      state: (streamType, streamId, state, detail) =>
        void context.events.append({
          kind: "stream",
          ...context.owner(),
          streamType,
          streamId,
          state,
          ...detail,
        }),
    };
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
    return new Map([...this.#active].map(([type, { controller }]) => [type, controller]));
  }

  /** What is active and since when it listens (local time, Unix ms), for a later `start` of the same. */
  get listening(): readonly (readonly [typeofStream, number])[] {
    const now = Date.now();
    return [...this.#active].map(([type, { since }]) => [type, since ?? now] as const);
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
   * @param gapSinceMs when given, the type has been listening since then; what it missed is filled in
   */
  async start(type: typeofStream, gapSinceMs?: number): Promise<void> {
    if (type === typeofStream.None) return;
    const channel = channelOf[type];
    const active = this.#active.get(type) ?? this.#activate(type, gapSinceMs);
    try {
      await this.#turns.run(channel, async () => {
        if (active.failure) throw active.failure.error;
        // Ended, and perhaps started again, while it waited for its turn.
        if (this.#active.get(type) !== active) return;
        const stream = await this.#openChannel(channel, gapSinceMs);
        if (this.#active.get(type) !== active) return;
        stream.join(type);
        // Plus one: what was sent earlier in this very millisecond may have been too early for the stream.
        active.since ??= Date.now() + 1;
      });
    } catch (error) {
      active.failure = { error };
      if (this.#active.get(type) === active) this.#active.delete(type);
      throw error;
    }
  }

  /** Ends a type, or all; no event arrives once it has resolved. Idempotent. */
  async end(type?: typeofStream): Promise<void> {
    const types = type === undefined ? [...this.#active.keys()] : type === typeofStream.None ? [] : [type];
    const channels = new Set<Channel>(type === undefined ? this.#turns.keys : []);
    for (const each of types) {
      channels.add(channelOf[each]);
      this.#active.delete(each);
    }
    await Promise.all(
      [...channels].map((channel) => this.#turns.run(channel, () => this.#closeUnused(channel))),
    );
  }

  /** Says again which streams are live, for a ledger that has not heard it. */
  tellAgain(): void {
    for (const { stream } of this.#open.values()) stream.tellAgain();
  }

  #activate(type: RealType, since: number | undefined): Active {
    const controller = new AbortController();
    const active: Active = { controller, ...(since !== undefined && { since }) };
    this.#active.set(type, active);
    controller.signal.addEventListener("abort", () => {
      if (this.#active.get(type) !== active) return;
      this.end(type).catch((error: unknown) => this.#report.failed(`${type} stream`, toError(error)));
    });
    return active;
  }

  async #openChannel(channel: Channel, gapSinceMs?: number): Promise<Open["stream"]> {
    const open = this.#open.get(channel) ?? this.#subscribe(channel, gapSinceMs);
    try {
      await open.started;
      return open.stream;
    } catch (error) {
      this.#open.delete(channel);
      throw error;
    }
  }

  #subscribe(channel: Channel, gapSinceMs?: number): Open {
    const types = this.#typesOf(channel);
    const stream = this.#make(channel, types, (ended) => this.#forget(open, ended));
    const since = gapSinceMs === undefined ? undefined : this.#listeningSince(types);
    const open: Open = { stream, started: stream.start(since) };
    this.#open.set(channel, open);
    return open;
  }

  #make(channel: Channel, types: readonly RealType[], over: StreamReport["over"]): Open["stream"] {
    const report = { ...this.#report, over };
    const rest = [this.#options, report, this.#nextStreamId++, types] as const;
    if (channel === "messages") return new WorkerStream(messageStream(this.#context), ...rest);
    if (channel === "conversations") return new WorkerStream(conversationStream(this.#context), ...rest);
    return new WorkerStream(consentStream(this.#context), ...rest);
  }

  /** The SDK has given the stream up: its types are active no longer, and a start of one subscribes anew. */
  #forget(open: Open, ended: Promise<void>): void {
    for (const [channel, one] of this.#open) {
      if (one !== open) continue;
      this.#open.delete(channel);
      for (const type of this.#typesOf(channel)) this.#active.delete(type);
      this.#turns
        .run(channel, () => ended)
        .catch((error: unknown) => this.#report.failed(`${channel} stream`, toError(error)));
    }
  }

  async #closeUnused(channel: Channel): Promise<void> {
    const open = this.#open.get(channel);
    if (!open) return;
    if (this.#typesOf(channel).length > 0) {
      open.stream.leaveAllBut((type) => this.activeTypes.has(type));
      return;
    }
    this.#open.delete(channel);
    await open.stream.end();
  }

  #typesOf(channel: Channel): RealType[] {
    return [...this.#active.keys()].filter((type) => channelOf[type] === channel);
  }

  #typesFor(contentType: string): readonly RealType[] {
    return contentType === "group_updated" ? [typeofStream.GroupUpdated] : textTypes;
  }

  #listeningSince(types: readonly RealType[]): number | undefined {
    const times = types.flatMap((type) => this.#active.get(type)?.since ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

const startable = new Set<unknown>(Object.values(typeofStream));

/** @throws XmtpTestError `INVALID_OPTION` for what is not a stream type */
export function checkStreamType(type: unknown): void {
  if (startable.has(type)) return;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `${JSON.stringify(type)} is not a stream type.`,
    `Use typeofStream.${Object.keys(typeofStream).join(", typeofStream.")}.`,
  );
}
