import { create, fromBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import type { BidiStream } from "../../../../src/network/grpc/service.js";
import type { StatusError } from "../../../../src/network/grpc/status.js";
import { mls } from "../../../../src/network/proto/index.js";
import { BIDI_LIMITS } from "../../../../src/network/services/bidi/limits.js";
import type { BidiLimits } from "../../../../src/network/services/bidi/limits.js";
import { BidiSession } from "../../../../src/network/services/bidi/session.js";
import type { Item, Source } from "../../../../src/network/services/bidi/source.js";

type Mutate = MessageInitShape<typeof mls.SubscribeRequest_V1_MutateSchema>;

/** A stream without a wire: the client reads when told to, and what it is sent is kept as words. */
class Fake implements Pick<BidiStream<mls.SubscribeRequest>, "write" | "end"> {
  readonly peer = "test";
  readonly metadata = {};
  readonly words: string[] = [];
  reads = true;
  paused = false;
  status: StatusError | undefined;
  closed = false;
  #message: (request: mls.SubscribeRequest) => void = () => undefined;
  #drain: () => void = () => undefined;
  #close: () => void = () => undefined;
  readonly #live = new Map<string, (item: Item) => void>();
  readonly session: BidiSession;

  constructor(limits: Partial<BidiLimits>, history: Record<string, number[]> = {}) {
    const source: Source = {
      history: (key, cursor) =>
        (history[key] ?? []).filter((id) => BigInt(id) > cursor).map((id) => item(id, 100)),
      listen: (key, listener) => {
        this.#live.set(key, listener);
        return () => this.#live.delete(key);
      },
    };
    this.session = new BidiSession(this, {
      sources: { group: source, welcome: source },
      limits: { ...BIDI_LIMITS, ...limits },
      onDelivery: () => undefined,
      onWelcomeTopic: () => undefined,
      onFollow: () => undefined,
      tap: undefined,
    });
  }

  onMessage(listener: (request: mls.SubscribeRequest) => void): void {
    this.#message = listener;
  }
  onHalfClose(): void {
    // No case here half-closes.
  }
  onDrain(listener: () => void): void {
    this.#drain = listener;
  }
  onClose(listener: () => void): void {
    this.#close = listener;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  write(frame: Buffer): boolean {
    const { version } = fromBinary(mls.SubscribeResponseSchema, frame.subarray(5));
    const response = version.value?.response;
    if (response?.case === "messages") {
      this.words.push(`${response.value.mutateId}: ${response.value.groupMessages.length}`);
    } else if (response?.case === "catchupComplete") this.words.push(`complete ${response.value.mutateId}`);
    else this.words.push(response?.case ?? "nothing");
    return this.reads;
  }
  end(status?: StatusError): void {
    if (this.closed) return;
    this.closed = true;
    this.status = status;
    this.#close();
  }

  /** Says something; a refusal ends the stream as its transport would. */
  mutate(mutate: Mutate): this {
    const request = { case: "mutate", value: mutate } as const;
    const message = create(mls.SubscribeRequestSchema, { version: { case: "v1", value: { request } } });
    try {
      this.#message(message);
    } catch (error) {
      this.end(error as StatusError);
    }
    return this;
  }
  arrive(key: string, id: number, bytes = 100): this {
    this.#live.get(key)?.(item(id, bytes));
    return this;
  }
  readOn(): this {
    this.reads = true;
    this.#drain();
    return this;
  }
  get listening(): number {
    return this.#live.size;
  }
}

/** A message of that many bytes, over 2: one unknown field. */
const item = (id: number, size: number): Item => {
  const length = size - 3;
  const head = Buffer.from([0x7a, 0x80 | (length & 0x7f), length >> 7]);
  const row = { id: BigInt(id), message: create(mls.GroupMessageSchema), frame: Buffer.alloc(0) };
  return { id: row.id, row, bytes: () => Buffer.concat([head, Buffer.alloc(length)]) };
};
const add = (...keys: number[]) => keys.map((key) => ({ topic: Buffer.from([0, key]) }));

describe("limits, each with its code", () => {
  test("topics that are followed", () => {
    const fake = new Fake({ topics: 2 });
    fake.mutate({ mutateId: 1n, adds: add(1, 2) });
    fake.mutate({ mutateId: 2n, adds: add(3), removes: [Buffer.from([0, 1])] });
    expect(fake.session.followed).toBe(2);
    fake.mutate({ mutateId: 3n, historyOnly: true, adds: add(4) });
    expect(fake.closed).toBe(false);
    fake.mutate({ mutateId: 4n, adds: add(5) });
    expect(fake.status).toMatchObject({ code: 8, message: "active topic limit 2 exceeded" });
    expect(fake.listening).toBe(0);
  });

  test("waves under way", () => {
    const fake = new Fake({ waves: 2 });
    fake.reads = false;
    fake.mutate({});
    for (const id of [1, 2]) fake.mutate({ mutateId: BigInt(id), adds: add(id) });
    expect(fake.closed).toBe(false);
    fake.mutate({ mutateId: 3n, adds: add(3) });
    expect(fake.status).toMatchObject({ code: 8, message: "in-flight catch-up limit 2 exceeded" });
  });

  test("live messages that wait for a client", () => {
    const fake = new Fake({ liveBacklog: 2 }).mutate({ mutateId: 1n, adds: add(1) });
    fake.reads = false;
    fake.arrive("01", 1).arrive("01", 2).arrive("01", 3);
    expect(fake.closed).toBe(false);
    fake.arrive("01", 4);
    expect(fake.status).toMatchObject({ code: 10, message: "subscription closed: consumer too slow" });
  });

  test("bytes of live messages that wait for their wave", () => {
    const fake = new Fake({ pendingBytes: 300 });
    fake.reads = false;
    fake.mutate({}).mutate({ mutateId: 1n, adds: add(1) });
    fake.arrive("01", 1, 200);
    expect(fake.closed).toBe(false);
    fake.arrive("01", 2, 200);
    expect(fake.status).toMatchObject({
      code: 8,
      message: "catch-up buffer exceeded; reconnect from cursor",
    });
  });

  test("the bytes of a removed topic count no more", () => {
    const fake = new Fake({ pendingBytes: 300 });
    fake.reads = false;
    fake
      .mutate({})
      .mutate({ mutateId: 1n, adds: add(1, 2) })
      .arrive("01", 1, 200);
    fake.mutate({ removes: [Buffer.from([0, 1])] }).arrive("02", 2, 200);
    expect(fake.closed).toBe(false);
    fake.readOn();
    expect(fake.words.slice(1)).toEqual(["complete 0", "complete 0", "1: 1", "topicsLive", "complete 1"]);
  });

  test("requests of a client that does not read are held back, and heard when it reads on", () => {
    const fake = new Fake({ requestBacklog: 3 });
    fake.reads = false;
    fake.mutate({}).mutate({}).mutate({});
    expect(fake.paused).toBe(false);
    fake.mutate({});
    expect(fake.paused).toBe(true);
    fake.readOn();
    expect(fake.paused).toBe(false);
  });
});

test("history is packed into frames, yet no message is split", () => {
  const history = { "01": [1, 2, 3] };
  const framesOf = (frameBytes: number) =>
    new Fake({ frameBytes }, history).mutate({ mutateId: 1n, adds: add(1) }).words.slice(1, -2);
  expect(framesOf(300)).toEqual(["1: 3"]);
  expect(framesOf(299)).toEqual(["1: 2", "1: 1"]);
  expect(framesOf(10)).toEqual(["1: 1", "1: 1", "1: 1"]);
});

test("a wave whose topics have all left is complete at once", () => {
  const fake = new Fake({}, { "01": [1], "02": [2] });
  fake.reads = false;
  fake.mutate({}).mutate({ mutateId: 1n, adds: add(1, 2) });
  fake.mutate({ mutateId: 2n, removes: [Buffer.from([0, 1])] });
  expect(fake.words.slice(2)).toEqual(["complete 2"]);
  fake.mutate({ mutateId: 3n, removes: [Buffer.from([0, 2])] });
  expect(fake.words.slice(2)).toEqual(["complete 2", "complete 1", "complete 3"]);
  fake.readOn();
  expect(fake.words).toHaveLength(5);
});
