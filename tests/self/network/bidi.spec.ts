import { spawnSync } from "node:child_process";
import { expect } from "@playwright/test";
import { Code, startNode } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { Bidi, from, group, inbox, mutateFrame, requestFrame } from "./bidi-client.js";
import { test as base } from "./fixtures.js";
import { RawClient, frame, pathOf } from "./grpc-client.js";
import { privateMessage } from "./mls-bytes.js";

const { method } = mls.MlsApi;
const PATH = pathOf(method.subscribe);
const INSTALLATION = Buffer.alloc(32, 9);

const test = base.extend<{ bidi: Bidi }>({
  bidi: async ({ raw }, use) => {
    await use(new Bidi(raw));
  },
});

const send = (raw: RawClient, name: string, ...texts: string[]) =>
  raw.ok(method.sendGroupMessages, {
    messages: texts.map((text) => ({
      version: { case: "v1" as const, value: { data: privateMessage(name, text) } },
    })),
  });
const welcome = (raw: RawClient, ...texts: string[]) =>
  raw.ok(method.sendWelcomeMessages, {
    messages: texts.map((text) => ({
      version: {
        case: "v1" as const,
        value: { installationKey: INSTALLATION, data: Buffer.from(text), hpkePublicKey: Buffer.from("k") },
      },
    })),
  });
/** What of the story is about messages. */
const deliveries = (bidi: Bidi): string[] => bidi.story.filter((words) => /^\d+: /u.test(words));
const last = (n: number, texts = 300): string[] =>
  Array.from({ length: n }, (_, at) => `${at} ${"x".repeat(texts)}`);

