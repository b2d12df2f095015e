import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import type { MessageInitShape, create } from "@bufbuild/protobuf";
import { expect } from "@playwright/test";
import { Code, connectNetwork, startNode } from "#src/network/index.js";
import { envelopes, gatewayApi, health, messageApi, mls, payerApi } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import { RawClient } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";

const { method: node4 } = messageApi.ReplicationApi;
const { method: payer } = payerApi.PayerApi;
type Init<S extends Parameters<typeof create>[0]> = Exclude<MessageInitShape<S>, { $typeName: string }>;
type ClientEnvelope = Init<typeof envelopes.ClientEnvelopeSchema>;
type Cursor = Record<number, bigint>;

const INSTALLATION = Buffer.alloc(32, 9);
const topic = (kind: number, id: Uint8Array): Uint8Array => Buffer.concat([Buffer.from([kind]), id]);
const one = topic(0, groupId("one"));
const inbox = topic(1, INSTALLATION);

const message = (
  group: string,
  text: string,
  content: "application" | "commit" = "application",
): ClientEnvelope => ({
  aad: { targetTopic: topic(0, groupId(group)), dependsOn: { nodeIdToSequenceId: { 0: 7n } } },
  payload: {
    case: "groupMessage",
    value: {
      version: { case: "v1", value: { data: privateMessage(group, text, content), shouldPush: true } },
    },
  },
});
const welcome = (text: string): ClientEnvelope => ({
  aad: { targetTopic: inbox },
  payload: {
    case: "welcomeMessage",
    value: {
      version: {
        case: "v1",
        value: { installationKey: INSTALLATION, data: Buffer.from(text), hpkePublicKey: Buffer.from("k") },
      },
    },
  },
});
const publish = (raw: RawClient, ...list: ClientEnvelope[]) =>
  raw.ok(payer.publishClientEnvelopes, { envelopes: list });
const sendV3 = (raw: RawClient, group: string, ...texts: string[]) =>
  raw.ok(mls.MlsApi.method.sendGroupMessages, {
    messages: texts.map((text) => ({
      version: { case: "v1" as const, value: { data: privateMessage(group, text) } },
    })),
  });
const query = async (
  raw: RawClient,
  topics: Uint8Array[],
  lastSeen?: Cursor,
  limit = 0,
): Promise<string[]> => {
  const cursor = lastSeen && { nodeIdToSequenceId: lastSeen };
  const { envelopes: found } = await raw.ok(node4.queryEnvelopes, {
    query: { topics, ...(cursor && { lastSeen: cursor }) },
    limit,
  });
  return found.map(inWords);
};

/** What is inside an envelope. */
function opened({ unsignedOriginatorEnvelope }: envelopes.OriginatorEnvelope) {
  const unsigned = fromBinary(envelopes.UnsignedOriginatorEnvelopeSchema, unsignedOriginatorEnvelope);
  const paid = fromBinary(envelopes.PayerEnvelopeSchema, unsigned.payerEnvelopeBytes);
  return { unsigned, client: fromBinary(envelopes.ClientEnvelopeSchema, paid.unsignedClientEnvelope) };
}

/** "originator:sequence". */
function inWords(envelope: envelopes.OriginatorEnvelope): string {
  const { originatorNodeId, originatorSequenceId } = opened(envelope).unsigned;
  return `${originatorNodeId}:${originatorSequenceId}`;
}

