import { connect } from "node:net";
import type { Socket } from "node:net";
import { expect } from "@playwright/test";
import { mls } from "#src/network/proto/index.js";
import { GrpcServer } from "#src/network/grpc/server.js";
import type { ServerLimits } from "#src/network/grpc/server.js";
import type { Method, OutStream } from "#src/network/grpc/service.js";
import { test } from "./fixtures.js";
import type { RawClient } from "./grpc-client.js";
import { frame, pathOf } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";
import { webBody, webSubscribe } from "./web-client.js";

const { method } = mls.MlsApi;
const FOLLOW = webBody(method.subscribeGroupMessages, { filters: [{ groupId: groupId("one") }] });
const NOTHING = Buffer.alloc(5);

/** A TCP connection that says whatever the test says, and keeps what it hears. */
class Wire {
  readonly socket: Socket;
  heard = "";
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (chunk) => (this.heard += chunk.toString("latin1")));
    // Being cut off is an expected answer.
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
  }

  /** HTTP status of the first answer, once the connection is closed. */
  async refusal(): Promise<number> {
    await this.closed;
    return Number(/^HTTP\/1\.1 (\d+) /.exec(this.heard)?.[1] ?? 0);
  }

  /** Resolves once this was heard; the test's own timeout is the deadline. */
  async hears(text: string): Promise<void> {
    while (!this.heard.includes(text)) {
      await new Promise((resolve) => this.socket.once("data", resolve));
    }
  }
}

const wireTo = (url: string) => new Wire(Number(new URL(url).port));
const post = (path: string, body: Buffer, ...headers: string[]) =>
  Buffer.concat([
    Buffer.from(
      [
        `POST ${path} HTTP/1.1`,
        "Host: node",
        "Content-Type: application/grpc-web+proto",
        `Content-Length: ${body.length}`,
        ...headers,
        "\r\n",
      ].join("\r\n"),
    ),
    body,
  ]);
const subscribing = post(pathOf(method.subscribeGroupMessages), FOLLOW);

/** A stream that must not notice what others do, over each protocol. */
async function bystanders(url: string, raw: RawClient): Promise<() => Promise<void>> {
  const filters = [{ groupId: groupId("bystander") }];
  const native = raw.subscribe(method.subscribeGroupMessages, { filters });
  await native.headers;
  const web = await webSubscribe(url, method.subscribeGroupMessages, { filters });
  return async () => {
    await raw.ok(method.sendGroupMessages, {
      messages: [{ version: { case: "v1", value: { data: privateMessage("bystander", "still here") } } }],
    });
    expect(await native.atLeast(1)).toHaveLength(1);
    expect(await web.atLeast(1)).toHaveLength(1);
    expect(raw.errors).toEqual([]);
  };
}