test.describe("a stream's life", () => {
  test("headers and Started come before the client has said anything", async ({ bidi, node }) => {
    expect(await bidi.headers).toMatchObject({ ":status": 200, subscribed: "true" });
    const [started] = await bidi.atLeast(1);
    expect(started?.version.value?.response).toMatchObject({
      case: "started",
      value: { keepaliveIntervalMs: 30_000, capabilities: [] },
    });
    expect(await node.subscriptions()).toMatchObject([{ kind: "topics", filters: 0 }]);
    expect((await node.stats()).requests).toMatchObject({ Subscribe: 1 });
  });

  test("history above the cursor, tagged; TopicsLive; CatchupComplete; then live, tagged 0", async ({
    bidi,
    raw,
    node,
  }) => {
    await send(raw, "one", "a", "b", "c");
    await send(raw, "two", "d");
    await welcome(raw, "w1", "w2");
    bidi.mutate({
      mutateId: 7n,
      adds: [from(inbox(INSTALLATION), 1), from(group("two")), from(group("one"), 1)],
    });
    await bidi.until("complete 7");
    expect(bidi.story).toEqual(["started", "7: g2 g3 g4", "7: w2", "live: w9 two one", "complete 7"]);
    expect(await node.subscriptions()).toMatchObject([{ kind: "topics", filters: 3 }]);

    await send(raw, "two", "e");
    await welcome(raw, "w3");
    await send(raw, "elsewhere", "f");
    await send(raw, "one", "a", "g");
    await bidi.until("0: g8");
    expect(deliveries(bidi).slice(2).sort()).toEqual(["0: g5", "0: g8", "0: w3"]);
    expect((await node.stats()).deliveries).toBe(7);
  });

  test("no add: CatchupComplete at once, also for adds that ask for nothing new", async ({ bidi }) => {
    bidi.mutate({});
    bidi.mutate({ mutateId: 3n, removes: [group("never heard of")] });
    bidi.mutate({ mutateId: 4n, adds: [from(group("one"), 5)] });
    bidi.mutate({ mutateId: 5n, adds: [from(group("one"), 5), from(group("one"), 9)] });
    await bidi.until("complete 5");
    expect(bidi.story).toEqual([
      "started",
      "complete 0",
      "complete 3",
      "live: one",
      "complete 4",
      "complete 5",
    ]);
  });

  test("a topic added twice in one Mutate starts at the lower cursor", async ({ bidi, raw }) => {
    await send(raw, "one", "a", "b", "c");
    bidi.mutate({
      mutateId: 1n,
      adds: [from(group("one"), 2), from(group("one"), 1), from(group("one"), 3)],
    });
    await bidi.until("complete 1");
    expect(bidi.story).toEqual(["started", "1: g2 g3", "live: one", "complete 1"]);
  });

  test("a removed topic is silent; added again, it starts at its new cursor", async ({ bidi, raw, node }) => {
    await send(raw, "one", "a");
    bidi.mutate({ mutateId: 1n, adds: [from(group("one")), from(group("two"))] });
    bidi.mutate({ removes: [group("one")] });
    await bidi.until("complete 0");
    expect(await node.subscriptions()).toMatchObject([{ filters: 1 }]);
    await send(raw, "one", "b");
    await send(raw, "two", "c");
    await bidi.until("0: g3");
    expect(deliveries(bidi)).toEqual(["1: g1", "0: g3"]);
    // The same wave may be named again once it is over.
    bidi.mutate({ mutateId: 1n, adds: [from(group("one"))] });
    await bidi.until("1: g1 g2");
  });

  test("removes come before adds: a topic in both starts anew", async ({ bidi, raw }) => {
    await send(raw, "one", "a", "b");
    bidi.mutate({ mutateId: 1n, adds: [from(group("one"))] });
    bidi.mutate({ mutateId: 2n, adds: [from(group("one"), 1)], removes: [group("one")] });
    await bidi.until("complete 2");
    expect(deliveries(bidi)).toEqual(["1: g1 g2", "2: g2"]);
  });

  test("an add below what was sent replays from there; one at or above it changes nothing", async ({
    bidi,
    raw,
  }) => {
    await send(raw, "one", "a", "b", "c");
    bidi.mutate({ mutateId: 1n, adds: [from(group("one"), 2)] });
    bidi.mutate({ mutateId: 2n, adds: [from(group("one"), 3)] });
    bidi.mutate({ mutateId: 3n, adds: [from(group("one"), 1)] });
    await bidi.until("complete 3");
    expect(deliveries(bidi)).toEqual(["1: g3", "3: g2 g3"]);
    await send(raw, "one", "d");
    await bidi.until("0: g4");
  });

  test("history only: the wave, and nothing live after it", async ({ bidi, raw, node }) => {
    await send(raw, "one", "a");
    bidi.mutate({ mutateId: 1n, historyOnly: true, adds: [from(group("one"))] });
    bidi.mutate({ mutateId: 2n, adds: [from(group("two"))] });
    await bidi.until("complete 2");
    expect(await node.subscriptions()).toMatchObject([{ filters: 1 }]);
    await send(raw, "one", "b");
    await send(raw, "two", "c");
    await bidi.until("0: g3");
    expect(bidi.story).toEqual([
      "started",
      "1: g1",
      "live: one",
      "complete 1",
      "live: two",
      "complete 2",
      "0: g3",
    ]);
    // Its floor is forgotten: the same may be asked again, and then be followed.
    bidi.mutate({ mutateId: 3n, historyOnly: true, adds: [from(group("one"))] });
    bidi.mutate({ mutateId: 4n, adds: [from(group("one"), 1)] });
    await bidi.until("complete 4");
    expect(deliveries(bidi).slice(2)).toEqual(["3: g1 g2", "4: g2"]);
  });

  test("half-close: the waves are finished, then the stream ends OK", async ({ bidi, raw, node }) => {
    const texts = last(3_000, 1_000);
    for (let at = 0; at < texts.length; at += 500) await send(raw, "one", ...texts.slice(at, at + 500));
    bidi.stream.pause();
    bidi.mutate({ mutateId: 1n, historyOnly: true, adds: [from(group("one"))] });
    bidi.mutate({ mutateId: 2n, adds: [from(group("one")), from(group("two"))].slice(1) });
    bidi.halfClose();
    bidi.stream.resume();
    expect(await bidi.ended).toMatchObject({ status: Code.OK, message: "" });
    expect(bidi.story).toContain("complete 1");
    expect(bidi.story).toContain("complete 2");
    const ids = deliveries(bidi).flatMap((words) => words.slice(3).split(" "));
    expect(ids).toEqual(texts.map((_, at) => `g${at + 1}`));
    expect((await node.stats()).openSubscriptions).toBe(0);
  });

  test("half-close with nothing under way ends at once, and so does a client that says nothing", async ({
    bidi,
    raw,
  }) => {
    bidi.mutate({ mutateId: 1n, adds: [from(group("one"))] });
    await bidi.until("complete 1");
    bidi.halfClose();
    expect(await bidi.ended).toMatchObject({ status: Code.OK });
    const silent = new Bidi(raw);
    silent.halfClose();
    expect(await silent.ended).toMatchObject({ status: Code.OK });
    expect(silent.story).toEqual(["started"]);
  });

  test("messages that come in during a wave belong to it, in order, each once", async ({ bidi, raw }) => {
    const texts = last(2_000, 2_000);
    for (let at = 0; at < texts.length; at += 500) await send(raw, "one", ...texts.slice(at, at + 500));
    bidi.stream.pause();
    bidi.mutate({ mutateId: 1n, adds: [from(group("one")), from(group("two"))] });
    bidi.mutate({ mutateId: 2n, adds: [from(group("three"))] });
    await bidi.headers;
    await expect.poll(async () => raw.ping()).toBeGreaterThan(0);
    await send(raw, "two", "during");
    await send(raw, "one", "during");
    await send(raw, "three", "during");
    bidi.stream.resume();
    await bidi.until("complete 1");
    await bidi.until("complete 2");
    await send(raw, "one", "after");
    await bidi.until("0: g2004");
    const ids = deliveries(bidi)
      .filter((words) => words.startsWith("1: "))
      .flatMap((words) => words.slice(3).split(" "));
    expect(ids).toEqual([...texts.map((_, at) => `g${at + 1}`), "g2001", "g2002"]);
    expect(bidi.story.filter((words) => words.includes("g2003"))).toHaveLength(1);
  });

  test("one message to many streams is encoded once", async ({ node, raw }) => {
    const streams = Array.from({ length: 10 }, () => new Bidi(raw));
    for (const one of streams) one.mutate({ mutateId: 1n, adds: [from(group("one"))] });
    await Promise.all(streams.map((one) => one.until("complete 1")));
    await send(raw, "one", "a");
    await Promise.all(streams.map((one) => one.until("0: g1")));
    expect(await node.stats()).toMatchObject({ encodes: 1, deliveries: 10, openSubscriptions: 10 });
  });
});

