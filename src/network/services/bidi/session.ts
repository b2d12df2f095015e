import type { BidiStream } from "../../grpc/service.js";
import { Code, StatusError } from "../../grpc/status.js";
import type { mls } from "../../proto/index.js";
import { messagesFrame, responseFrame } from "./frames.js";
import type { DeliveryTap } from "../../store/delivery-tap.js";
import { DisturbedDeliveries } from "../disturbed.js";
import type { BidiLimits } from "./limits.js";
import { Liveness } from "./liveness.js";
import { parseMutation } from "./mutation.js";
import type { Addition, Mutation } from "./mutation.js";
import type { Item, Source } from "./source.js";
import { invalid } from "./topic.js";
import type { Topic, TopicKind } from "./topic.js";
import { Wave } from "./wave.js";
import type { Batch, Followed } from "./wave.js";

/** Where a stream's messages come from, and who counts them. */
export interface BidiContext {
  readonly sources: Readonly<Record<TopicKind, Source>>;
  readonly limits: BidiLimits;
  readonly onDelivery: (peer: string, items: readonly Item[]) => void;
  /** The client follows the welcomes of an installation. */
  readonly onWelcomeTopic: (peer: string, installationKey: string) => void;
  /** The client follows topics of these kinds from now on. */
  readonly onFollow: (peer: string, kinds: readonly TopicKind[]) => void;
  /** Faults of live deliveries. */
  readonly tap: DeliveryTap | undefined;
}

/** A message on its way; `again` = whatever was sent before. */
interface Live {
  readonly followed: Followed;
  readonly item: Item;
  readonly again: boolean;
}

/**
 * One bidirectional subscription (XIP-83): follows topics that the client adds and removes while it is open.
 *
 * What a topic holds is sent first, tagged with the Mutate that asked for it; then TopicsLive and CatchupComplete;
 * then, tagged 0, what comes in live. Nothing is sent twice, and nothing between the two is lost: a topic listens
 * from the moment it is added, and its live messages wait for its wave.
 */
export class BidiSession {
  readonly #stream: BidiStream<mls.SubscribeRequest>;
  readonly #context: BidiContext;
  readonly #liveness: Liveness;
  readonly #topics = new Map<string, Followed>();
  readonly #waves = new Set<Wave>();
  readonly #disturbed: DisturbedDeliveries<Live>;
  #live: Live[] = [];
  #followed = 0;
  #pendingBytes = 0;
  #heardWhileBlocked = 0;
  #blocked = false;
  #stalled: NodeJS.Timeout | undefined;
  #halfClosed = false;
  #muted = false;

