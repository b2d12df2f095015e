import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { RawClient } from "../../network/grpc-client.js";
import { privateMessage } from "../../network/mls-bytes.js";
import { newGroup } from "../target.js";
import type { Case, Rig } from "../target.js";
import { input, sendNew, stored } from "./group-messages.js";

const { method } = mls.MlsApi;
/** Messages that a node keeps for a subscriber that does not read. */
const BUFFERED = 1_024;

const follow = (raw: RawClient, ...filters: [group: Uint8Array, idCursor?: bigint][]) =>
  raw.subscribe(method.subscribeGroupMessages, {
    filters: filters.map(([groupId, idCursor = 0n]) => ({ groupId, idCursor })),
  });
const idsOf = (messages: readonly mls.GroupMessage[], group?: Uint8Array) =>
  messages
    .map(({ version }) => version.value as mls.GroupMessage_V1)
    .filter(({ groupId }) => !group || Buffer.compare(groupId, group) === 0)
    .map(({ id }) => id);
const idsIn = async (rig: Rig, group: Uint8Array) => (await stored(rig, group)).map(({ id }) => id);

export const groupStreams: readonly Case[] = [
  {
    name: "headers come at once, before any message, and say that the stream is live",
    run: async ({ raw }) => {
      const stream = follow(raw, [newGroup()]);
      expect(await stream.headers).toMatchObject({ ":status": 200, subscribed: "true" });
      expect(stream.received).toEqual([]);
    },
  },
  {
    name: "history after the cursor, then live messages, each once and ascending in its group",
    run: async (rig) => {
      const [one, two, other] = [newGroup(), newGroup(), newGroup()];
      const [first] = await sendNew(rig, one, 3);
      await sendNew(rig, two);
      const cursor = (await idsIn(rig, one))[0];
      const stream = follow(rig.raw, [one, cursor], [two]);
      await stream.atLeast(3);
      await sendNew(rig, one);
      await rig.raw.ok(method.sendGroupMessages, { messages: [input(first as Buffer)] });
      await sendNew(rig, other);
      await sendNew(rig, two);
      const received = await stream.atLeast(5);
      expect(idsOf(received, one)).toEqual((await idsIn(rig, one)).slice(1));
      expect(idsOf(received, two)).toEqual(await idsIn(rig, two));
      expect(received).toHaveLength(5);
    },
  },
  {
    name: "what is streamed is what is queried",
    run: async (rig) => {
      const group = newGroup();
      const stream = follow(rig.raw, [group]);
      await stream.headers;
      await rig.raw.ok(method.sendGroupMessages, {
        messages: [
          input(privateMessage(group, "live", "commit"), {
            senderHmac: Buffer.from("hmac"),
            shouldPush: true,
          }),
        ],
      });
      const [live] = await stream.atLeast(1);
      expect(live?.version.value).toEqual((await stored(rig, group))[0]);
    },
  },
  {
    name: "a cursor ahead of the table hides nothing live: the high-water mark starts at 0",
    run: async (rig) => {
      const group = newGroup();
      const stream = follow(rig.raw, [group, 2n ** 63n - 1n]);
      await stream.headers;
      await sendNew(rig, group);
      expect(idsOf(await stream.atLeast(1))).toEqual(await idsIn(rig, group));
    },
  },
  {
    name: "a cursor that is negative in the database starts at the beginning",
    run: async (rig) => {
      const group = newGroup();
      await sendNew(rig, group, 3);
      expect(await follow(rig.raw, [group, 2n ** 64n - 1n]).atLeast(3)).toHaveLength(3);
    },
  },
  {
    name: "a group named by two filters is streamed once",
    run: async (rig) => {
      const group = newGroup();
      await sendNew(rig, group, 3);
      const stream = follow(rig.raw, [group], [group]);
      await stream.atLeast(3);
      await sendNew(rig, group);
      expect(idsOf(await stream.atLeast(4))).toEqual(await idsIn(rig, group));
    },
  },
  {
    name: "no filters: the stream stays open and silent",
    run: async (rig) => {
      const silent = follow(rig.raw);
      await silent.headers;
      const group = newGroup();
      const live = follow(rig.raw, [group]);
      await live.headers;
      await sendNew(rig, group);
      await live.atLeast(1);
      expect(silent.received).toEqual([]);
      expect(silent.stream.closed).toBe(false);
      if (rig.node) {
        expect(await rig.node.subscriptions()).toContainEqual(
          expect.objectContaining({ kind: "group", filters: 0 }),
        );
      }
    },
  },
  {
    name: "refused, after the header: a filter without group",
    run: async ({ raw }) => {
      const stream = follow(raw, [newGroup()], [Buffer.alloc(0)]);
      expect(await stream.headers).toMatchObject({ subscribed: "true" });
      expect(await stream.ended).toMatchObject({ status: Code.UNKNOWN, message: "group is required" });
    },
  },
  {
    name: "many subscribers of one group all get all",
    run: async (rig) => {
      const group = newGroup();
      const before = await rig.node?.stats();
      const streams = Array.from({ length: 20 }, () => follow(rig.raw, [group]));
      await Promise.all(streams.map(({ headers }) => headers));
      await sendNew(rig, group, 2);
      for (const stream of streams) expect(await stream.atLeast(2)).toHaveLength(2);
      const after = await rig.node?.stats();
      if (!before || !after) return;
      expect(after.encodes - before.encodes, "each message is encoded once").toBe(2);
      expect(after.deliveries - before.deliveries).toBe(40);
    },
  },
  {
    name: "a long history arrives whole, through a client that reads at its own pace",
    run: async (rig) => {
      const group = newGroup();
      const filler = Buffer.alloc(10_000, "x");
      for (let round = 0; round < 20; round++) {
        const messages = Array.from({ length: 100 }, (_, at) =>
          input(privateMessage(group, Buffer.concat([Buffer.from(`${round}-${at}-`), filler]))),
        );
        await rig.raw.ok(method.sendGroupMessages, { messages });
      }
      const ids = idsOf(await follow(rig.raw, [group]).atLeast(2_000));
      expect(new Set(ids).size).toBe(2_000);
      expect(ids).toEqual([...ids].sort((a, b) => Number(a - b)));
    },
  },
  ...[
    { size: "small", bytes: 0, sent: 6_000 },
    { size: "3 kB", bytes: 3_000, sent: 2_500 },
  ].map(({ size, bytes, sent }): Case => ({
    name: `a slow consumer gets the 1024 messages buffered for it, then ABORTED; others go on (${size})`,
    run: async (rig) => {
      const group = newGroup();
      await using lazy = new RawClient(rig.url);
      const slow = follow(lazy, [group]);
      await slow.headers;
      slow.stream.pause();
      const quick = follow(rig.raw, [group]);
      await quick.headers;
      // Windows, the write quota and both ends' own buffers fill before the subscription's: from Node 22 on, Node
      // itself holds 64 KiB at each end, and 2,500 small messages were no flood.
      const text = Buffer.alloc(bytes, "x");
      for (let at = 0; at < sent; at += 100) {
        const messages = Array.from({ length: 100 }, (_, one) =>
          input(privateMessage(group, Buffer.concat([Buffer.from(`${at + one}`), text]))),
        );
        await rig.raw.ok(method.sendGroupMessages, { messages });
        await quick.atLeast(at + 100);
      }
      const written = (await rig.node?.stats())?.deliveries;
      slow.stream.resume();
      expect(await slow.ended).toMatchObject({
        status: Code.ABORTED,
        message: "caller did not read all messages fast enough",
      });
      const received = idsOf(slow.received);
      expect(received, "the oldest, none left out").toEqual(idsOf(quick.received).slice(0, received.length));
      expect(received.length).toBeGreaterThan(BUFFERED);
      expect(received.length).toBeLessThan(sent);
      const after = (await rig.node?.stats())?.deliveries;
      if (written !== undefined && after !== undefined) expect(after - written).toBe(BUFFERED);
      await sendNew(rig, group);
      await quick.atLeast(sent + 1);
    },
  })),
  {
    name: "a cancelled stream is gone from the node's list, and so is one whose connection was lost",
    embeddedOnly: "it asks the node who is subscribed",
    run: async ({ node, raw, url }) => {
      const cancelled = follow(raw, [newGroup()]);
      await cancelled.headers;
      cancelled.cancel();
      await node?.waitForSubscriptions(0, 5_000);
      await using other = new RawClient(url);
      await follow(other, [newGroup()]).headers;
      expect((await node?.stats())?.openSubscriptions).toBe(1);
      other.session.destroy();
      await node?.waitForSubscriptions(0, 5_000);
    },
  },
];