test.describe("refusals", () => {
  const known = mutateFrame({ mutateId: 1n, adds: [from(group("known"))] });
  const topic = (bytes: number[]) => mutateFrame({ mutateId: 2n, adds: [from(Buffer.from(bytes))] });
  const cases: [string, Buffer[], number, string][] = [
    [
      "adds without a mutate_id",
      [mutateFrame({ adds: [from(group("one"))] })],
      Code.INVALID_ARGUMENT,
      "a Mutate with adds requires a nonzero mutate_id",
    ],
    ["an unknown kind", [topic([2, 1])], Code.INVALID_ARGUMENT, "add: unsupported topic kind 2"],
    [
      "a topic of one byte",
      [topic([0])],
      Code.INVALID_ARGUMENT,
      "add: topic must be a kind byte plus an identifier",
    ],
    [
      "an empty topic",
      [topic([])],
      Code.INVALID_ARGUMENT,
      "add: topic must be a kind byte plus an identifier",
    ],
    [
      "an unknown kind to remove",
      [mutateFrame({ removes: [Buffer.from([9, 9])] })],
      Code.INVALID_ARGUMENT,
      "remove: unsupported topic kind 9",
    ],
    [
      "history only of a topic that is followed",
      [known, mutateFrame({ mutateId: 2n, historyOnly: true, adds: [from(group("known"))] })],
      Code.INVALID_ARGUMENT,
      "history_only add targets a topic already subscribed on this stream",
    ],
    [
      "100,001 adds",
      [
        mutateFrame({
          mutateId: 1n,
          adds: Array.from({ length: 100_001 }, (_, at) => from(Buffer.from([0, at & 255]))),
        }),
      ],
      Code.RESOURCE_EXHAUSTED,
      "adds-per-Mutate limit 100000 exceeded; split the adds across Mutates",
    ],
    [
      "a request of no known version",
      [frame(Buffer.alloc(0))],
      Code.INVALID_ARGUMENT,
      "unrecognized SubscribeRequest version",
    ],
    [
      "a message over 50 MiB",
      [Buffer.from([0, 0xff, 0xff, 0xff, 0xff])],
      Code.RESOURCE_EXHAUSTED,
      "grpc: received message larger than max (4294967295 vs. 52428800)",
    ],
    [
      "a compressed message",
      [Buffer.from([1, 0, 0, 0, 0])],
      Code.INTERNAL,
      "grpc: compressed flag set with identity or empty encoding",
    ],
  ];
  for (const [name, frames, status, message] of cases) {
    test(`${name}: ${message}`, async ({ bidi, node, raw }) => {
      bidi.send(...frames);
      expect(await bidi.ended).toMatchObject({ status, message });
      await node.waitForSubscriptions(0, 5_000);
      expect(raw.errors).toEqual([]);
    });
  }

  test("bytes that are not a request", async ({ bidi }) => {
    bidi.send(frame(Buffer.from([0x0a, 0xff])));
    expect(await bidi.ended).toMatchObject({
      status: Code.INTERNAL,
      message: "grpc: failed to unmarshal the received message: proto: cannot parse invalid wire-format data",
    });
  });

  test("half a message at the end", async ({ bidi }) => {
    bidi.send(Buffer.from([0, 0, 0, 0, 9, 1]));
    bidi.halfClose();
    expect(await bidi.ended).toMatchObject({ status: Code.INTERNAL, message: "unexpected EOF" });
  });

  test("a mutate_id of a wave under way, or a topic whose history is", async ({ raw }) => {
    const texts = last(500, 2_000);
    await send(raw, "one", ...texts);
    const reused = new Bidi(raw);
    reused.stream.pause();
    const wave = mutateFrame({ mutateId: 1n, historyOnly: true, adds: [from(group("one"))] });
    reused.send(wave, mutateFrame({ mutateId: 1n }));
    reused.stream.resume();
    expect(await reused.ended).toMatchObject({
      status: Code.INVALID_ARGUMENT,
      message: "mutate_id 1 is already in flight on this stream",
    });
    const overlapping = new Bidi(raw);
    overlapping.stream.pause();
    overlapping.send(wave, mutateFrame({ mutateId: 2n, adds: [from(group("one"))] }));
    overlapping.stream.resume();
    expect(await overlapping.ended).toMatchObject({
      status: Code.INVALID_ARGUMENT,
      message: "add targets a topic with an in-flight history_only catch-up",
    });
  });

  test("a request from the future is passed over", async ({ bidi }) => {
    const v1 = Buffer.from([0x0a, 0x03, 0x7a, 0x01, 0x00]);
    bidi.send(frame(v1), requestFrame({ case: "ping", value: { nonce: 1n } }));
    await bidi.until("pong 1");
  });
});

