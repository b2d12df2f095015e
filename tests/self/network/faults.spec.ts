import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import { RawClient } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";

const { method } = mls.MlsApi;
const send = (raw: RawClient, text: string, group = "one") =>
  raw.call(method.sendGroupMessages, {
    messages: [{ version: { case: "v1", value: { data: privateMessage(group, text) } } }],
  });
const follow = (raw: RawClient, ...groups: string[]) =>
  raw.subscribe(method.subscribeGroupMessages, {
    filters: groups.map((name) => ({ groupId: groupId(name) })),
  });
const idsOf = (messages: readonly mls.GroupMessage[]) =>
  messages.map(({ version }) => Number(version.value?.id));
const stored = async (raw: RawClient) =>
  idsOf((await raw.ok(method.queryGroupMessages, { groupId: groupId("one") })).messages).reverse();

test.describe("whose call it is", () => {
  test("a client's own port tells its calls and streams from all others", async ({ node, raw }) => {
    await using alice = new RawClient(await node.openClientPort("alice"));
    await node.failNext("SendGroupMessages", { code: Code.UNAVAILABLE, client: "alice", times: 2 });
    expect(await send(raw, "a")).toMatchObject({ status: Code.OK });
    expect(await send(alice, "b")).toMatchObject({ status: Code.UNAVAILABLE });
    expect(await send(alice, "b")).toMatchObject({ status: Code.UNAVAILABLE });
    expect(await send(alice, "b")).toMatchObject({ status: Code.OK });
    await follow(alice, "one").headers;
    await follow(raw, "one").headers;
    expect((await node.subscriptions()).map(({ client }) => client)).toEqual(["alice", undefined]);
    await expect(node.openClientPort("alice")).rejects.toMatchObject({ code: "CLIENT_PORT" });
  });

  // Linux lends one port to connections that go to different ports: so do clients, each at its own.
  test("two clients that connect from the same port are told apart, also when one goes", async ({ node }) => {
    const [toAlice, toBob] = [await node.openClientPort("alice"), await node.openClientPort("bob")];
    await using alice = new RawClient(toAlice);
    await follow(alice, "one").headers;
    const bob = new RawClient(toBob, alice.session.socket.localPort);
    await follow(bob, "one").headers;
    const open = await node.subscriptions();
    expect(open.map(({ client }) => client)).toEqual(["alice", "bob"]);
    expect(open[0]?.peer, "the port that they share").toBe(open[1]?.peer);
    await bob[Symbol.asyncDispose]();
    await node.waitForSubscriptions(1);
    expect(await node.subscriptions()).toMatchObject([{ client: "alice" }]);
    // A process-wide client would else be told as a leaked stream of whichever test ends then.
    await node.waitForSubscriptions(0, { timeout: 1_000, except: ["alice"] });
  });

  test("the port stays through a restart of the node, and is free once it is closed", async ({ node }) => {
    const url = await node.openClientPort("alice");
    await node.stop();
    await node.start();
    await using alice = new RawClient(url);
    expect(await send(alice, "a")).toMatchObject({ status: Code.OK });
    await node.closeClientPort("alice");
    await node.closeClientPort("alice");
    expect(await node.clientPorts()).toEqual([]);
    await using late = new RawClient(url);
    expect(await send(late, "b").catch((error: unknown) => String(error))).not.toMatchObject({
      status: Code.OK,
    });
    expect(await send(alice, "c"), "an open connection goes on").toMatchObject({ status: Code.OK });
  });
});

test.describe("calls", () => {
  test("a delay holds as many calls as asked, before anything is stored, and is counted", async ({
    node,
    raw,
  }) => {
    const id = await node.delayNext("SendGroupMessages", { ms: 150 });
    const start = performance.now();
    const slow = send(raw, "slow");
    expect(await stored(raw)).toEqual([]);
    expect(await slow).toMatchObject({ status: Code.OK });
    expect(performance.now() - start).toBeGreaterThanOrEqual(149);
    expect(await node.faults()).toEqual([
      { id, what: "delay SendGroupMessages by 150 ms", taken: 1, spent: true },
    ]);
    expect(await node.liftFault(id)).toBe(1);
    expect(await node.faults()).toEqual([]);
  });

  test("a delayed call whose client leaves is never run", async ({ node, raw }) => {
    await node.delayNext("SendGroupMessages", { ms: 60_000 });
    await using other = new RawClient(node.url);
    void send(other, "gone").catch(() => undefined);
    await expect.poll(async () => (await node.faults())[0]?.taken).toBe(1);
    await other[Symbol.asyncDispose]();
    await expect.poll(async () => (await node.stats()).openConnections).toBe(1);
    expect(await stored(raw)).toEqual([]);
  });

  test("lifting a delay lets the calls go that it holds", async ({ node, raw }) => {
    const id = await node.delayNext("SendGroupMessages", { ms: 60_000, times: 2 });
    const held = [send(raw, "a"), send(raw, "b")];
    await expect.poll(async () => (await node.faults())[0]?.taken).toBe(2);
    expect(await stored(raw)).toEqual([]);
    expect(await node.liftFault(id)).toBe(2);
    for (const answer of await Promise.all(held)) expect(answer).toMatchObject({ status: Code.OK });
    expect(await stored(raw)).toEqual([1, 2]);
  });

  test("one call can be slow and fail; each listener hears of each fault", async ({ node, raw }) => {
    const heard: [number, number][] = [];
    const unhear = node.onFaultTaken((id, taken) => heard.push([id, taken]));
    const delay = await node.delayNext("SendGroupMessages", { ms: 20, times: 2 });
    const fail = await node.failNext("SendGroupMessages", { code: Code.ABORTED });
    expect(await send(raw, "a")).toMatchObject({ status: Code.ABORTED });
    expect(await send(raw, "a")).toMatchObject({ status: Code.OK });
    expect(heard).toEqual([
      [delay, 1],
      [fail, 1],
      [delay, 2],
    ]);
    unhear();
  });

  test("a fault whose time is over meets nothing", async ({ node, raw }) => {
    const id = await node.failNext("SendGroupMessages", { code: Code.INTERNAL, forMs: 1 });
    await expect.poll(async () => (await node.faults())[0]?.spent).toBe(true);
    expect(await send(raw, "a")).toMatchObject({ status: Code.OK });
    expect(await node.liftFault(id)).toBe(0);
  });

  test("delays that make no sense are refused", async ({ node }) => {
    await expect(node.delayNext("SendGroupMessages", { ms: 0 })).rejects.toMatchObject({ code: "BAD_FAULT" });
    await expect(node.delayNext("Nothing" as never, { ms: 1 })).rejects.toMatchObject({ code: "BAD_METHOD" });
    await expect(node.disturbDeliveries("lose", { times: 0 })).rejects.toMatchObject({ code: "BAD_FAULT" });
  });
});