test.describe("publishing", () => {
  test("an envelope comes back with its originator, its number, and all that its client said", async ({
    raw,
  }) => {
    const { originatorEnvelopes: made } = await publish(
      raw,
      message("one", "a"),
      message("one", "b", "commit"),
      welcome("w"),
    );
    expect(made.map(inWords)).toEqual(["10:1", "0:2", "11:1"]);
    const { unsigned, client } = opened(made[0] as envelopes.OriginatorEnvelope);
    expect(client.aad?.dependsOn?.nodeIdToSequenceId).toEqual({ 0: 7n });
    expect(Buffer.from(client.aad?.targetTopic ?? [])).toEqual(one);
    expect(client.payload).toMatchObject({
      case: "groupMessage",
      value: { version: { value: { shouldPush: true } } },
    });
    expect(Math.abs(Number(unsigned.originatorNs / 1_000_000n) - Date.now())).toBeLessThan(60_000);
    expect(made.map(({ proof }) => proof.case)).toEqual([
      "originatorEcdsaSignature",
      "blockchainProof",
      "originatorEcdsaSignature",
    ]);
  });

  test("the same envelope again is the same envelope", async ({ raw, node }) => {
    const first = await publish(raw, message("one", "a"), welcome("w"));
    const again = await publish(raw, message("one", "a"), welcome("w"));
    expect(again.originatorEnvelopes.map(inWords)).toEqual(first.originatorEnvelopes.map(inWords));
    expect(await node.stats()).toMatchObject({ groupMessages: 1, welcomes: 1 });
  });

  const good = message("one", "good");
  const refusals: [string, ClientEnvelope[], string][] = [
    [
      "no authenticated data",
      [{ payload: good.payload }],
      "Invalid client envelope at index 0: aad is missing",
    ],
    [
      "no payload",
      [good, { aad: { targetTopic: one } }],
      "Invalid client envelope at index 1: payload is missing",
    ],
    ["no topic", [{ ...good, aad: {} }], "Invalid client envelope at index 0: invalid topic"],
    ["a topic of 129 bytes", [{ ...good, aad: { targetTopic: Buffer.alloc(129) } }], "invalid topic"],
    [
      "a topic of another kind",
      [good, { ...welcome("w"), aad: { targetTopic: one } }],
      "Client envelope at index 1 does not match topic",
    ],
    [
      "another group's topic",
      [{ ...good, aad: { targetTopic: topic(0, groupId("two")) } }],
      "topic does not match payload",
    ],
    [
      "another installation's topic",
      [{ ...welcome("w"), aad: { targetTopic: topic(1, Buffer.alloc(32)) } }],
      "topic does not match payload",
    ],
    [
      "bytes that are not an MLS message",
      [
        {
          aad: { targetTopic: one },
          payload: {
            case: "groupMessage",
            value: { version: { case: "v1", value: { data: Buffer.from("no") } } },
          },
        },
      ],
      "invalid group message",
    ],
    [
      "a welcome without data",
      [
        {
          aad: { targetTopic: inbox },
          payload: {
            case: "welcomeMessage",
            value: { version: { case: "v1", value: { installationKey: INSTALLATION } } },
          },
        },
      ],
      "invalid welcome message",
    ],
    [
      "a key package that is none",
      [
        {
          aad: { targetTopic: topic(3, INSTALLATION) },
          payload: {
            case: "uploadKeyPackage",
            value: { keyPackage: { keyPackageTlsSerialized: Buffer.from("no") } },
          },
        },
      ],
      "invalid identity: validation failed with error XMTP Key Package failed",
    ],
    [
      "an identity update that nobody signed",
      [
        {
          aad: { targetTopic: topic(2, Buffer.alloc(32, 1)) },
          payload: {
            case: "identityUpdate",
            value: {
              inboxId: Buffer.alloc(32, 1).toString("hex"),
              actions: [{ kind: { case: "createInbox", value: { initialIdentifier: "0x00" } } }],
            },
          },
        },
      ],
      "missing field signature of type xmtp_proto::generated::xmtp::identity::associations::Signature",
    ],
  ];
  for (const [name, list, text] of refusals) {
    test(`refused, and nothing stored: ${name}`, async ({ raw, node }) => {
      expect(await raw.call(payer.publishClientEnvelopes, { envelopes: list })).toMatchObject({
        status: Code.INVALID_ARGUMENT,
        message: expect.stringContaining(text),
      });
      expect(await node.stats()).toMatchObject({
        groupMessages: 0,
        welcomes: 0,
        keyPackages: 0,
        identityUpdates: 0,
      });
    });
  }
});