  constructor(stream: BidiStream<mls.SubscribeRequest>, context: BidiContext) {
    this.#stream = stream;
    this.#context = context;
    this.#disturbed = new DisturbedDeliveries(context.tap, stream.peer, (live, again) =>
      this.#queue(again ? { ...live, again } : live),
    );
    this.#liveness = new Liveness(
      context.limits.keepaliveMs,
      (nonce) => this.#send(responseFrame({ case: "ping", value: { nonce } })),
      (status) => stream.end(status),
    );
    stream.onClose(() => this.#close());
    stream.onDrain(() => this.#drained());
    stream.onHalfClose(() => {
      this.#halfClosed = true;
      this.#liveness.stop();
      this.#pump();
    });
    stream.onMessage((request) => this.#hear(request));
    this.#send(
      responseFrame({ case: "started", value: { keepaliveIntervalMs: context.limits.keepaliveMs } }),
    );
  }

  /** Whether it follows a topic of this kind. */
  carries(kind: TopicKind): boolean {
    return [...this.#topics.values()].some(({ topic }) => topic.kind === kind);
  }

  /** Topics that it follows live. */
  get followed(): number {
    return this.#followed;
  }

  #hear({ version }: mls.SubscribeRequest): void {
    if (version.case !== "v1") throw invalid("unrecognized SubscribeRequest version");
    const { request } = version.value;
    if (this.#blocked && ++this.#heardWhileBlocked >= this.#context.limits.requestBacklog) {
      this.#stream.pause();
    }
    if (request.case === "mutate") this.#mutate(request.value);
    else if (request.case === "ping") {
      this.#send(responseFrame({ case: "pong", value: { nonce: request.value.nonce } }));
    } else if (request.case === "pong") this.#liveness.pong(request.value.nonce);
    // A request of another kind is from the future: the real node ignores it too.
  }

  #mutate(mutate: mls.SubscribeRequest_V1_Mutate): void {
    const { limits } = this.#context;
    const mutation = parseMutation(mutate, limits, (id) =>
      [...this.#waves].some(({ mutateId }) => mutateId === id),
    );
    for (const { name } of mutation.removes) this.#drop(name);
    const adds = mutation.adds.filter((add) => this.#wanted(add, mutation));
    if (adds.length === 0) {
      this.#complete(mutation.mutateId);
      return;
    }
    if (this.#waves.size >= limits.waves)
      throw exhausted(`in-flight catch-up limit ${limits.waves} exceeded`);
    if (!mutation.historyOnly && this.#followed + adds.length > limits.topics) {
      throw exhausted(`active topic limit ${limits.topics} exceeded`);
    }
    for (const { topic } of adds)
      if (topic.kind === "welcome") this.#context.onWelcomeTopic(this.#stream.peer, topic.key);
    const added = adds.map(({ topic, cursor }) => this.#add(topic, cursor, mutation.historyOnly));
    const wave = new Wave(mutation.mutateId, added, ({ topic, floor }) =>
      this.#context.sources[topic.kind].history(topic.key, floor),
    );
    for (const followed of added) followed.wave = wave;
    if (!mutation.historyOnly)
      this.#context.onFollow(this.#stream.peer, [...new Set(adds.map(({ topic }) => topic.kind))]);
    this.#waves.add(wave);
    this.#pump();
  }

  /**
   * Whether an add asks for something: a topic that is followed already is caught up again only from below what was
   * sent of it, and is then dropped here.
   */
  #wanted({ topic: { name }, cursor }: Addition, { historyOnly }: Mutation): boolean {
    const known = this.#topics.get(name);
    if (known === undefined) return true;
    if (known.unlisten === undefined)
      throw invalid("add targets a topic with an in-flight history_only catch-up");
    if (historyOnly) throw invalid("history_only add targets a topic already subscribed on this stream");
    if (cursor >= known.floor) return false;
    this.#drop(name);
    return true;
  }

  #add(topic: Topic, cursor: bigint, historyOnly: boolean): Followed {
    const followed: Followed = { topic, floor: cursor, wave: undefined, pending: [], unlisten: undefined };
    if (!historyOnly) {
      this.#followed++;
      followed.unlisten = this.#context.sources[topic.kind].listen(topic.key, (item) =>
        this.#arrived(followed, item),
      );
    }
    this.#topics.set(topic.name, followed);
    return followed;
  }

  /** Forgets a topic. A wave that has none left is complete. */
  #drop(name: string): void {
    const followed = this.#topics.get(name);
    if (followed === undefined) return;
    this.#topics.delete(name);
    if (followed.unlisten !== undefined) {
      followed.unlisten();
      this.#followed--;
    }
    this.#pendingBytes -= sizeOf(followed.pending);
    followed.pending = [];
    const { wave } = followed;
    followed.wave = undefined;
    if (wave?.release() === true) {
      this.#waves.delete(wave);
      this.#complete(wave.mutateId);
    }
  }

  #arrived(followed: Followed, item: Item): void {
    const { limits } = this.#context;
    if (followed.wave !== undefined) {
      followed.pending.push(item);
      this.#pendingBytes += item.bytes().length;
      if (this.#pendingBytes > limits.pendingBytes) {
        this.#stream.end(exhausted("catch-up buffer exceeded; reconnect from cursor"));
      }
      return;
    }
    const { kind, name } = followed.topic;
    this.#disturbed.pass(kind, name, { followed, item, again: false });
  }

  #queue(live: Live): void {
    this.#live.push(live);
    if (this.#live.length > this.#context.limits.liveBacklog) {
      this.#stream.end(new StatusError(Code.ABORTED, "subscription closed: consumer too slow"));
      return;
    }
    this.#pump();
  }

  /** Sends as long as the client reads: live messages first, then of each wave in turn. */
  #pump(): void {
    while (!this.#blocked && !this.#stream.closed) {
      const live = this.#live.shift();
      if (live !== undefined) {
        this.#sendLive(live);
        continue;
      }
      const [wave] = this.#waves;
      if (wave === undefined) break;
      // To the end of the line: waves take turns.
      this.#waves.delete(wave);
      this.#waves.add(wave);
      const batch = wave.turn(this.#context.limits.frameBytes);
      if (batch !== undefined) this.#sendBatch(batch, wave.mutateId);
      else this.#finish(wave);
    }
    if (this.#halfClosed && this.#waves.size === 0 && this.#live.length === 0) this.#stream.end();
  }

  #sendLive({ followed, item, again }: Live): void {
    const { kind, name } = followed.topic;
    if ((item.id <= followed.floor && !again) || this.#topics.get(name) !== followed) return;
    if (item.id > followed.floor) followed.floor = item.id;
    this.#sendBatch({ kind, items: [item] }, 0n);
  }

  #finish(wave: Wave): void {
    this.#waves.delete(wave);
    const { topics } = wave;
    for (const { pending } of topics) this.#pendingBytes -= sizeOf(pending);
    for (const batch of wave.finish(this.#context.limits.frameBytes)) this.#sendBatch(batch, wave.mutateId);
    for (const { unlisten, topic } of topics) if (unlisten === undefined) this.#topics.delete(topic.name);
    const live = topics.map(({ topic }) => topic.wire);
    this.#send(responseFrame({ case: "topicsLive", value: { topics: live } }));
    this.#complete(wave.mutateId);
  }

  #complete(mutateId: bigint): void {
    this.#send(responseFrame({ case: "catchupComplete", value: { mutateId } }));
  }

  #sendBatch({ kind, items }: Batch, mutateId: bigint): void {
    if (!this.#muted) this.#context.onDelivery(this.#stream.peer, items);
    const messages = items.map((item) => item.bytes());
    this.#send(messagesFrame(kind, messages, mutateId));
  }

  /** Leaves the stream open and silent, for good. */
  mute(): void {
    this.#muted = true;
    this.#liveness.stop();
  }

  #send(frame: Buffer): void {
    if (this.#muted) return;
    this.#liveness.sent();
    if (this.#stream.write(frame) || this.#blocked) return;
    this.#blocked = true;
    this.#stalled = setTimeout(() => this.#stream.end(this.#stall()), this.#context.limits.keepaliveMs);
  }

  #stall(): StatusError {
    return this.#halfClosed
      ? new StatusError(Code.DEADLINE_EXCEEDED, "flush timed out waiting for sender to drain")
      : new StatusError(Code.UNAVAILABLE, "send stalled; client not reading");
  }

  #drained(): void {
    clearTimeout(this.#stalled);
    this.#blocked = false;
    this.#pump();
    if (this.#heardWhileBlocked === 0) return;
    this.#heardWhileBlocked = 0;
    this.#stream.resume();
  }

  #close(): void {
    this.#liveness.stop();
    clearTimeout(this.#stalled);
    for (const { unlisten } of this.#topics.values()) unlisten?.();
    this.#topics.clear();
    this.#waves.clear();
    this.#live = [];
  }
}

function sizeOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + item.bytes().length, 0);
}

function exhausted(text: string): StatusError {
  return new StatusError(Code.RESOURCE_EXHAUSTED, text);
}
