import { connect } from "node:net";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import type { EmbeddedNode } from "#src/network/index.js";
import { identity, mls } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import { RawClient, frame, pathOf } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";

const { method } = mls.MlsApi;
const SEND = pathOf(method.sendGroupMessages);
const NOTHING = frame(new Uint8Array());

const zipped = (bytes: Buffer): Buffer => {
  const flagged = frame(bytes);
  flagged[0] = 1;
  return flagged;
};

/** A TCP connection to the node that speaks whatever the test says. */
async function socketTo(node: EmbeddedNode): Promise<Socket> {
  const socket = connect(Number(new URL(node.url).port), "127.0.0.1");
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  // What follows is a protocol violation: being cut off is an expected answer.
  socket.on("error", () => undefined);
  return socket;
}

/** Somebody else's stream and sends, which must not notice. */
async function bystander(raw: RawClient): Promise<() => Promise<void>> {
  const stream = raw.subscribe(method.subscribeGroupMessages, {
    filters: [{ groupId: groupId("bystander") }],
  });
  await stream.headers;
  return async () => {
    await raw.ok(method.sendGroupMessages, {
      messages: [{ version: { case: "v1", value: { data: privateMessage("bystander", "still here") } } }],
    });
    expect(await stream.atLeast(1)).toHaveLength(1);
    expect(raw.errors).toEqual([]);
  };
}

test.describe("calls that are none", () => {
  const cases: [string, string, Buffer, Record<string, string>, Record<string, unknown>][] = [
    [
      "unknown service",
      "/no.such.Service/Get",
      NOTHING,
      {},
      { http: 200, status: Code.UNIMPLEMENTED, message: "unknown service no.such.Service" },
    ],
    [
      "unknown method",
      "/xmtp.mls.api.v1.MlsApi/SendEverything",
      NOTHING,
      {},
      {
        http: 200,
        status: Code.UNIMPLEMENTED,
        message: "unknown method SendEverything for service xmtp.mls.api.v1.MlsApi",
      },
    ],
    [
      "method nobody implements",
      "/xmtp.mls.api.v1.MlsApi/RevokeInstallation",
      NOTHING,
      {},
      { http: 200, status: Code.UNIMPLEMENTED, message: "unimplemented" },
    ],
    [
      "path of one part",
      "/nonsense",
      NOTHING,
      {},
      { http: 200, status: Code.UNIMPLEMENTED, message: 'malformed method name: "/nonsense"' },
    ],
    [
      "content type of the web",
      SEND,
      NOTHING,
      { "content-type": "application/json" },
      {
        http: 415,
        status: Code.INVALID_ARGUMENT,
        message: 'invalid gRPC request content-type "application/json"',
      },
    ],
    ["GET", SEND, NOTHING, { ":method": "GET" }, { http: 405, status: Code.INTERNAL }],
    [
      "request compressed in an unknown way",
      SEND,
      NOTHING,
      { "grpc-encoding": "deflate" },
      {
        http: 200,
        status: Code.UNIMPLEMENTED,
        message: 'grpc: Decompressor is not installed for grpc-encoding "deflate"',
      },
    ],
    ["compressed flag", SEND, Buffer.from([1, 0, 0, 0, 0]), {}, { http: 200, status: Code.INTERNAL }],
    [
      "unknown flag",
      SEND,
      Buffer.from([9, 0, 0, 0, 0]),
      {},
      { http: 200, status: Code.INTERNAL, message: "grpc: received unexpected payload format 9" },
    ],
    ["no message", SEND, Buffer.alloc(0), {}, { http: 200, status: Code.UNKNOWN, message: "EOF" }],
    [
      "half a message",
      SEND,
      Buffer.from([0, 0, 0, 0, 9, 1]),
      {},
      { http: 200, status: Code.UNKNOWN, message: "unexpected EOF" },
    ],
    [
      "two messages, of which the first is taken",
      SEND,
      Buffer.concat([NOTHING, NOTHING]),
      {},
      { http: 200, status: Code.INVALID_ARGUMENT, message: "no group messages to send" },
    ],
    [
      "gzip that unpacks to more than 50 MiB",
      SEND,
      zipped(gzipSync(Buffer.alloc(52_428_801))),
      { "grpc-encoding": "gzip" },
      {
        http: 200,
        status: Code.RESOURCE_EXHAUSTED,
        message: "grpc: received message after decompression larger than max 52428800",
      },
    ],
    [
      "gzip that is none",
      SEND,
      zipped(Buffer.alloc(20, 5)),
      { "grpc-encoding": "gzip" },
      {
        http: 200,
        status: Code.INTERNAL,
        message: "grpc: failed to decompress the message: gzip: invalid header",
      },
    ],
    [
      "gzip cut short",
      SEND,
      zipped(gzipSync(Buffer.alloc(100)).subarray(0, -9)),
      { "grpc-encoding": "gzip" },
      { http: 200, status: Code.INTERNAL, message: "grpc: failed to read decompressed data: unexpected EOF" },
    ],
    [
      "a message over 50 MiB",
      SEND,
      Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]),
      {},
      {
        http: 200,
        status: Code.RESOURCE_EXHAUSTED,
        message: "grpc: received message larger than max (4294967295 vs. 52428800)",
      },
    ],
    [
      "garbage in a frame",
      SEND,
      frame(Buffer.from("ffffffffffffffffffff", "hex")),
      {},
      { http: 200, status: Code.INTERNAL },
    ],
    [
      "garbage that is a stream's request",
      pathOf(method.subscribeGroupMessages),
      frame(Buffer.from("0aff", "hex")),
      {},
      { http: 200, status: Code.INTERNAL },
    ],
    [
      "deeply nested garbage",
      pathOf(identity.IdentityApi.method.publishIdentityUpdate),
      frame(Buffer.alloc(200_000, 0x0b)),
      {},
      { http: 200, status: Code.INTERNAL },
    ],
  ];
  for (const [what, path, body, headers, expected] of cases) {
    test(`${what}: a status, and the connection goes on`, async ({ raw }) => {
      const unharmed = await bystander(raw);
      expect(await raw.raw(path, body, headers)).toMatchObject(expected);
      await unharmed();
    });
  }
});