test.describe("asking", () => {
  test("v3 and d14n clients see the same messages, by the same numbers", async ({ raw }) => {
    await sendV3(raw, "one", "from v3");
    await publish(raw, message("one", "from d14n"), message("one", "commit", "commit"));
    expect(await query(raw, [one])).toEqual(["10:1", "10:2", "0:3"]);
    const { messages } = await raw.ok(mls.MlsApi.method.queryGroupMessages, {
      groupId: groupId("one"),
      pagingInfo: { direction: mls.SortDirection.ASCENDING },
    });
    expect(messages.map(({ version }) => Number(version.value?.id))).toEqual([1, 2, 3]);
    expect(messages.map(({ version }) => version.value?.isCommit)).toEqual([false, false, true]);
  });

  test("a cursor counts for its originator only; pages follow one another", async ({ raw }) => {
    await publish(
      raw,
      message("one", "a"),
      message("one", "b", "commit"),
      message("one", "c"),
      message("two", "d"),
    );
    await publish(raw, welcome("w"));
    expect(await query(raw, [one], { 10: 1n })).toEqual(["0:2", "10:3"]);
    expect(await query(raw, [one], { 0: 9n })).toEqual(["10:1", "10:3"]);
    const all = [one, topic(0, groupId("two")), inbox];
    expect(await query(raw, all, {}, 2)).toEqual(["10:1", "0:2"]);
    expect(await query(raw, all, { 10: 1n, 0: 2n }, 2)).toEqual(["10:3", "10:4"]);
    expect(await query(raw, all, { 10: 4n, 0: 2n }, 2)).toEqual(["11:1"]);
    expect(await query(raw, [topic(9, groupId("one"))])).toEqual([]);
    expect(await query(raw, [])).toEqual([]);
  });

  test("a page holds 1000 envelopes at most, whatever is asked", async ({ raw }) => {
    for (let at = 0; at < 11; at++) {
      await sendV3(raw, "one", ...Array.from({ length: 100 }, (_, n) => `${at}-${n}`));
    }
    for (const limit of [0, 1000, 5000]) expect(await query(raw, [one], {}, limit)).toHaveLength(1000);
    expect(await query(raw, [one], { 10: 1000n })).toHaveLength(100);
  });

  test("the newest envelope of each topic; of a topic asked twice at its last place", async ({ raw }) => {
    await publish(raw, message("one", "a"), message("one", "b"), welcome("w"));
    const { results } = await raw.ok(node4.getNewestEnvelope, {
      topics: [one, topic(0, groupId("no")), inbox, one],
    });
    expect(results.map(({ originatorEnvelope: envelope }) => envelope && inWords(envelope))).toEqual([
      undefined,
      undefined,
      "11:1",
      "10:2",
    ]);
  });

  const bad = (count: number): Cursor =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [at, 1n]));
  const refusals: [string, MessageInitShape<typeof messageApi.EnvelopesQuerySchema> | undefined, string][] = [
    ["no query", undefined, "missing query"],
    ["topics and originators", { topics: [one], originatorNodeIds: [1] }, "cannot filter by both"],
    ["originators", { originatorNodeIds: [1] }, "this network has one node"],
    ["an empty topic", { topics: [new Uint8Array()] }, "invalid topic"],
    ["a topic of 129 bytes", { topics: [Buffer.alloc(129)] }, "invalid topic"],
    ["10,001 topics", { topics: Array.from({ length: 10_001 }, () => one) }, "too many subscriptions: 10001"],
    [
      "101 originators",
      { topics: [one], lastSeen: { nodeIdToSequenceId: bad(101) } },
      "exceeds maximum of 100",
    ],
  ];
  for (const [name, asked, text] of refusals) {
    test(`refused: ${name}`, async ({ raw }) => {
      const request = asked ? { query: asked } : {};
      const expected = { status: Code.INVALID_ARGUMENT, message: expect.stringContaining(text) };
      expect(await raw.call(node4.queryEnvelopes, request)).toMatchObject(expected);
      expect(await raw.subscribe(node4.subscribeEnvelopes, request).ended).toMatchObject(expected);
    });
  }

  test("1001 addresses are refused, 1000 answered", async ({ raw }) => {
    const ask = (count: number) =>
      raw.call(node4.getInboxIds, { requests: Array.from({ length: count }, () => ({ identifier: "0x" })) });
    expect((await ask(1000)).response?.responses).toHaveLength(1000);
    expect(await ask(1001)).toMatchObject({ status: Code.INVALID_ARGUMENT });
  });
});

