import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import { frame, pathOf } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";
import { webBody, webCall, webOk, webSubscribe } from "./web-client.js";

const { method } = mls.MlsApi;
const SEND = pathOf(method.sendGroupMessages);
const sending = (group: string, ...texts: string[]) => ({
  messages: texts.map((text) => ({
    version: { case: "v1" as const, value: { data: privateMessage(group, text) } },
  })),
});
const following = (group: string, idCursor = 0) => ({
  filters: [{ groupId: groupId(group), idCursor: BigInt(idCursor) }],
});
const idsOf = (messages: readonly mls.GroupMessage[]) =>
  messages.map(({ version }) => Number(version.value?.id));

test("a unary call over HTTP/1.1 and over HTTP/2 on one port: the same data, the same answer", async ({
  node,
  raw,
}) => {
  await webOk(node.url, method.sendGroupMessages, sending("one", "from a page"));
  await raw.ok(method.sendGroupMessages, sending("one", "from a server"));
  const query = { groupId: groupId("one") };
  const overWeb = await webOk(node.url, method.queryGroupMessages, query);
  expect(idsOf(overWeb.messages)).toEqual([2, 1]);
  expect(await raw.ok(method.queryGroupMessages, query)).toEqual(overWeb);
});

test("an answer has the headers a page needs, and its status in the last frame", async ({ node }) => {
  const { http, headers, status, messages } = await webCall(
    node.url,
    SEND,
    webBody(method.sendGroupMessages, sending("one", "a")),
    { origin: "https://app.example" },
  );
  expect({ http, status, messages: messages.length }).toEqual({ http: 200, status: 0, messages: 1 });
  expect(Object.fromEntries(headers)).toMatchObject({
    "content-type": "application/grpc-web+proto",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "grpc-status,grpc-message,grpc-status-details-bin",
  });
});

test("a preflight allows what SDKs send, also on the history server", async ({ node }) => {
  const ask = (url: string) =>
    fetch(url, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-app-version,x-grpc-web,x-libxmtp-version",
      },
    });
  const preflight = await ask(node.url + SEND);
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-methods")).toBe("POST, OPTIONS");
  const allowed = preflight.headers.get("access-control-allow-headers")?.split(",") ?? [];
  for (const name of [
    "content-type",
    "grpc-timeout",
    "x-app-version",
    "x-grpc-web",
    "x-libxmtp-version",
    "x-user-agent",
  ]) {
    expect(allowed).toContain(name);
  }
  expect(Number(preflight.headers.get("access-control-max-age"))).toBeGreaterThan(0);
  const history = await ask(`${node.historyUrl}/upload`);
  expect(history.status).toBe(204);
  expect(history.headers.get("access-control-allow-headers")).toBe("*");
  expect(history.headers.get("access-control-allow-origin")).toBe("*");
  expect((await node.stats()).requests, "a preflight is not a call").toEqual({});
});

test.describe("calls that fail: HTTP 200, and the status of HTTP/2 in the last frame", () => {
  const NOTHING = frame(new Uint8Array());
  const cases: [string, string, Buffer, Record<string, string>][] = [
    ["unknown service", "/no.such.Service/Get", NOTHING, {}],
    ["unknown method", "/xmtp.mls.api.v1.MlsApi/Nonsense", NOTHING, {}],
    ["method nobody implements", "/xmtp.mls.api.v1.MlsApi/RevokeInstallation", NOTHING, {}],
    ["path of one part", "/nonsense", NOTHING, {}],
    ["compressed request", SEND, NOTHING, { "grpc-encoding": "gzip" }],
    ["compressed flag", SEND, Buffer.from([1, 0, 0, 0, 0]), {}],
    ["trailers sent to the server", SEND, Buffer.from([0x80, 0, 0, 0, 0]), {}],
    ["no message", SEND, Buffer.alloc(0), {}],
    ["half a message", SEND, Buffer.from([0, 0, 0, 0, 9, 1]), {}],
    ["two messages", SEND, Buffer.concat([NOTHING, NOTHING]), {}],
    ["a message over 50 MiB", SEND, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]), {}],
    ["garbage in a frame", SEND, frame(Buffer.from("ffffffffffffffffffff", "hex")), {}],
    ["what the handler refuses", SEND, NOTHING, {}],
    ["a refused stream", pathOf(method.subscribeWelcomeMessages), NOTHING, {}],
  ];
  for (const [what, path, body, headers] of cases) {
    test(what, async ({ node, raw }) => {
      const native = await raw.raw(path, body, headers);
      expect(native.status).toBeGreaterThan(0);
      const { http, status, message } = await webCall(node.url, path, body, headers);
      expect({ http, status, message }).toEqual({
        http: 200,
        status: native.status,
        message: native.message,
      });
      await webOk(node.url, method.sendGroupMessages, sending("one", "still here"));
    });
  }
});

test("requests that are not calls are refused in plain words a page may read", async ({ node }) => {
  const ask = async (init: RequestInit) => {
    const answer = await fetch(node.url + SEND, init);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    return { status: answer.status, text: await answer.text() };
  };
  for (const type of ["application/grpc-web-text", "application/grpc", "application/json", "text/plain"]) {
    const headers = { "content-type": type };
    const { status, text } = await ask({ method: "POST", body: "AAAAAAA=", headers });
    expect(status).toBe(415);
    expect(text).toBe(`Over HTTP/1.1 this node takes application/grpc-web+proto (binary), not "${type}".\n`);
  }
  const get = await ask({});
  expect(get.status).toBe(405);
  expect(get.text).toContain("Calls are POST, not GET.");
  expect(await ask({ method: "PUT", body: "x" })).toMatchObject({ status: 405 });
  expect((await node.stats()).requests).toEqual({});
  const plain = await webCall(node.url, SEND, webBody(method.sendGroupMessages, sending("one", "a")), {
    "content-type": "application/grpc-web",
  });
  expect(plain.status, "the short form of the content type").toBe(0);
});