test("the status text is percent-encoded UTF-8", async ({ raw, node }) => {
  await node.failNext("SendGroupMessages", { code: Code.ABORTED, message: "100 % kaputt: Ärger\nzwei" });
  const reply = raw.open(SEND);
  const headers = new Promise<Record<string, unknown>>((resolve) => reply.once("response", resolve));
  reply.end(NOTHING);
  expect(await headers).toMatchObject({
    "grpc-status": "10",
    "grpc-message": "100 %25 kaputt: %C3%84rger%0Azwei",
  });
});

test("a request of nearly 50 MiB is taken; one over it is refused before it is read", async ({ raw }) => {
  const fits = Buffer.alloc(52_428_800, 0);
  const taken = await raw.raw(SEND, frame(fits));
  expect(taken.status, "read whole, then found to be no message").toBe(Code.INTERNAL);
  expect(taken.message).toContain("error unmarshalling request");
  const stream = raw.open(SEND);
  const refused = new Promise<Record<string, unknown>>((resolve) => stream.once("response", resolve));
  stream.on("error", () => undefined);
  stream.write(Buffer.from([0, 3, 0x20, 0, 1, 42]));
  expect(await refused, "only the header has been sent").toMatchObject({ "grpc-status": "8" });
});

test("sockets that speak no HTTP, or nothing at all, are cut off or ignored; others go on", async ({
  node,
  raw,
}) => {
  const unharmed = await bystander(raw);
  const silent = await socketTo(node);
  const halfOpen = await socketTo(node);
  halfOpen.end();
  for (const bytes of [
    Buffer.from("PRI * HTTP/1.1\r\nHost: x\r\n\r\n"),
    Buffer.alloc(100_000, 0xff),
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff", "latin1"),
  ]) {
    const socket = await socketTo(node);
    const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.resume();
    socket.write(bytes);
    await gone;
  }
  const preface = await socketTo(node);
  preface.write("PRI * HTTP/2.0\r\n\r\n");
  await unharmed();
  expect((await node.stats()).connectionErrors, "half a preface, noise, a broken frame").toBe(3);
  silent.destroy();
  preface.destroy();
});