test.describe("streams", () => {
  const follow = (raw: RawClient, ...filters: [Uint8Array, Cursor?][]) =>
    raw.subscribe(node4.subscribeTopics, {
      filters: filters.map(([name, seen = {}]) => ({ topic: name, lastSeen: { nodeIdToSequenceId: seen } })),
    });
  const words = (frames: readonly messageApi.SubscribeTopicsResponse[]): string[] =>
    frames.map(({ response }) => {
      if (response.case === "envelopes") return response.value.envelopes.map(inWords).join(" ");
      return messageApi.SubscribeTopicsResponse_SubscriptionStatus[response.value?.status ?? 0] ?? "";
    });

  test("SubscribeTopics: started, the past, caught up, then live from either kind of client", async ({
    raw,
    node,
  }) => {
    await publish(raw, message("one", "a"), message("one", "b"), welcome("w"));
    const stream = follow(raw, [one, { 10: 1n }], [inbox], [one]);
    expect(words(await stream.atLeast(3))).toEqual(["STARTED", "10:2 11:1", "CATCHUP_COMPLETE"]);
    expect(await node.subscriptions()).toMatchObject([{ kind: "topics", filters: 2 }]);
    await sendV3(raw, "one", "c");
    await stream.atLeast(4);
    await publish(raw, message("two", "not followed"), message("one", "d"), message("one", "a"));
    expect(words(await stream.atLeast(5)).slice(3)).toEqual(["10:3", "10:5"]);
    expect((await node.stats()).deliveries).toBe(4);
  });

  test("SubscribeEnvelopes: with a cursor the past too, without one only what comes", async ({ raw }) => {
    await publish(raw, message("one", "a"), message("one", "b"));
    const past = raw.subscribe(node4.subscribeEnvelopes, {
      query: { topics: [one], lastSeen: { nodeIdToSequenceId: { 10: 1n } } },
    });
    const live = raw.subscribe(node4.subscribeEnvelopes, { query: { topics: [one] } });
    await past.atLeast(2);
    await live.atLeast(1);
    await publish(raw, message("one", "c"));
    const read = (frames: readonly messageApi.SubscribeEnvelopesResponse[]) =>
      frames.map(({ envelopes: list }) => list.map(inWords).join(" "));
    expect(read(await past.atLeast(3))).toEqual(["", "10:2", "10:3"]);
    expect(read(await live.atLeast(2))).toEqual(["", "10:3"]);
  });

  test("a long past arrives whole, and a client that does not read is sent away", async ({ raw, node }) => {
    const text = "x".repeat(3_000);
    for (let at = 0; at < 20; at++) {
      await sendV3(raw, "one", ...Array.from({ length: 100 }, (_, n) => `${at}-${n}-${text}`));
    }
    const stream = follow(raw, [one]);
    for (let seen = 1; !words(stream.received).includes("CATCHUP_COMPLETE"); seen++)
      await stream.atLeast(seen);
    const got = words(stream.received).slice(1, -1).join(" ").split(" ");
    expect(got).toEqual(Array.from({ length: 2_000 }, (_, at) => `10:${at + 1}`));

    await using lazy = new RawClient(node.url);
    const slow = follow(lazy, [one, { 10: 2_000n }]);
    await slow.atLeast(2);
    slow.stream.pause();
    for (let at = 0; at < 40; at++) {
      await sendV3(
        raw,
        "one",
        ...Array.from({ length: 100 }, (_, n) => `more ${at}-${n}-${text.slice(2_500)}`),
      );
    }
    await node.waitForSubscriptions(1, 10_000);
    slow.stream.resume();
    expect(await slow.ended).toMatchObject({ status: Code.OK });
  });

  test("an idle stream says so", async () => {
    await using node = await startNode({ keepaliveMs: 50 });
    await using raw = new RawClient(node.url);
    const stream = follow(raw, [one]);
    expect(words(await stream.atLeast(4)).slice(1)).toEqual(["CATCHUP_COMPLETE", "WAITING", "WAITING"]);
  });

  for (const [name, filters, text] of [
    ["no filters", [], "filters must not be empty"],
    ["an empty topic", [{ topic: new Uint8Array() }], "invalid topic length: 0"],
    ["10,001 filters", Array.from({ length: 10_001 }, () => ({ topic: one })), "too many filters: 10001"],
    [
      "an originator that nobody knows",
      [{ topic: one, lastSeen: { nodeIdToSequenceId: { 77: 1n } } }],
      "unknown originator node ID in cursor: 77",
    ],
  ] as const) {
    test(`refused after STARTED: ${name}`, async ({ raw, node }) => {
      const stream = raw.subscribe(node4.subscribeTopics, { filters: [...filters] });
      expect(await stream.ended).toMatchObject({
        status: Code.INVALID_ARGUMENT,
        message: expect.stringContaining(text),
      });
      expect(words(stream.received)).toEqual(["STARTED"]);
      expect((await node.stats()).openSubscriptions).toBe(0);
    });
  }

  test("ended and muted like others", async ({ raw, node }) => {
    const muted = follow(raw, [one]);
    await muted.atLeast(2);
    expect(await node.muteStreams({ kind: "topics" })).toHaveLength(1);
    const heard = follow(raw, [one]);
    await heard.atLeast(2);
    await publish(raw, message("one", "a"));
    await heard.atLeast(3);
    expect(muted.received).toHaveLength(2);
    await node.endStreams(Code.INTERNAL, "over");
    for (const stream of [muted, heard]) {
      expect(await stream.ended).toMatchObject({ status: Code.INTERNAL, message: "over" });
    }
  });
});

