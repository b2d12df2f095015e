import { expect } from "@playwright/test";
import { Code, startNode } from "#src/network/index.js";
import { identity, mls } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import { RawClient } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";

const { method } = mls.MlsApi;
const send = (raw: RawClient, ...texts: string[]) =>
  raw.call(method.sendGroupMessages, {
    messages: texts.map((text) => ({
      version: { case: "v1" as const, value: { data: privateMessage("one", text) } },
    })),
  });
const query = (raw: RawClient) => raw.call(method.queryGroupMessages, { groupId: groupId("one") });

test.describe("rate limits", () => {
  test("off by default", async ({ raw }) => {
    for (let round = 0; round < 31; round++) {
      const texts = Array.from({ length: 100 }, (_, at) => `${round} ${at}`);
      expect(await send(raw, ...texts)).toMatchObject({ status: Code.OK });
    }
  });

  test("each message costs 1 of publishing, all else 1 of the default; a pause of a minute refills", async () => {
    const rateLimits = { defaultTokens: 3, defaultPerMinute: 2, publishTokens: 5, publishPerMinute: 1 };
    await using node = await startNode({ rateLimits });
    await using raw = new RawClient(node.url);
    const exhausted = (cost: number, bucket: string) => ({
      status: Code.RESOURCE_EXHAUSTED,
      message: `${cost} exceeds rate limit R127.0.0.1${bucket}`,
    });
    expect(await send(raw, "a", "b", "c", "d")).toMatchObject({ status: Code.OK });
    expect(await send(raw, "e", "f")).toMatchObject(exhausted(2, "PUB"));
    expect(
      await raw.call(method.uploadKeyPackage, {}),
      "refused by the method, paid all the same",
    ).toMatchObject({ status: Code.INVALID_ARGUMENT });
    expect(await raw.call(identity.IdentityApi.method.publishIdentityUpdate, {})).toMatchObject(
      exhausted(1, "PUB"),
    );
    expect((await query(raw)).response?.messages).toHaveLength(4);
    const stream = raw.subscribe(method.subscribeGroupMessages, { filters: [{ groupId: groupId("one") }] });
    await stream.atLeast(4);
    expect(await query(raw)).toMatchObject({ status: Code.OK });
    expect(await query(raw)).toMatchObject(exhausted(1, "DEF"));
    const refused = raw.subscribe(method.subscribeGroupMessages, { filters: [] });
    expect(await refused.ended).toMatchObject(exhausted(1, "DEF"));
    await node.advanceRateLimits(60_000);
    expect(await send(raw, "g")).toMatchObject({ status: Code.OK });
    expect(await send(raw, "h")).toMatchObject(exhausted(1, "PUB"));
    expect(await query(raw)).toMatchObject({ status: Code.OK });
  });

  test("the cost is counted in 16 bits, as the real node's: 65,536 messages in one call cost nothing", async () => {
    await using node = await startNode({ rateLimits: { publishTokens: 100 } });
    await using raw = new RawClient(node.url);
    const messages = (count: number) =>
      raw.call(method.sendGroupMessages, { messages: Array.from({ length: count }, () => ({})) });
    expect(await messages(70_000)).toMatchObject({
      status: Code.RESOURCE_EXHAUSTED,
      message: "4464 exceeds rate limit R127.0.0.1PUB",
    });
    expect(await messages(65_536 + 99), "paid, and then refused for what it is").toMatchObject({
      status: Code.INVALID_ARGUMENT,
    });
    expect(await messages(2)).toMatchObject({ message: "2 exceeds rate limit R127.0.0.1PUB" });
  });

  test("the first forwarded address is the client's, not the connection's", async () => {
    await using node = await startNode({ rateLimits: { defaultTokens: 1, priorityIps: ["10.0.0.2"] } });
    await using raw = new RawClient(node.url);
    const path = "/xmtp.identity.api.v1.IdentityApi/GetInboxIds";
    const from = (address: string) => raw.raw(path, Buffer.alloc(5), { "x-forwarded-for": address });
    expect(await from("10.0.0.1, 10.9.9.9")).toMatchObject({ status: Code.OK });
    expect(await from("10.0.0.1")).toMatchObject({ message: "1 exceeds rate limit R10.0.0.1DEF" });
    expect(await from("10.0.0.2")).toMatchObject({ status: Code.OK });
    expect(await from("10.0.0.2")).toMatchObject({ status: Code.OK });
    expect(await from("10.0.0.2")).toMatchObject({ message: "1 exceeds rate limit P10.0.0.2DEF" });
    await expect(startNode({ rateLimits: { defaultTokens: 0.5 } })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});

test.describe("deadlines", () => {
  test("a call whose grpc-timeout is over ends DEADLINE_EXCEEDED, and one in time does not", async ({
    node,
    raw,
  }) => {
    const path = "/xmtp.identity.api.v1.IdentityApi/GetInboxIds";
    const call = (timeout: string) => raw.raw(path, Buffer.alloc(5), { "grpc-timeout": timeout });
    for (const timeout of ["10S", "99999999H"])
      expect(await call(timeout)).toMatchObject({ status: Code.OK });
    for (const [timeout, text] of [
      ["10x", 'transport: timeout unit is not recognized: "10x"'],
      ["", 'transport: timeout string is too short: ""'],
      ["123456789S", 'transport: timeout string is too long: "123456789S"'],
      ["x\u00e9S", 'strconv.ParseUint: parsing "x\\xe9": invalid syntax'],
    ]) {
      expect(await call(timeout as string)).toMatchObject({
        http: 400,
        status: Code.INTERNAL,
        message: `malformed grpc-timeout: ${text}`,
      });
    }
    await node.delayNext("GetInboxIds", { ms: 60_000, times: 2 });
    const late = { status: Code.DEADLINE_EXCEEDED, message: "context deadline exceeded" };
    expect(await call("20m")).toMatchObject(late);
    expect(await call("20000u")).toMatchObject(late);
    expect(await call("10S")).toMatchObject({ status: Code.OK });
  });
});

test.describe("keepalive pings", () => {
  test("three early ones in a row: GOAWAY too_many_pings; calls in between forgive them", async ({ raw }) => {
    const goaway = new Promise<[number, string]>((resolve) =>
      raw.session.once("goaway", (code, _last, data: Buffer | undefined) =>
        resolve([code, data?.toString() ?? ""]),
      ),
    );
    for (let round = 0; round < 6; round++) {
      await raw.ping();
      expect(await query(raw)).toMatchObject({ status: Code.OK });
    }
    for (let ping = 0; ping < 4; ping++) await raw.ping().catch(() => undefined);
    expect(await goaway).toEqual([11, "too_many_pings"]);
  });
});

test.describe("read your writes", () => {
  test("a query right after the reply sees the write, from any connection, under load", async ({
    node,
    raw,
  }) => {
    const writers = Array.from({ length: 8 }, () => new RawClient(node.url));
    await Promise.all(
      writers.map(async (writer, at) => {
        for (let round = 0; round < 25; round++) {
          const group = `group ${at} ${round}`;
          const data = privateMessage(group, "x");
          await writer.ok(method.sendGroupMessages, {
            messages: [{ version: { case: "v1", value: { data } } }],
          });
          const reader = round % 2 === 0 ? raw : writer;
          const { messages } = await reader.ok(method.queryGroupMessages, { groupId: groupId(group) });
          expect(messages).toHaveLength(1);
        }
      }),
    );
    await Promise.all(writers.map((writer) => writer[Symbol.asyncDispose]()));
  });
});