test("calls that never end their request do not hold the node up, nor its stop", async ({ node, raw }) => {
  const unharmed = await bystander(raw);
  await using hanging = new RawClient(node.url);
  for (let at = 0; at < 50; at++) {
    const stream = hanging.open(SEND);
    stream.on("error", () => undefined);
    stream.write(Buffer.from([0, 0, 0, 1, 0]));
  }
  expect(await hanging.ping()).toBeGreaterThan(0);
  await unharmed();
  await node.stop();
  await node.start();
});

test("clients that reset their calls half-way leave nothing behind", async ({ node, raw }) => {
  const unharmed = await bystander(raw);
  await using rude = new RawClient(node.url);
  for (let at = 0; at < 200; at++) {
    const stream = rude.open(pathOf(method.subscribeGroupMessages));
    stream.on("error", () => undefined);
    stream.end(frame(Buffer.from([0x0a, 0x03, 0x0a, 0x01, 0x41])));
    stream.close(8);
  }
  await rude.ping();
  await unharmed();
  await node.waitForSubscriptions(1, 5_000);
});

test("streams that are never asked for anything are refused beyond 10,000 on a connection", async ({
  node,
  raw,
}) => {
  const unharmed = await bystander(raw);
  await using greedy = new RawClient(node.url);
  let refused: number | undefined;
  for (let at = 0; at <= 10_000; at++) {
    const stream = greedy.session.request(
      { ":method": "POST", ":path": SEND, "content-type": "application/grpc" },
      { endStream: true },
    );
    stream.on("error", () => undefined);
    stream.once("close", () => (refused ??= stream.rstCode));
    // Not all in one turn of the node's event loop: that is a flood, and ends the connection.
    if (at % 250 === 0) await greedy.ping();
  }
  await expect.poll(() => refused, "REFUSED_STREAM").toBe(7);
  await unharmed();
});

test("2,000 calls that a client sends at once are answered, however busy the machine", async ({
  node,
  raw,
}) => {
  const unharmed = await bystander(raw);
  await using eager = new RawClient(node.url);
  const { getInboxIds } = identity.IdentityApi.method;
  const calls = Array.from({ length: 2_000 }, () => eager.call(getInboxIds, { requests: [] }));
  expect((await Promise.all(calls)).filter(({ status }) => status !== 0)).toEqual([]);
  await unharmed();
});

test("connections that a protocol error has left deaf are ended; quiet ones stay", async ({ node, raw }) => {
  const unharmed = await bystander(raw);
  const preface = "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a000000040000000000";
  const broken = [
    ["HPACK error", "000003010400000001ffffff"],
    ["frame too long", "006400000000000001"],
    ["DATA on an idle stream", "000001000000000001aa"],
  ] as const;
  for (const [, hex] of broken) {
    const socket = await socketTo(node);
    const goaway = new Promise<void>((resolve) => {
      let seen = "";
      socket.on("data", (chunk: Buffer) => {
        seen += chunk.toString("hex");
        if (/070000000000/.test(seen)) resolve();
      });
    });
    socket.write(Buffer.from(preface + hex, "hex"));
    await goaway;
    socket.destroy();
  }
  const left = (await node.stats()).openConnections;
  // Before Node 22 the server does not see that: it no longer reads. Later ones end such a connection themselves.
  if (Number(process.versions.node.split(".")[0]) < 22) expect(left).toBe(1 + broken.length);
  else expect(left).toBeLessThanOrEqual(1 + broken.length);
  await expect.poll(async () => (await node.stats()).openConnections, { timeout: 30_000 }).toBe(1);
  await unharmed();
});