test("nodes are named by the address the client came to; health answers for the services", async ({
  raw,
  node,
}) => {
  expect((await raw.ok(payer.getNodes, {})).nodes).toEqual({ 100: node.url });
  expect((await raw.ok(gatewayApi.GatewayApi.method.getNodes, {})).nodes).toEqual({ 100: node.url });
  for (const service of ["", "xmtp.xmtpv4.message_api.ReplicationApi", "xmtp.xmtpv4.payer_api.PayerApi"]) {
    expect(await raw.ok(health.Health.method.check, { service })).toMatchObject({ status: 1 });
  }
});

test("the newer names answer too", async ({ raw }) => {
  await raw.ok(gatewayApi.GatewayApi.method.publishClientEnvelopes, { envelopes: [message("one", "a")] });
  const { method } = messageApi.QueryApi;
  expect((await raw.ok(method.queryEnvelopes, { query: { topics: [one] } })).envelopes).toHaveLength(1);
  expect((await raw.ok(method.getNewestEnvelope, { topics: [one] })).results).toHaveLength(1);
  expect((await raw.ok(method.getInboxIds, {})).responses).toEqual([]);
  await raw.subscribe(method.subscribeTopics, { filters: [{ topic: one }] }).atLeast(3);
});

test("faults and statistics count these calls as others", async ({ raw, node }) => {
  await node.failNext("PublishClientEnvelopes", { code: Code.UNAVAILABLE });
  await node.failNext("xmtp.xmtpv4.message_api.ReplicationApi/GetInboxIds", { code: Code.INTERNAL });
  const list = { envelopes: [message("one", "a")] };
  expect(await raw.call(payer.publishClientEnvelopes, list)).toMatchObject({ status: Code.UNAVAILABLE });
  expect(await raw.call(node4.getInboxIds, {})).toMatchObject({ status: Code.INTERNAL });
  expect(await raw.call(payer.publishClientEnvelopes, list)).toMatchObject({ status: Code.OK });
  expect(await node.stats()).toMatchObject({
    groupMessages: 1,
    requests: { PublishClientEnvelopes: 2, GetInboxIds: 1 },
  });
});

test("a snapshot keeps what this side stores", async ({ raw, node }, testInfo) => {
  await publish(raw, message("one", "a"), welcome("w"));
  const file = join(testInfo.outputDir, "..", `${testInfo.testId}.snapshot`);
  await node.snapshot(file);
  await using other = await startNode();
  await other.restore(file);
  await using there = new RawClient(other.url);
  expect(await query(there, [one, inbox])).toEqual(["10:1", "11:1"]);
  const { results } = await there.ok(node4.getNewestEnvelope, { topics: [one] });
  const { client } = opened(results[0]?.originatorEnvelope as envelopes.OriginatorEnvelope);
  expect(client.aad?.dependsOn?.nodeIdToSequenceId).toEqual({ 0: 7n });
});

test("a state file keeps it too", async ({}, testInfo) => {
  const stateFile = join(testInfo.outputDir, "..", `${testInfo.testId}.state`);
  {
    await using node = await startNode({ stateFile });
    await using raw = new RawClient(node.url);
    await publish(raw, message("one", "a"), welcome("w"));
  }
  await using node = await startNode({ stateFile });
  await using raw = new RawClient(node.url);
  expect(await query(raw, [one, inbox])).toEqual(["10:1", "11:1"]);
  const { results } = await raw.ok(node4.getNewestEnvelope, { topics: [one] });
  const { client } = opened(results[0]?.originatorEnvelope as envelopes.OriginatorEnvelope);
  expect(client.aad?.dependsOn?.nodeIdToSequenceId).toEqual({ 0: 7n });
});

test("a gateway elsewhere is asked whether it is one", async ({ node }) => {
  expect(await connectNetwork({ env: "local", gatewayUrl: node.url })).toMatchObject({
    url: node.url,
    gateway: true,
    historyUrl: null,
  });
  await expect(connectNetwork({ env: "local", gatewayUrl: node.historyUrl })).rejects.toMatchObject({
    code: "NODE_UNREACHABLE",
  });
});
