import { connect as connectTcp } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test as base } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { RawClient, frame, pathOf } from "../grpc-client.js";
import { groupId, privateMessage } from "../mls-bytes.js";
import { Rig } from "./rig.js";
import type { Damage } from "./rig.js";
import { FloodConnection, write } from "./wire.js";

const { method } = mls.MlsApi;
const SEND = pathOf(method.sendGroupMessages);
const NOTHING = Buffer.alloc(5);
const filters = [{ groupId: groupId("one") }];
const subscribing = frame(
  toBinary(
    mls.SubscribeGroupMessagesRequestSchema,
    create(mls.SubscribeGroupMessagesRequestSchema, { filters }),
  ),
);

/** No other client waits longer, by the time that the node is at work on somebody else's behalf: CPU time, so that a busy machine does not count. */
const MAX_TURN_MS = 250;
/** The node's 256 MiB, what is copied of it while it is read, and what V8 has not collected yet. Without a limit each of these attacks took 870 to 2,100 MiB. */
const MAX_GROWTH_MIB = 600;
/** Calls that the other client makes under an attack, at least. */
const CALLS = 20;

const test = base.extend<{ rig: Rig; damageOf: (attack: () => Promise<void>) => Promise<Damage> }>({
  rig: async ({}, use) => {
    await using rig = await Rig.open();
    await use(rig);
  },
  damageOf: async ({ rig }, use, info) => {
    await use(async (attack) => {
      const damage = await rig.damageOf(attack, CALLS);
      const { longestTurnMs, beforeMiB, peakMiB, waits, failed } = damage;
      const figures = [
        `memory ${beforeMiB.toFixed(0)} to ${peakMiB.toFixed(0)} MiB`,
        `longest turn ${longestTurnMs.toFixed(0)} ms of CPU`,
        `another client waited at most ${waits.attacked.toFixed(0)} ms`,
        `and ${waits.control.toFixed(0)} ms at a node beside it (${waits.count} calls)`,
      ].join(", ");
      console.log(`${info.title}: ${figures}`);
      expect(failed, "calls of another client that failed").toEqual([]);
      expect(longestTurnMs, "how long others wait, ms").toBeLessThan(MAX_TURN_MS);
      expect(peakMiB - beforeMiB, "memory, MiB").toBeLessThan(MAX_GROWTH_MIB);
      return damage;
    });
  },
});

test("requests that never end are held up to a limit; then the greediest client is refused", async ({
  rig,
  damageOf,
}) => {
  const clients = [new RawClient(rig.url), new RawClient(rig.url), new RawClient(rig.url)];
  let refused = 0;
  let sentAway = 0;
  await damageOf(async () => {
    for (const client of clients) {
      await Promise.all(Array.from({ length: 8 }, () => hang(client)));
      if (client.session.destroyed) sentAway++;
    }
  });
  expect(refused + sentAway, "calls refused, connections ended").toBeGreaterThan(0);
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  await using later = new RawClient(rig.url);
  // What they held is free again: the largest request there is fits.
  await expect(later.raw(SEND, frame(Buffer.alloc(52_428_800)))).resolves.toMatchObject({
    status: Code.INTERNAL,
  });

  /** Announces 50 MB, and sends 40 of them, unless it is refused before. */
  async function hang(client: RawClient): Promise<void> {
    if (client.session.destroyed) return;
    const stream = client.open(SEND);
    const over = new Promise<void>((resolve) => stream.once("close", resolve));
    stream.on("response", (headers) => {
      if (headers["grpc-status"] === String(Code.RESOURCE_EXHAUSTED)) refused++;
    });
    // Being cut off is an expected answer.
    stream.on("error", () => undefined).resume();
    const head = Buffer.alloc(5);
    head.writeUInt32BE(50_000_000, 1);
    stream.write(head);
    for (let sent = 0; sent < 40 && !stream.destroyed && !stream.closed; sent++) {
      const taken = new Promise<void>((resolve) => stream.write(Buffer.alloc(1_000_000), () => resolve()));
      await Promise.race([taken, over]);
    }
  }
});