test.describe("liveness", () => {
  test("a client's Ping is answered with its nonce", async ({ bidi }) => {
    bidi.send(...[5n, 0n].map((nonce) => requestFrame({ case: "ping", value: { nonce } })));
    expect(await bidi.atLeast(3)).toHaveLength(3);
    expect(bidi.story).toEqual(["started", "pong 5", "pong 0"]);
  });

  const impatient = base.extend<{ bidi: Bidi; keepaliveMs: number }>({
    /** Short, yet long enough for a busy machine to answer a ping in time. */
    keepaliveMs: [750, { option: true }],
    node: async ({ keepaliveMs }, use) => {
      await using node = await startNode({ keepaliveMs });
      await use(node);
    },
    bidi: async ({ raw }, use) => {
      await use(new Bidi(raw));
    },
  });

  impatient("an idle stream is pinged, and goes on as long as the client answers", async ({ bidi, raw }) => {
    for (const nonce of [1n, 2n, 3n]) {
      await bidi.until(`ping ${nonce}`);
      bidi.send(requestFrame({ case: "pong", value: { nonce } }));
    }
    bidi.mutate({ mutateId: 1n, adds: [from(group("one"))] });
    await bidi.until("complete 1");
    await send(raw, "one", "still here");
    await bidi.until("0: g1");
  });

  impatient("no Pong: DEADLINE_EXCEEDED, whatever else the client sends", async ({ bidi, node }) => {
    await bidi.until("ping 1");
    bidi.send(
      requestFrame({ case: "pong", value: { nonce: 7n } }),
      requestFrame({ case: "ping", value: { nonce: 8n } }),
      mutateFrame({ mutateId: 1n, adds: [from(group("one"))] }),
    );
    expect(await bidi.ended).toMatchObject({
      status: Code.DEADLINE_EXCEEDED,
      message: "no Pong within deadline",
    });
    expect(bidi.story).toContain("complete 1");
    await node.waitForSubscriptions(0, 5_000);
  });

  // Longer: the first ping must not come before the history does, or the missing Pong would end the stream.
  const patient = impatient.extend({ keepaliveMs: 1_500 });
  patient("a client that does not read is sent away", async ({ node, raw }) => {
    await send(raw, "one", ...last(500, 10_000));
    await using lazy = new RawClient(node.url);
    const bidi = new Bidi(lazy);
    bidi.stream.pause();
    bidi.mutate({ mutateId: 1n, adds: [from(group("one"))] });
    await expect.poll(async () => (await node.stats()).openSubscriptions, "the stream is open").toBe(1);
    await node.waitForSubscriptions(0, 10_000);
    bidi.stream.resume();
    expect(await bidi.ended).toMatchObject({
      status: Code.UNAVAILABLE,
      message: "send stalled; client not reading",
    });
    expect(bidi.story).not.toContain("complete 1");
  });
});

