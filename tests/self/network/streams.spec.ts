import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import { RawClient } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";

const { method } = mls.MlsApi;
const send = (raw: RawClient, group: string, ...texts: (string | Uint8Array)[]) =>
  raw.ok(method.sendGroupMessages, {
    messages: texts.map((text) => ({
      version: { case: "v1" as const, value: { data: privateMessage(group, text.toString()) } },
    })),
  });
const welcome = (raw: RawClient, to: Uint8Array, ...texts: string[]) =>
  raw.ok(method.sendWelcomeMessages, {
    messages: texts.map((text) => ({
      version: {
        case: "v1" as const,
        value: { installationKey: to, data: Buffer.from(text), hpkePublicKey: Buffer.from("k") },
      },
    })),
  });
const idsOf = (messages: readonly (mls.GroupMessage | mls.WelcomeMessage)[]) =>
  messages.map(({ version }) => Number(version.value?.id));
const follow = (raw: RawClient, ...filters: [group: string, idCursor?: number][]) =>
  raw.subscribe(method.subscribeGroupMessages, {
    filters: filters.map(([group, idCursor = 0]) => ({
      groupId: groupId(group),
      idCursor: BigInt(idCursor),
    })),
  });
const INSTALLATION = Buffer.alloc(32, 9);

test("headers come at once, before any message, and say that the stream is live", async ({ raw }) => {
  const groups = follow(raw, ["one"]);
  expect(await groups.headers).toMatchObject({ ":status": 200, subscribed: "true" });
  const welcomes = raw.subscribe(method.subscribeWelcomeMessages, {
    filters: [{ installationKey: INSTALLATION }],
  });
  expect(await welcomes.headers).toMatchObject({ ":status": 200, subscribed: "true" });
  expect(groups.received).toEqual([]);
});

test("history after the cursor, then live messages, each once and ascending", async ({ raw }) => {
  await send(raw, "one", "a", "b", "c");
  await send(raw, "two", "d");
  const stream = follow(raw, ["one", 1], ["two"]);
  await stream.atLeast(3);
  await send(raw, "one", "e", "a");
  await send(raw, "three", "not subscribed");
  await send(raw, "two", "f");
  expect(idsOf(await stream.atLeast(5))).toEqual([2, 3, 4, 5, 8]);
});

test("the high-water mark starts at 0, not at the cursor: a cursor ahead of the table hides nothing live", async ({
  raw,
}) => {
  const stream = follow(raw, ["one", 1_000]);
  await stream.headers;
  await send(raw, "one", "a");
  expect(idsOf(await stream.atLeast(1))).toEqual([1]);
});

test("no filters: the stream stays open and silent", async ({ raw, node }) => {
  const stream = follow(raw);
  await stream.headers;
  await send(raw, "one", "a");
  expect(await node.subscriptions()).toMatchObject([{ kind: "group", filters: 0 }]);
  expect(stream.received).toEqual([]);
});

test("welcome streams: history, live, pointers too; refusals come after the header", async ({ raw }) => {
  await welcome(raw, INSTALLATION, "a", "b");
  const stream = raw.subscribe(method.subscribeWelcomeMessages, {
    filters: [{ installationKey: INSTALLATION, idCursor: 1n }],
  });
  await stream.atLeast(1);
  await welcome(raw, INSTALLATION, "c");
  expect(idsOf(await stream.atLeast(2))).toEqual([2, 3]);

  const none = raw.subscribe(method.subscribeWelcomeMessages, {});
  expect(await none.headers).toMatchObject({ subscribed: "true" });
  expect(await none.ended).toMatchObject({
    status: Code.INVALID_ARGUMENT,
    message: "no valid filters provided",
  });
  const empty = raw.subscribe(method.subscribeWelcomeMessages, { filters: [{}] });
  expect(await empty.ended).toMatchObject({
    status: Code.INVALID_ARGUMENT,
    message: "a filter is nil or installation key is empty",
  });
});

test("one message to many subscribers is encoded once", async ({ raw, node }) => {
  const streams = Array.from({ length: 20 }, () => follow(raw, ["one"]));
  await Promise.all(streams.map(({ headers }) => headers));
  await send(raw, "one", "a", "b");
  await Promise.all(streams.map((stream) => stream.atLeast(2)));
  expect(await node.stats()).toMatchObject({ encodes: 2, deliveries: 40, openSubscriptions: 20 });
});

test("a long history arrives whole, through a client that reads at its own pace", async ({ raw }) => {
  const text = "x".repeat(10_000);
  for (let round = 0; round < 20; round++) {
    await send(raw, "one", ...Array.from({ length: 100 }, (_, at) => `${round}-${at}-${text}`));
  }
  const stream = follow(raw, ["one"]);
  const ids = idsOf(await stream.atLeast(2_000));
  expect(ids).toEqual(Array.from({ length: 2_000 }, (_, at) => at + 1));
});

for (const [kind, status, message] of [
  ["group", Code.ABORTED, "caller did not read all messages fast enough"],
  ["welcome", Code.OK, ""],
] as const) {
  test(`a slow ${kind} consumer is sent away after 1024 buffered messages; others go on`, async ({
    node,
    raw,
  }) => {
    await using lazy = new RawClient(node.url);
    const slow =
      kind === "group"
        ? follow(lazy, ["one"])
        : lazy.subscribe(method.subscribeWelcomeMessages, { filters: [{ installationKey: INSTALLATION }] });
    await slow.headers;
    slow.stream.pause();
    const quick = follow(raw, ["one"]);
    await quick.headers;
    const text = "x".repeat(300);
    const sent = 2_000;
    // Windows and write quota take some hundred messages before the subscription's buffer fills.
    for (let at = 0; at < sent; at += 100) {
      const texts = Array.from({ length: 100 }, (_, one) => `${at + one} ${text}`);
      if (kind === "group") await send(raw, "one", ...texts);
      else await welcome(raw, INSTALLATION, ...texts);
      if (kind === "group") await quick.atLeast(at + 100);
    }
    await node.waitForSubscriptions(1, 5_000);
    slow.stream.resume();
    expect(await slow.ended).toMatchObject({ status, message });
    expect(slow.received.length).toBeLessThan(sent - 1_024);
    await send(raw, "one", "still here");
    await quick.atLeast(kind === "group" ? sent + 1 : 1);
    expect(await node.subscriptions()).toMatchObject([{ kind: "group", filters: 1 }]);
  });
}

test("a cancelled stream is gone from the node's list, and so is one whose connection was lost", async ({
  node,
  raw,
}) => {
  const cancelled = follow(raw, ["one"]);
  await cancelled.headers;
  cancelled.cancel();
  await node.waitForSubscriptions(0, 5_000);

  await using other = new RawClient(node.url);
  await follow(other, ["one"]).headers;
  expect((await node.stats()).openSubscriptions).toBe(1);
  other.session.destroy();
  await node.waitForSubscriptions(0, 5_000);
});
