import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { privateMessage } from "../../network/mls-bytes.js";
import { newData, newGroup, refusals } from "../target.js";
import type { Case, Rig } from "../target.js";

const { method } = mls.MlsApi;
type Rest = Partial<Pick<mls.GroupMessageInput_V1, "senderHmac" | "shouldPush">>;

export const input = (data: Uint8Array, rest: Rest = {}) => ({
  version: { case: "v1" as const, value: { data, ...rest } },
});

/** Sends new application messages to a group, and gives back their bytes. */
export async function sendNew({ raw }: Rig, group: Uint8Array, count = 1): Promise<Buffer[]> {
  const payloads = Array.from({ length: count }, () => privateMessage(group, newData()));
  await raw.ok(method.sendGroupMessages, { messages: payloads.map((data) => input(data)) });
  return payloads;
}

/** The newest messages of a group, oldest first. */
export async function stored({ raw }: Rig, groupId: Uint8Array): Promise<mls.GroupMessage_V1[]> {
  const { messages } = await raw.ok(method.queryGroupMessages, { groupId });
  return messages.map(({ version }) => version.value as mls.GroupMessage_V1).reverse();
}

const group = newGroup();
const bent = (change: (bytes: Buffer) => Buffer) => () => ({
  messages: [input(privateMessage(group, newData())), input(change(privateMessage(group, newData())))],
});
const refusedBytes = /^invalid group message: validation failed with error ./;
/** The validation service's text: tls_codec's error, as Rust's Debug form writes it. */
const codec = (error: string): string => `invalid group message: validation failed with error ${error}`;
const version = codec('DecodingError("MlsMessage protocol version is not 1.0")');

const refused = refusals(
  method.sendGroupMessages,
  (
    [
      ["nothing to send", () => ({}), "no group messages to send"],
      [
        "an entry without version, with a good one before it",
        () => ({ messages: [input(privateMessage(group, newData())), {}] }),
        "invalid group message",
      ],
      ["no MLS bytes at all", bent(() => Buffer.alloc(0)), codec("EndOfStream")],
      ["garbage", bent(() => Buffer.from("garbage")), codec("UnknownValue(29282)")],
      ["MLS version 0", bent((bytes) => withByte(bytes, 1, 0)), version],
      ["MLS version 2", bent((bytes) => withByte(bytes, 1, 2)), version],
      ["wire format 0", bent((bytes) => withByte(bytes, 3, 0)), codec("UnknownValue(0)")],
      ["wire format 66", bent((bytes) => withByte(bytes, 3, 66)), codec("UnknownValue(66)")],
      [
        "another version and another wire format: the body is read first",
        bent((bytes) => withByte(withByte(bytes, 1, 9), 3, 66)),
        codec("UnknownValue(66)"),
      ],
      ["wire format 3, a welcome", bent((bytes) => withByte(bytes, 3, 3)), refusedBytes],
      ["wire format 4, group info", bent((bytes) => withByte(bytes, 3, 4)), refusedBytes],
      ["wire format 5, a key package", bent((bytes) => withByte(bytes, 3, 5)), refusedBytes],
      ["a group id longer than the message", bent((bytes) => withByte(bytes, 4, 0x3f)), refusedBytes],
      [
        "a length with the reserved prefix",
        bent((bytes) => withByte(bytes, 4, 0xd0)),
        codec("InvalidVectorLength"),
      ],
      [
        "a length that is not in its smallest encoding",
        bent((bytes) => Buffer.concat([bytes.subarray(0, 4), Buffer.from([0x40]), bytes.subarray(4)])),
        codec("InvalidVectorLength"),
      ],
      ["content type 0", bent((bytes) => withByte(bytes, 29, 0)), codec("UnknownValue(0)")],
      ["content type 4", bent((bytes) => withByte(bytes, 29, 4)), codec("UnknownValue(4)")],
      ["a message cut short by one byte", bent((bytes) => bytes.subarray(0, -1)), codec("EndOfStream")],
    ] as const
  ).map(([name, request, text]) => ({
    name,
    request,
    code: Code.INVALID_ARGUMENT,
    text,
    absent: async (rig) => (await stored(rig, group)).length,
  })),
);