test.describe("deliveries", () => {
  test("duplicated: written twice, stored once", async ({ node, raw }) => {
    const stream = follow(raw, "one");
    await stream.headers;
    await node.disturbDeliveries("duplicate");
    await send(raw, "a");
    await send(raw, "b");
    expect(idsOf(await stream.atLeast(3))).toEqual([1, 1, 2]);
    expect(await stored(raw)).toEqual([1, 2]);
  });

  test("reordered: overtaken by the next of the same group, not by another group's", async ({
    node,
    raw,
  }) => {
    const stream = follow(raw, "one", "two");
    await stream.headers;
    const id = await node.disturbDeliveries("reorder");
    await send(raw, "a");
    await send(raw, "other", "two");
    expect((await node.faults())[0]?.taken, "held is not yet overtaken").toBe(0);
    await send(raw, "b");
    await send(raw, "c");
    expect(idsOf(await stream.atLeast(4))).toEqual([2, 3, 1, 4]);
    expect(await node.liftFault(id)).toBe(1);
  });

  test("a held delivery that nothing overtakes goes on when the fault is lifted, and does not count", async ({
    node,
    raw,
  }) => {
    const stream = follow(raw, "one");
    await stream.headers;
    const id = await node.disturbDeliveries("reorder");
    await send(raw, "a");
    expect(await stored(raw)).toEqual([1]);
    expect(stream.received).toEqual([]);
    expect(await node.liftFault(id)).toBe(0);
    expect(idsOf(await stream.atLeast(1))).toEqual([1]);
  });

  test("lost: never live, though a query and a new stream have it; only on the client that was meant", async ({
    node,
    raw,
  }) => {
    await using alice = new RawClient(await node.openClientPort("alice"));
    const streams = [follow(alice, "one"), follow(raw, "one")] as const;
    await Promise.all(streams.map(({ headers }) => headers));
    await node.disturbDeliveries("lose", { client: "alice" });
    await send(raw, "a");
    await send(raw, "b");
    expect(idsOf(await streams[0].atLeast(1))).toEqual([2]);
    expect(idsOf(await streams[1].atLeast(2))).toEqual([1, 2]);
    expect(await stored(alice)).toEqual([1, 2]);
    expect(idsOf(await follow(alice, "one").atLeast(2))).toEqual([1, 2]);
  });

  test("history is never disturbed, and welcomes only where they are meant", async ({ node, raw }) => {
    const id = await node.disturbDeliveries("lose", { stream: "welcome" });
    await send(raw, "a");
    const stream = follow(raw, "one");
    await stream.atLeast(1);
    await send(raw, "b");
    expect(idsOf(await stream.atLeast(2))).toEqual([1, 2]);
    expect(await node.liftFault(id)).toBe(0);
  });
});

test.describe("subscriptions", () => {
  test("one client's streams of one kind end; the others go on", async ({ node, raw }) => {
    await using alice = new RawClient(await node.openClientPort("alice"));
    const [mine, other] = [follow(alice, "one"), follow(raw, "one")];
    await Promise.all([mine.headers, other.headers]);
    expect(await node.endStreams(Code.ABORTED, "bye", { client: "alice", kind: "welcome" })).toEqual([]);
    expect(await node.endStreams(Code.ABORTED, "bye", { client: "alice" })).toHaveLength(1);
    expect(await mine.ended).toMatchObject({ status: Code.ABORTED, message: "bye" });
    await send(raw, "a");
    expect(idsOf(await other.atLeast(1))).toEqual([1]);
  });

  test("a muted stream stays open and says nothing, until it is ended by its id", async ({ node, raw }) => {
    const [muted, other] = [follow(raw, "one"), follow(raw, "one")];
    await Promise.all([muted.headers, other.headers]);
    const [first] = await node.subscriptions();
    const ids = await node.muteStreams({ ids: [first?.id ?? 0] });
    await send(raw, "a");
    await other.atLeast(1);
    expect(muted.received).toEqual([]);
    expect((await node.stats()).openSubscriptions).toBe(2);
    await node.endStreams(Code.UNAVAILABLE, "over", { ids });
    expect(await muted.ended).toMatchObject({ status: Code.UNAVAILABLE });
  });
});