for (const [what, bytes, status] of [
  ["no HTTP at all", Buffer.from("hello there\r\n\r\n"), 400],
  ["noise", Buffer.alloc(2_000, 0xfe), 400],
  ["a request without a host", Buffer.from("POST / HTTP/1.1\r\nConnection: close\r\n\r\n"), 400],
  ["a header over 16 KiB", Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}`), 431],
  ["a broken header", Buffer.from("GET / HTTP/1.1\r\nHost x\r\n\r\n"), 400],
  ["two lengths", post("/", NOTHING, "Content-Length: 7"), 400],
  ["a length and chunks (request smuggling)", post("/", NOTHING, "Transfer-Encoding: chunked"), 400],
  ["HTTP/2's preface with HTTP/1.1's version", Buffer.from("PRI * HTTP/1.1\r\nHost: x\r\n\r\n"), 0],
] as const) {
  test(`${what}: ${status === 0 ? "cut off" : `answered ${status}`}, and others go on`, async ({
    node,
    raw,
  }) => {
    const unharmed = await bystanders(node.url, raw);
    const wire = wireTo(node.url);
    wire.socket.write(bytes);
    expect(await wire.refusal()).toBe(status);
    await unharmed();
  });
}

test("a chunked body that is none is refused, and told apart from a client that leaves", async ({
  node,
  raw,
}) => {
  const unharmed = await bystanders(node.url, raw);
  const head = post(pathOf(method.sendGroupMessages), Buffer.alloc(0))
    .toString()
    .replace("Content-Length: 0", "Transfer-Encoding: chunked");
  const broken = wireTo(node.url);
  broken.socket.write(`${head}zz\r\n`);
  await broken.closed;
  expect((await node.stats()).connectionErrors).toBe(1);
  const leaving = wireTo(node.url);
  leaving.socket.end(`${head}5\r\nab`);
  await leaving.closed;
  const resetting = wireTo(node.url);
  resetting.socket.write(`${head}5\r\nab`, () => resetting.socket.resetAndDestroy());
  await resetting.closed;
  await unharmed();
  expect((await node.stats()).connectionErrors, "leaving breaks no rule").toBe(1);
});

test("a connection that tells its protocol byte by byte is understood, both ways", async ({ node, raw }) => {
  await raw.ping();
  for (const [bytes, answer] of [
    [post(pathOf(method.queryGroupMessages), NOTHING), "grpc-status:2"],
    [Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1"), "\0\0\0\x04\x01\0\0\0\0"],
  ] as const) {
    const wire = wireTo(node.url);
    wire.socket.setNoDelay(true);
    for (const byte of bytes) {
      await new Promise((resolve) => wire.socket.write(Buffer.of(byte), resolve));
    }
    await wire.hears(answer);
    wire.socket.destroy();
  }
  expect((await node.stats()).connectionErrors).toBe(0);
});

test("pages that leave half-way, or pipeline streams behind a stream, leave nothing behind", async ({
  node,
  raw,
}) => {
  const unharmed = await bystanders(node.url, raw);
  for (let at = 0; at < 100; at++) {
    const wire = wireTo(node.url);
    wire.socket.write(subscribing, () => wire.socket.resetAndDestroy());
    await wire.closed;
  }
  const pipelining = wireTo(node.url);
  for (let at = 0; at < 50; at++) pipelining.socket.write(subscribing);
  await pipelining.hears("subscribed: true");
  await expect.poll(async () => (await node.stats()).openSubscriptions).toBe(52);
  pipelining.socket.destroy();
  await node.waitForSubscriptions(2, 5_000);
  await unharmed();
});

test("a page that does not read is sent away after 1024 buffered messages; others go on", async ({
  node,
  raw,
}) => {
  const slow = wireTo(node.url);
  slow.socket.write(subscribing);
  await slow.hears("subscribed: true");
  slow.socket.pause();
  const quick = raw.subscribe(method.subscribeGroupMessages, { filters: [{ groupId: groupId("one") }] });
  await quick.headers;
  const text = "x".repeat(10_000);
  // Socket buffers of both ends take some megabytes before the subscription's buffer fills.
  let [sent, taken, takenAt] = [0, 0, 0];
  while (sent - takenAt <= 1_124) {
    expect(sent, "messages sent to a page that does not read").toBeLessThan(10_000);
    await raw.ok(method.sendGroupMessages, {
      messages: Array.from({ length: 100 }, (_, at) => ({
        version: { case: "v1" as const, value: { data: privateMessage("one", `${sent + at} ${text}`) } },
      })),
    });
    sent += 100;
    await quick.atLeast(sent);
    const written = (await node.stats()).deliveries - sent;
    if (written > taken) [taken, takenAt] = [written, sent];
  }
  slow.socket.resume();
  await slow.hears("grpc-message:caller did not read all messages fast enough");
  expect(slow.heard).toContain("grpc-status:10");
  expect((await node.stats()).deliveries - sent, "what was buffered is delivered").toBe(taken + 1_024);
  slow.socket.destroy();
});

test.describe("deadlines", () => {
  const CALLS = new Map<string, Method>([
    ["/t/Echo", { kind: "unary", run: (request) => request }],
    ["/t/Much", { kind: "unary", run: () => (answering(), Buffer.alloc(50_000_000)) }],
    ["/t/Follow", { kind: "stream", run: (_request, stream) => (stream.start(), void open.push(stream)) }],
  ]);
  const open: OutStream[] = [];
  let answering: () => void;

  /** A server with this one limit short: all others would outlast the test. */
  async function serverWith(limits: Partial<ServerLimits>) {
    const server = new GrpcServer(CALLS, () => undefined, limits);
    const port = await server.listen(0);
    const reaches = (connections: number) =>
      expect.poll(() => server.openConnections, "open connections").toBe(connections);
    return { port, reaches, [Symbol.asyncDispose]: () => server.close(0) };
  }

  test("a connection that says nothing, or one byte, is closed", async () => {
    await using server = await serverWith({ silentMs: 100 });
    const [silent, single] = [new Wire(server.port), new Wire(server.port)];
    single.socket.write("P");
    await Promise.all([silent.closed, single.closed]);
    await server.reaches(0);
  });

  test("headers that trickle in do not hold a connection, nor does one that is done", async () => {
    await using server = await serverWith({ idleMs: 150 });
    const trickle = new Wire(server.port);
    trickle.socket.write("POST / HTTP/1.1\r\n");
    const dripping = setInterval(() => trickle.socket.write("A: b\r\n"), 10);
    await trickle.closed;
    clearInterval(dripping);
    const idle = new Wire(server.port);
    idle.socket.write(post("/t/Echo", NOTHING));
    await idle.hears("grpc-status:0");
    await idle.closed;
    await server.reaches(0);
  });

  test("a body that does not come ends its connection; a stream that only listens stays", async () => {
    await using server = await serverWith({ idleMs: 100, transferMs: 100 });
    const listening = new Wire(server.port);
    listening.socket.write(post("/t/Follow", NOTHING));
    await listening.hears("subscribed: true");
    const half = new Wire(server.port);
    half.socket.write(post("/t/Echo", frame(Buffer.alloc(95))).subarray(0, -50));
    await half.closed;
    await server.reaches(1);
    open.at(-1)?.write(Buffer.from([0, 0, 0, 0, 2, 0x68, 0x69]));
    await listening.hears("hi");
    open.at(-1)?.end();
    await listening.hears("grpc-status:0");
    await listening.closed;
  });

  test("an answer nobody reads ends its connection", async () => {
    await using server = await serverWith({ transferMs: 200 });
    const deaf = new Wire(server.port);
    deaf.socket.pause();
    const answered = new Promise<void>((resolve) => (answering = resolve));
    deaf.socket.write(post("/t/Much", NOTHING));
    await answered;
    await server.reaches(0);
    deaf.socket.destroy();
  });
});