test.describe("who ends it", () => {
  test("a slow consumer of live messages: ABORTED; others go on", async ({ node, raw, bidi }) => {
    await using lazy = new RawClient(node.url);
    const slow = new Bidi(lazy);
    const add = { mutateId: 1n, adds: [from(group("one"))] };
    for (const one of [slow, bidi]) one.mutate(add);
    await slow.until("complete 1");
    await bidi.until("complete 1");
    slow.stream.pause();
    const count = 8_000;
    for (let at = 0; at < count; at += 500) {
      await send(raw, "one", ...Array.from({ length: 500 }, (_, n) => `${at + n} ${"x".repeat(300)}`));
      await bidi.until(`0: g${at + 500}`);
    }
    await node.waitForSubscriptions(1, 10_000);
    slow.stream.resume();
    expect(await slow.ended).toMatchObject({
      status: Code.ABORTED,
      message: "subscription closed: consumer too slow",
    });
    expect(slow.received.length).toBeLessThan(count - 4_096);
  });

  test("cancellation, a lost connection, endStreams, stop and dropConnections", async ({ node, raw }) => {
    const cancelled = new Bidi(raw);
    await cancelled.atLeast(1);
    cancelled.cancel();
    await node.waitForSubscriptions(0, 5_000);

    await using lost = new RawClient(node.url);
    await new Bidi(lost).atLeast(1);
    lost.session.destroy();
    await node.waitForSubscriptions(0, 5_000);

    const ended = new Bidi(raw);
    await ended.atLeast(1);
    await node.endStreams(Code.INTERNAL, "over");
    expect(await ended.ended).toMatchObject({ status: Code.INTERNAL, message: "over" });

    const stopped = new Bidi(raw);
    await stopped.atLeast(1);
    await node.stop();
    expect(await stopped.ended).toMatchObject({
      status: Code.UNAVAILABLE,
      message: "service is shutting down",
    });
    await node.start();

    await using again = new RawClient(node.url);
    const reset = new Bidi(again);
    await reset.atLeast(1);
    await node.dropConnections("reset");
    expect(await reset.ended).toMatchObject({ status: -1 });
    await node.waitForSubscriptions(0, 5_000);
  });

  test("a muted stream stays open and says no more", async ({ node, raw, bidi }) => {
    bidi.mutate({ mutateId: 1n, adds: [from(group("one"))] });
    await bidi.until("complete 1");
    expect(await node.muteStreams({ kind: "topics" })).toHaveLength(1);
    const witness = new Bidi(raw);
    witness.mutate({ mutateId: 1n, adds: [from(group("one"))] });
    await witness.until("complete 1");
    await send(raw, "one", "unheard");
    await witness.until("0: g1");
    expect(bidi.story).not.toContain("0: g1");
    expect((await node.stats()).openSubscriptions).toBe(2);
  });

  test("a fault: the next open is refused, the one after is served", async ({ node, raw }) => {
    await node.failNext("Subscribe", { code: Code.UNAVAILABLE });
    expect(await new Bidi(raw).ended).toMatchObject({ status: Code.UNAVAILABLE, message: "injected fault" });
    await new Bidi(raw).atLeast(1);
  });
});