test("answers that nobody reads are held up to a limit; then their client is refused", async ({
  rig,
  damageOf,
}) => {
  await using raw = new RawClient(rig.url);
  for (let at = 0; at < 11; at++) {
    const data = privateMessage("one", `${"x".repeat(1_000_000)}${at}`);
    await raw.ok(method.sendGroupMessages, { messages: [{ version: { case: "v1", value: { data } } }] });
  }
  const query = toBinary(
    mls.QueryGroupMessagesRequestSchema,
    create(mls.QueryGroupMessagesRequestSchema, { groupId: groupId("one") }),
  );
  const deaf = new FloodConnection(rig.port, pathOf(method.queryGroupMessages), 0);
  await damageOf(async () => {
    await deaf.flood(60, frame(query), false);
    // Of 660 MB each call has its answer, or its refusal.
    await expect.poll(() => deaf.answers, { timeout: 60_000 }).toBe(60);
    const { messages } = await raw.ok(method.queryGroupMessages, { groupId: groupId("one") });
    expect(messages).toHaveLength(11);
  });
  deaf.socket.destroy();
});

test("the history server keeps up to a limit, then says that it is full", async ({ rig, damageOf }) => {
  const statuses: number[] = [];
  const upload = async (bytes: number): Promise<number> =>
    (await fetch(`${rig.historyUrl}/upload`, { method: "POST", body: Buffer.alloc(bytes) })).status;
  await damageOf(async () => {
    for (let at = 0; at < 24; at++) statuses.push(await upload(15_000_000));
  });
  expect(statuses, "15 MB each").toEqual([
    ...Array<number>(17).fill(200),
    ...Array<number>(statuses.length - 17).fill(507),
  ]);
  expect(await upload(1_000), "there is room for a small one").toBe(200);
});

test("uploads that do not end share the limit", async ({ rig, damageOf }) => {
  const sockets = Array.from({ length: 30 }, () =>
    connectTcp(Number(new URL(rig.historyUrl).port), "127.0.0.1"),
  );
  let refused = 0;
  await damageOf(async () => {
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.on("data", (answer) => {
        if (answer.toString("latin1").startsWith("HTTP/1.1 503 ")) refused++;
      });
      socket.on("close", () => refused++);
      await write(
        socket,
        Buffer.from("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15000000\r\n\r\n"),
      );
      await write(socket, Buffer.alloc(14_000_000));
    }
  });
  expect(refused).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
  expect(
    (await fetch(`${rig.historyUrl}/upload`, { method: "POST", body: Buffer.alloc(1_000) })).status,
  ).toBe(200);
});

for (const [what, path, body, reset] of [
  ["calls", "/grpc.health.v1.Health/Check", NOTHING, false],
  ["streams that are reset at once", pathOf(method.subscribeGroupMessages), subscribing, true],
  ["streams that stay open", pathOf(method.subscribeGroupMessages), subscribing, false],
] as const) {
  test(`a flood of ${what} does not hold others up`, async ({ rig, damageOf }) => {
    const floods: FloodConnection[] = [];
    await damageOf(async () => {
      do {
        const flood = new FloodConnection(rig.port, path);
        floods.push(flood);
        await flood.flood(20_000, body, reset);
      } while (floods.length < 6);
    });
    for (const { socket } of floods) socket.destroy();
  });
}

test("a client that pipelines, and does not read, is cut off at 100 calls", async ({ rig, damageOf }) => {
  const request = [
    `POST ${pathOf(method.queryGroupMessages)} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Content-Type: application/grpc-web+proto",
    "Content-Length: 5\r\n\r\n",
  ].join("\r\n");
  const one = Buffer.concat([Buffer.from(request), NOTHING]);
  const { connectionErrors } = await damageOf(async () => {
    for (let round = 0; round < 10; round++) {
      const socket = connectTcp(rig.port, "127.0.0.1");
      const over = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      // Being cut off is the expected answer.
      socket.on("error", () => undefined);
      socket.pause();
      await write(socket, Buffer.concat(Array.from({ length: 10_000 }, () => one)));
      socket.resume();
      await over;
    }
  });
  expect(connectionErrors).toBeGreaterThan(0);
});