test("a stream's headers come at once; then history, live messages, and the end's status", async ({
  node,
  raw,
}) => {
  await raw.ok(method.sendGroupMessages, sending("one", "a", "b", "c"));
  const stream = await webSubscribe(node.url, method.subscribeGroupMessages, following("one", 1));
  expect(stream.http).toBe(200);
  expect(stream.headers.get("subscribed")).toBe("true");
  const native = raw.subscribe(method.subscribeGroupMessages, following("one", 1));
  await native.atLeast(2);
  await raw.ok(method.sendGroupMessages, sending("one", "d"));
  await webOk(node.url, method.sendGroupMessages, sending("one", "e"));
  expect(idsOf(await stream.atLeast(4))).toEqual([2, 3, 4, 5]);
  expect(idsOf(await native.atLeast(4))).toEqual([2, 3, 4, 5]);
  expect(await node.stats(), "each message is encoded once, as it is stored").toMatchObject({
    encodes: 5,
    deliveries: 8,
    openSubscriptions: 2,
  });
  await node.endStreams(Code.ABORTED, "100 % vorbei: Ärger");
  expect(await stream.ended).toEqual({ status: Code.ABORTED, message: "100 % vorbei: Ärger" });
});

test("injected faults and counters see these calls too", async ({ node, raw }) => {
  const body = webBody(method.sendGroupMessages, sending("one", "a"));
  await node.failNext("SendGroupMessages", { code: Code.UNAVAILABLE });
  expect(await webCall(node.url, SEND, body)).toMatchObject({
    status: Code.UNAVAILABLE,
    message: "injected fault",
  });
  await node.failNext("SendGroupMessages", { code: Code.ABORTED, afterStore: true });
  expect(await webCall(node.url, SEND, body)).toMatchObject({ status: Code.ABORTED, messages: [] });
  await node.failNext("SubscribeGroupMessages", { code: Code.UNAVAILABLE });
  const refused = await webSubscribe(node.url, method.subscribeGroupMessages, following("one"));
  expect(await refused.ended).toMatchObject({ status: Code.UNAVAILABLE });
  const { messages } = await raw.ok(method.queryGroupMessages, { groupId: groupId("one") });
  expect(messages, "the lost acknowledgement's message is stored").toHaveLength(1);
  expect((await node.stats()).requests).toEqual({
    SendGroupMessages: 2,
    SubscribeGroupMessages: 1,
    QueryGroupMessages: 1,
  });
});

test("a page that aborts its stream is gone from the node's list", async ({ node }) => {
  const stream = await webSubscribe(node.url, method.subscribeGroupMessages, following("one"));
  expect(await node.subscriptions()).toMatchObject([{ kind: "group", filters: 1 }]);
  stream.cancel();
  await node.waitForSubscriptions(0, 5_000);
});

test("a request of nearly 50 MiB is taken", async ({ node }) => {
  const { status, message } = await webCall(node.url, SEND, frame(Buffer.alloc(52_428_800)));
  expect(status, "read whole, then found to be no message").toBe(Code.INTERNAL);
  expect(message).toContain("error unmarshalling request");
});

test("a long history arrives whole", async ({ node, raw }) => {
  const text = "x".repeat(10_000);
  for (let round = 0; round < 20; round++) {
    const texts = Array.from({ length: 100 }, (_, at) => `${round}-${at}-${text}`);
    await raw.ok(method.sendGroupMessages, sending("one", ...texts));
  }
  const stream = await webSubscribe(node.url, method.subscribeGroupMessages, following("one"));
  expect(idsOf(await stream.atLeast(2_000))).toEqual(Array.from({ length: 2_000 }, (_, at) => at + 1));
  stream.cancel();
});

test("each connection counts once; stop and drop end them, and the node goes on", async ({ node, raw }) => {
  await raw.ping();
  const open = () => webSubscribe(node.url, method.subscribeGroupMessages, following("one"));
  const stopped = await open();
  expect(await node.stats()).toMatchObject({ openConnections: 2, openSubscriptions: 1 });
  await node.stop();
  expect(await stopped.ended).toEqual({ status: Code.UNAVAILABLE, message: "service is shutting down" });
  await node.start();
  expect(await node.stats()).toMatchObject({ openConnections: 0, openSubscriptions: 0 });

  const reset = await open();
  await node.dropConnections("reset");
  expect(await reset.ended).toMatchObject({ status: -1 });
  await node.waitForSubscriptions(0, 5_000);

  const asked = await open();
  await webOk(node.url, method.sendGroupMessages, sending("one", "leaves an idle connection"));
  await node.dropConnections("goaway");
  await expect.poll(async () => (await node.stats()).openConnections, "the idle one is closed").toBe(1);
  // The client may not have read yet that its idle connection is closed, and ask there first.
  await expect(() => webOk(node.url, method.sendGroupMessages, sending("one", "on a new one"))).toPass();
  expect(idsOf(await asked.atLeast(2)), "an open call may finish").toEqual([1, 2]);
  await node.endStreams(Code.OK);
  expect(await asked.ended).toMatchObject({ status: Code.OK });
  expect((await node.stats()).connectionErrors).toBe(0);
});