test("an older node does not know the method", async () => {
  await using node = await startNode({ bidiStreams: false });
  await using raw = new RawClient(node.url);
  expect(await raw.raw(PATH, Buffer.alloc(5))).toMatchObject({
    status: Code.UNIMPLEMENTED,
    message: "unknown method Subscribe for service xmtp.mls.api.v1.MlsApi",
  });
  await expect(node.failNext("Subscribe", { code: 14 })).rejects.toMatchObject({ code: "BAD_METHOD" });
});

test("a keepalive that is none is refused", async () => {
  for (const keepaliveMs of [0, -1, 1.5, 2 ** 31, Number.NaN]) {
    await expect(startNode({ keepaliveMs })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  }
});

test.describe("what the node tells of a client's port", () => {
  test("a stream brings nothing at first; groups and welcomes once it follows them", async ({ node }) => {
    const told: string[] = [];
    await using bot = new RawClient(await node.openClientPort("bot", { observe: true }));
    const unhear = node.onPortEvent(({ client, what, about, brings }) => {
      told.push([client, what, about, ...brings].filter((word) => word !== "").join(" "));
    });
    expect(await node.sinceLastCall("bot")).toBeUndefined();
    const bidi = new Bidi(bot);
    await bidi.until("started");
    bidi.mutate({ mutateId: 1n, historyOnly: true, adds: [from(group("one"))] });
    await bidi.until("complete 1");
    bidi.mutate({ mutateId: 2n, adds: [from(inbox(INSTALLATION))] });
    await bidi.until("complete 2");
    bidi.mutate({
      mutateId: 3n,
      adds: [from(group("one")), from(group("two")), from(inbox(INSTALLATION), 1)],
    });
    await bidi.until("complete 3");
    // What was told before a question's answer has been heard by then.
    expect(await node.sinceLastCall("bot")).toBeGreaterThanOrEqual(0);
    expect(told).toEqual([
      "bot subscribed topics",
      "bot followed topics welcome",
      "bot followed topics group",
    ]);
    unhear();
  });

  test("streams of one kind bring it from their start, however few they follow", async ({ node }) => {
    const told: string[] = [];
    await using bot = new RawClient(await node.openClientPort("bot", { observe: true }));
    node.onPortEvent(({ what, about, brings }) => void told.push([what, about, ...brings].join(" ")));
    await bot.subscribe(method.subscribeWelcomeMessages, { filters: [{ installationKey: INSTALLATION }] })
      .headers;
    await bot.subscribe(method.subscribeGroupMessages, { filters: [] }).headers;
    await node.sinceLastCall("bot");
    expect(told).toEqual(["subscribed welcome welcome", "subscribed group group"]);
  });

  test("says over which connection, so that an older one's is told apart", async ({ node }) => {
    const told: [string, number][] = [];
    const url = await node.openClientPort("bot", { observe: true });
    node.onPortEvent(({ what, connection }) => void told.push([what, connection]));
    const subscribe = async (): Promise<void> => {
      await using bot = new RawClient(url);
      await bot.subscribe(method.subscribeGroupMessages, { filters: [] }).headers;
    };
    await subscribe();
    const earlier = await node.clientConnections();
    await subscribe();
    await node.waitForSubscriptions(0);
    expect(await node.clientConnections()).toBe(earlier + 1);
    await node.sinceLastCall("bot");
    expect(told).toEqual(
      [earlier, earlier + 1].flatMap((at) => [
        ["subscribed", at],
        ["unsubscribed", at],
      ]),
    );
  });

  test("is heard at once by who asks, before the event loop has had a turn", async ({ node }) => {
    const told: string[] = [];
    const url = await node.openClientPort("bot", { observe: true });
    node.onPortEvent(({ what, about }) => void told.push(`${what} ${about}`));
    const subscriber = `
      const session = require("node:http2").connect(process.argv[1]);
      const request = session.request({ ":method": "POST", ":path": process.argv[2], "content-type": "application/grpc" });
      request.end(Buffer.alloc(5));
      request.on("response", () => process.exit(0));`;
    // This process stands still until the other one has its answer.
    const { status } = spawnSync(process.execPath, [
      "-e",
      subscriber,
      url,
      pathOf(method.subscribeGroupMessages),
    ]);
    expect(status).toBe(0);
    expect(told).toEqual([]);
    node.hearPortEvents();
    expect(told[0]).toBe("subscribed group");
    expect(told.length).toBeLessThanOrEqual(2);
  });
});
