import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { writeFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { Code, startNode } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import { RawClient } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";

const { method } = mls.MlsApi;
const send = (raw: RawClient, text: string) =>
  raw.call(method.sendGroupMessages, {
    messages: [{ version: { case: "v1", value: { data: privateMessage("one", text) } } }],
  });
const count = async (raw: RawClient) =>
  (await raw.ok(method.queryGroupMessages, { groupId: groupId("one") })).messages.length;
const follow = (raw: RawClient) =>
  raw.subscribe(method.subscribeGroupMessages, { filters: [{ groupId: groupId("one") }] });

/** Whether anybody listens on the port. */
function listens(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Threads of this process; Linux tells. */
function threads(): number {
  test.skip(process.platform !== "linux", "threads are counted in /proc");
  return readdirSync("/proc/self/task").length;
}

test.describe("faults", () => {
  test("the next calls fail with code and text, as often as asked, and store nothing", async ({
    node,
    raw,
  }) => {
    await node.failNext("SendGroupMessages", { code: Code.UNAVAILABLE, message: "try later", times: 2 });
    expect(await send(raw, "a")).toMatchObject({ status: Code.UNAVAILABLE, message: "try later" });
    expect(await send(raw, "a")).toMatchObject({ status: Code.UNAVAILABLE });
    expect((await node.stats()).groupMessages).toBe(0);
    expect(await send(raw, "a")).toMatchObject({ status: Code.OK });
  });

  test("a lost acknowledgement: stored, but the caller hears of a failure", async ({ node, raw }) => {
    await node.failNext("SendGroupMessages", { code: Code.UNAVAILABLE, afterStore: true });
    expect(await send(raw, "a")).toMatchObject({ status: Code.UNAVAILABLE, message: "injected fault" });
    expect(await count(raw)).toBe(1);
    expect(await send(raw, "a"), "the retry is a duplicate").toMatchObject({ status: Code.OK });
    expect(await count(raw)).toBe(1);
  });

  test("for a time, until cleared, on streams, and by full name", async ({ node, raw }) => {
    await node.failNext("/xmtp.mls.api.v1.MlsApi/SubscribeGroupMessages", {
      code: Code.INTERNAL,
      forMs: 60_000,
    });
    expect(await follow(raw).ended).toMatchObject({ status: Code.INTERNAL });
    expect(await follow(raw).ended).toMatchObject({ status: Code.INTERNAL });
    await node.clearFaults();
    expect(await follow(raw).headers).toMatchObject({ subscribed: "true" });
  });

  test("the identity service's method is meant where two services share a name", async ({ node, raw }) => {
    await node.failNext("GetIdentityUpdates", { code: Code.INTERNAL });
    const path = "/xmtp.identity.api.v1.IdentityApi/GetIdentityUpdates";
    expect(await raw.raw(path, Buffer.alloc(5))).toMatchObject({ status: Code.INTERNAL });
    expect(await raw.raw(path, Buffer.alloc(5))).toMatchObject({ status: Code.OK });
  });

  test("unknown methods and impossible faults are refused by name", async ({ node }) => {
    await expect(node.failNext("SendGroupMessage" as never, { code: 14 })).rejects.toMatchObject({
      code: "BAD_METHOD",
      message: expect.stringContaining("SendGroupMessages"),
    });
    for (const code of ["GONE", -1, 17, 1.5]) {
      await expect(node.endStreams(code as never)).rejects.toMatchObject({
        code: "BAD_FAULT",
        message: expect.stringContaining("A stream cannot end with gRPC status"),
      });
    }
    const gone = { code: "GONE" as never };
    for (const fault of [gone, { code: 0 }, { code: 17 }, { code: 14, times: 0 }, { code: 14, forMs: -1 }]) {
      await expect(node.failNext("SendGroupMessages", fault)).rejects.toMatchObject({ code: "BAD_FAULT" });
    }
  });
});

test.describe("verbs for everybody", () => {
  test("last until they are removed, count what they hit, and go by the name of a code", async ({
    node,
    raw,
  }) => {
    const failing = await node.failCalls("SendGroupMessages");
    for (const text of ["a", "b"]) expect(await send(raw, text)).toMatchObject({ status: Code.UNAVAILABLE });
    await failing.waitForHit();
    await expect.poll(() => failing.hits()).toBe(2);
    await failing.lift();
    await failing.lift();
    expect(await send(raw, "a")).toMatchObject({ status: Code.OK });

    const lost = await node.loseReplies("SendGroupMessages", { code: "INTERNAL", times: 1 });
    expect(await send(raw, "b")).toMatchObject({ status: Code.INTERNAL });
    expect(await count(raw)).toBe(2);
    await lost.lift();
    expect(lost.hits()).toBe(1);

    const slow = await node.delayCalls("SendGroupMessages", 600_000);
    const sent = send(raw, "c");
    await slow.waitForHit({ timeout: 0 });
    await slow.lift();
    expect(await sent).toMatchObject({ status: Code.OK });
  });

  test("streams end by default, deliveries are disturbed, nothing hit is an error", async ({ node, raw }) => {
    const none = { code: "FAULT_NOT_EFFECTIVE" };
    await expect(node.dropStreams()).rejects.toMatchObject(none);
    const stream = follow(raw);
    await stream.headers;
    await expect(node.dropStreams({ stream: "welcome" })).rejects.toThrow(/No welcome stream was open/);
    const twice = await node.duplicateDeliveries();
    await send(raw, "a");
    expect(await stream.atLeast(2)).toHaveLength(2);
    await twice.lift();
    expect((await node.dropStreams({ code: "ABORTED" })).hits()).toBe(1);
    expect(await stream.ended).toMatchObject({ status: Code.ABORTED });

    const idle = await node.loseDeliveries({ times: 3 });
    await expect(idle.waitForHit({ timeout: 20 })).rejects.toThrow(
      /"loseDeliveries" for every client hit nothing within 20 ms/,
    );
    await expect(idle.lift()).rejects.toThrow(/hit nothing before it was removed/);
    const swapped = await node.reorderDeliveries();
    await node.clearFaults();
    expect(await node.faults()).toEqual([]);
    expect(swapped.hits()).toBe(0);
    await expect(node.failCalls("Send" as never)).rejects.toMatchObject({ code: "BAD_METHOD" });
  });

  for (const verb of ["muteStreams", "isolate"] as const) {
    test(`${verb} leaves streams open and silent; they end when it is removed`, async ({ node, raw }) => {
      const none = "FAULT_NOT_EFFECTIVE: No stream was open that could fall silent.";
      await expect(node[verb]()).rejects.toThrow(none);
      const stream = follow(raw);
      await stream.headers;
      const silence = await node[verb]();
      expect(silence.hits()).toBe(1);
      await silence.waitForHit({ timeout: 1 });
      const after = follow(raw);
      await after.headers;
      await send(raw, "a");
      expect(await after.atLeast(1)).toHaveLength(1);
      expect(stream.received).toEqual([]);
      expect((await node.stats()).openSubscriptions).toBe(2);
      await silence.lift();
      expect(await stream.ended).toMatchObject({ status: Code.UNAVAILABLE, message: "muted stream ended" });

      const left = await node[verb]();
      await node.clearFaults();
      expect(left.hits()).toBe(1);
      expect(await after.ended).toMatchObject({ status: Code.UNAVAILABLE });
    });
  }

  test("only streams of one kind fall silent", async ({ node, raw }) => {
    const stream = follow(raw);
    await stream.headers;
    await expect(node.muteStreams({ stream: "welcome" })).rejects.toThrow(/No welcome stream was open/);
    await using muted = await node.muteStreams({ stream: "group" });
    expect(muted.hits()).toBe(1);
  });
});

test.describe("connections", () => {
  test("endStreams ends each stream with the code; the connection goes on", async ({ node, raw }) => {
    const stream = follow(raw);
    await stream.headers;
    await node.endStreams(Code.UNAVAILABLE, "bye");
    expect(await stream.ended).toMatchObject({ status: Code.UNAVAILABLE, message: "bye" });
    expect(await send(raw, "a")).toMatchObject({ status: Code.OK });
    expect((await node.stats()).openSubscriptions).toBe(0);
  });

  test("goaway lets open calls go on and takes no new ones; reset tears everything down", async ({
    node,
    raw,
  }) => {
    const stream = follow(raw);
    await stream.headers;
    const goaway = new Promise<number>((resolve) => raw.session.once("goaway", resolve));
    await node.dropConnections("goaway");
    expect(await goaway).toBe(0);
    await using other = new RawClient(node.url);
    await send(other, "a");
    expect(await stream.atLeast(1)).toHaveLength(1);

    const second = follow(other);
    await second.headers;
    await node.dropConnections("reset");
    expect(await second.ended, "no gRPC status: the wire broke").toMatchObject({ status: -1 });
    await node.waitForSubscriptions(0, 5_000);
    await using third = new RawClient(node.url);
    expect(await send(third, "b"), "new connections are welcome").toMatchObject({ status: Code.OK });
  });

  test("stop frees both ports and tells streams; start takes the same ports, with all data", async ({
    node,
    raw,
  }) => {
    await send(raw, "a");
    const stream = follow(raw);
    await stream.atLeast(1);
    await node.stop();
    expect(await stream.ended).toMatchObject({
      status: Code.UNAVAILABLE,
      message: "service is shutting down",
    });
    expect([await listens(node.url), await listens(node.historyUrl)]).toEqual([false, false]);
    expect(node.stopped).toBe(true);
    await node.start();
    await using again = new RawClient(node.url);
    expect(await count(again)).toBe(1);
  });

  test("close leaves no port and no thread behind, at any time and more than once", async () => {
    await using warm = await startNode();
    await warm.close();
    const before = threads();
    const node = await startNode();
    expect(threads()).toBe(before + 1);
    await using raw = new RawClient(node.url);
    await follow(raw).headers;
    await node.close();
    await node.close();
    expect([await listens(node.url), await listens(node.historyUrl)]).toEqual([false, false]);
    await expect(node.stats()).rejects.toMatchObject({ code: "THREAD_ENDED" });
    expect(threads()).toBe(before);
  });

  test("waitForSubscriptions names who is still subscribed", async ({ node, raw }) => {
    await follow(raw).headers;
    const [open] = await node.subscriptions();
    expect(open?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    const refusal = {
      code: "STREAMS_OPEN",
      message: expect.stringContaining(`group stream of ${open?.peer} with 1 filters`),
    };
    await expect(node.waitForSubscriptions(0, 20)).rejects.toMatchObject(refusal);
    await expect(node.waitForSubscriptions(0, { timeout: 20 })).rejects.toMatchObject(refusal);
    await node.waitForSubscriptions(1);
    await node.waitForSubscriptions(0, { timeout: 0, of: ["nobody"] });
  });
});

test("close under fire: ending the node during requests does not take the process with it", async () => {
  for (let round = 0; round < 10; round++) {
    const node = await startNode();
    await using raw = new RawClient(node.url);
    const busy = Promise.all(Array.from({ length: 300 }, (_, at) => send(raw, `${round}-${at}`)));
    await node.close();
    const outcomes = new Set((await busy).map(({ status }) => status));
    expect(
      [-1, 0, 14].filter((status) => outcomes.has(status)),
      "answered or cut off",
    ).toHaveLength(outcomes.size);
  }
});

test.describe("ports", () => {
  test("two nodes side by side have ports and data of their own", async ({ node, raw }) => {
    await using other = await startNode();
    await using rawOther = new RawClient(other.url);
    await send(raw, "a");
    expect(other.url).not.toBe(node.url);
    expect([await count(raw), await count(rawOther)]).toEqual([1, 0]);
  });

  test("a taken port, and no port at all, are named errors", async ({ node }) => {
    const port = Number(new URL(node.url).port);
    await expect(startNode({ port })).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(String(port)),
    });
    const historyPort = Number(new URL(node.historyUrl).port);
    await node.stop();
    await using holder = await startNode({ historyPort });
    await expect(node.start()).rejects.toMatchObject({ code: "PORT_IN_USE" });
    expect(await listens(node.url), "not half-started").toBe(false);
    await holder.close();
    await node.start();
    await node.start();
    expect([await listens(node.url), await listens(node.historyUrl)]).toEqual([true, true]);
    await expect(startNode({ port: 70_000 })).rejects.toMatchObject({ code: "BAD_PORT" });
  });
});

test.describe("snapshots", () => {
  test("a restored node goes on where the other stood: rows, ids, duplicates, newest", async ({
    node,
    raw,
  }, info) => {
    for (const text of ["a", "b", "b"]) await send(raw, text);
    const file = info.outputPath("node.snapshot");
    await node.snapshot(file);
    await using copy = await startNode();
    await using rawCopy = new RawClient(copy.url);
    await send(rawCopy, "is replaced");
    await copy.restore(file);
    await send(rawCopy, "a");
    await send(rawCopy, "c");
    const { messages } = await rawCopy.ok(method.queryGroupMessages, { groupId: groupId("one") });
    expect(messages.map(({ version }) => version.value?.id)).toEqual([5n, 2n, 1n]);
    expect(Buffer.from(messages[2]?.version.value?.data ?? [])).toEqual(privateMessage("one", "a"));
    expect(await count(raw), "the original is untouched").toBe(2);
  });

  test("refused: files that are not a snapshot, and data in use; nothing is lost", async ({
    node,
    raw,
  }, info) => {
    await send(raw, "a");
    const file = info.outputPath("noise");
    await writeFile(file, "noise");
    await expect(node.restore(file)).rejects.toMatchObject({ code: "BAD_SNAPSHOT" });
    await node.snapshot(file);
    const stream = follow(raw);
    await stream.headers;
    await expect(node.restore(file)).rejects.toMatchObject({ code: "STREAMS_OPEN" });
    expect(await count(raw)).toBe(1);
  });
});

test("stats count calls by method, rows, connections, and CPU where the system tells", async ({
  node,
  raw,
}) => {
  await send(raw, "a");
  await send(raw, "a");
  await count(raw);
  const stats = await node.stats();
  expect(stats).toMatchObject({
    openConnections: 1,
    openSubscriptions: 0,
    groupMessages: 1,
    requests: { SendGroupMessages: 2, QueryGroupMessages: 1 },
  });
  if (process.platform === "linux") expect(stats.cpuMs).toBeGreaterThan(0);
});