export const groupMessages: readonly Case[] = [
  ...refused,
  {
    name: "refused: an empty group id in the MLS bytes, in its turn: what came before it stays",
    run: async (rig) => {
      const first = newGroup();
      const messages = [first, Buffer.alloc(0), first].map((id) => input(privateMessage(id, newData())));
      expect(await rig.raw.call(method.sendGroupMessages, { messages })).toMatchObject({
        status: Code.INVALID_ARGUMENT,
        message: "group id is empty",
      });
      expect(await stored(rig, first)).toHaveLength(1);
    },
  },
  ...(["application", "proposal", "commit"] as const).map((content): Case => ({
    name: `a message (${content}) comes back with what its sender said and its MLS bytes say`,
    run: async (rig) => {
      const id = newGroup();
      const data = privateMessage(id, newData(), content);
      const before = BigInt(Date.now()) * 1_000_000n;
      await rig.raw.ok(method.sendGroupMessages, {
        messages: [input(data, { senderHmac: Buffer.from("hmac"), shouldPush: true })],
      });
      const [message] = await stored(rig, id);
      expect(message).toMatchObject({ shouldPush: true, isCommit: content !== "application" });
      expect(Buffer.from(message?.data ?? [])).toEqual(data);
      expect(Buffer.from(message?.groupId ?? [])).toEqual(id);
      expect(Buffer.from(message?.senderHmac ?? []).toString()).toBe("hmac");
      const createdNs = message?.createdNs ?? 0n;
      expect(createdNs % 1000n, "microseconds").toBe(0n);
      expect(Number(createdNs - before) / 1e9, "seconds; clocks may differ").toBeLessThan(60);
      expect(Number(createdNs - before) / 1e9).toBeGreaterThan(-60);
    },
  })),
  {
    name: "a duplicate is accepted: the first row stays with its id and flags, and an id is burnt",
    run: async (rig) => {
      const id = newGroup();
      const data = privateMessage(id, "same");
      const last = privateMessage(id, "last");
      const again = input(data, { senderHmac: Buffer.from("second"), shouldPush: true });
      await rig.raw.ok(method.sendGroupMessages, {
        messages: [input(data, { senderHmac: Buffer.from("first") }), again, input(last)],
      });
      const rows = await stored(rig, id);
      expect(rows.map((row) => Buffer.from(row.data))).toEqual([data, last]);
      expect(rows[0]).toMatchObject({ shouldPush: false });
      expect(Buffer.from(rows[0]?.senderHmac ?? []).toString()).toBe("first");
      const gap = Number((rows[1]?.id ?? 0n) - (rows[0]?.id ?? 0n));
      if (rig.node) expect(gap, "nobody else sends here").toBe(2);
      else expect(gap).toBeGreaterThanOrEqual(2);
    },
  },
  {
    name: "one id sequence serves all groups, in the order of the batch",
    run: async (rig) => {
      const [a, b] = [newGroup(), newGroup()];
      const ids = [a, b, a, b].map((id) => input(privateMessage(id, newData())));
      await rig.raw.ok(method.sendGroupMessages, { messages: ids });
      const [ofA, ofB] = [await stored(rig, a), await stored(rig, b)].map((rows) =>
        rows.map((row) => row.id),
      );
      const order = [ofA?.[0], ofB?.[0], ofA?.[1], ofB?.[1]].map(Number);
      expect(order).toEqual([...order].sort((x, y) => x - y));
      expect(new Set(order).size).toBe(4);
      expect(order[0]).toBeGreaterThan(0);
    },
  },
  {
    name: "many senders at once: every message is stored once, ids differ",
    run: async (rig) => {
      const id = newGroup();
      await Promise.all(Array.from({ length: 30 }, () => sendNew(rig, id)));
      expect(new Set((await stored(rig, id)).map((row) => row.id)).size).toBe(30);
    },
  },
  {
    name: "bytes after a private message, an unknown group and any epoch are let through",
    run: async (rig) => {
      const id = newGroup();
      const data = Buffer.concat([privateMessage(id, newData()), Buffer.from("trailing")]);
      data.fill(0xff, 21, 29);
      await rig.raw.ok(method.sendGroupMessages, { messages: [input(data)] });
      expect((await stored(rig, id)).map((row) => Buffer.from(row.data))).toEqual([data]);
    },
  },
  ...refusals(method.queryGroupMessages, [
    { name: "a query without group", request: () => ({}), code: Code.UNKNOWN, text: "group is required" },
  ]),
  ...refusals(method.getNewestGroupMessage, [
    {
      name: "the newest of no group",
      request: () => ({}),
      code: Code.INVALID_ARGUMENT,
      text: "no group ids provided",
    },
  ]),
  {
    name: "an unknown group has no messages",
    run: async (rig) => {
      expect(await stored(rig, newGroup())).toEqual([]);
    },
  },
  {
    name: "the newest of each group, in the order asked, also twice; without content unless asked",
    run: async (rig) => {
      const [one, two, none] = [newGroup(), newGroup(), newGroup()];
      await sendNew(rig, one, 2);
      const commit = privateMessage(two, newData(), "commit");
      await rig.raw.ok(method.sendGroupMessages, {
        messages: [input(commit, { senderHmac: Buffer.from("hmac"), shouldPush: true })],
      });
      const groupIds = [two, none, one, two];
      const ask = async (includeContent: boolean) => {
        const { responses } = await rig.raw.ok(method.getNewestGroupMessage, { groupIds, includeContent });
        return responses.map(({ groupMessage }) => groupMessage?.version.value);
      };
      const newest = [(await stored(rig, two)).at(-1), (await stored(rig, one)).at(-1)];
      const bare = await ask(false);
      expect(bare.map((row) => row?.id)).toEqual([newest[0]?.id, undefined, newest[1]?.id, newest[0]?.id]);
      expect(bare[0]).toMatchObject({ isCommit: true, shouldPush: false, createdNs: newest[0]?.createdNs });
      expect([bare[0]?.data.length, bare[0]?.senderHmac.length]).toEqual([0, 0]);
      expect(Buffer.from(bare[0]?.groupId ?? [])).toEqual(two);
      const full = await ask(true);
      expect(full[0]).toEqual(newest[0]);
      expect(full[2]).toEqual(newest[1]);
      expect(full[1]).toBeUndefined();
    },
  },
];

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeUInt8(value, at);
  return bytes;
}
