import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { contents, mls } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import type { RawClient } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";

const { MlsApi, SortDirection } = mls;
const { method } = MlsApi;
const { WelcomeWrapperAlgorithm: Algorithm } = contents;

const input = (data: Uint8Array, rest: { senderHmac?: Uint8Array; shouldPush?: boolean } = {}) => ({
  version: { case: "v1" as const, value: { data, ...rest } },
});
const send = (raw: RawClient, group: string, ...texts: string[]) =>
  raw.ok(method.sendGroupMessages, { messages: texts.map((text) => input(privateMessage(group, text))) });
const idsOf = (messages: readonly (mls.GroupMessage | mls.WelcomeMessage)[]) =>
  messages.map(({ version }) => Number(version.value?.id));

test.describe("group messages", () => {
  test("come back with what the node read from their MLS bytes, and with what the sender said", async ({
    raw,
  }) => {
    const data = privateMessage("one", "first", "commit");
    const before = BigInt(Date.now()) * 1_000_000n;
    await raw.ok(method.sendGroupMessages, {
      messages: [input(data, { senderHmac: Buffer.from("hmac"), shouldPush: true })],
    });
    const { messages } = await raw.ok(method.queryGroupMessages, { groupId: groupId("one") });
    const stored = messages[0]?.version.value as mls.GroupMessage_V1;
    expect(Buffer.from(stored.data)).toEqual(data);
    expect(Buffer.from(stored.groupId)).toEqual(groupId("one"));
    expect(Buffer.from(stored.senderHmac).toString()).toBe("hmac");
    expect(stored).toMatchObject({ id: 1n, isCommit: true, shouldPush: true });
    expect(stored.createdNs % 1000n, "microseconds").toBe(0n);
    expect(stored.createdNs - before).toBeLessThan(60_000_000_000n);
    expect(stored.createdNs - before).toBeGreaterThan(-1_000_000_000n);
  });

  test("a duplicate is accepted, keeps the first row and burns an id", async ({ raw, node }) => {
    await send(raw, "one", "a", "a", "b");
    await send(raw, "two", "c");
    const one = await raw.ok(method.queryGroupMessages, { groupId: groupId("one") });
    const two = await raw.ok(method.queryGroupMessages, { groupId: groupId("two") });
    expect(idsOf(one.messages), "newest first").toEqual([3, 1]);
    expect(idsOf(two.messages), "one sequence for all groups").toEqual([4]);
    expect((await node.stats()).groupMessages).toBe(3);
  });

  test("paging: limits, directions, cursors, and a cursor only on a full page", async ({ raw }) => {
    await send(raw, "one", ...Array.from({ length: 150 }, (_, at) => `m${at}`));
    const query = async (direction: mls.SortDirection, limit: number, idCursor: bigint) => {
      const page = await raw.ok(method.queryGroupMessages, {
        groupId: groupId("one"),
        pagingInfo: { direction, limit, idCursor },
      });
      const ids = idsOf(page.messages);
      const { pagingInfo } = page;
      return [
        ids.at(0),
        ids.at(-1),
        ids.length,
        pagingInfo?.limit,
        pagingInfo?.direction,
        pagingInfo?.idCursor,
      ];
    };
    const { ASCENDING, DESCENDING, UNSPECIFIED } = SortDirection;
    expect(await query(ASCENDING, 100, 0n)).toEqual([1, 100, 100, 100, ASCENDING, 100n]);
    expect(await query(ASCENDING, 100, 100n)).toEqual([101, 150, 50, 100, ASCENDING, 0n]);
    expect(await query(ASCENDING, 50, 100n), "exactly full").toEqual([101, 150, 50, 50, ASCENDING, 150n]);
    expect(await query(ASCENDING, 50, 150n), "the extra query").toEqual([
      undefined,
      undefined,
      0,
      50,
      ASCENDING,
      0n,
    ]);
    expect(await query(DESCENDING, 1, 0n), "newest").toEqual([150, 150, 1, 1, DESCENDING, 150n]);
    expect(await query(DESCENDING, 10, 5n), "below the cursor").toEqual([4, 1, 4, 10, DESCENDING, 0n]);
    expect(await query(UNSPECIFIED, 0, 0n), "defaults").toEqual([150, 51, 100, 100, DESCENDING, 51n]);
    expect(await query(ASCENDING, 101, 0n), "over the limit").toEqual([1, 100, 100, 100, ASCENDING, 100n]);
    const unknown = await raw.ok(method.queryGroupMessages, { groupId: groupId("nobody") });
    expect(unknown.messages).toEqual([]);
  });

  test("the newest of each group, in the order asked, without content unless asked", async ({ raw }) => {
    await send(raw, "one", "a", "b");
    await raw.ok(method.sendGroupMessages, { messages: [input(privateMessage("two", "c", "proposal"))] });
    const asked = ["two", "none", "one", "two"].map(groupId);
    const bare = await raw.ok(method.getNewestGroupMessage, { groupIds: asked });
    const values = bare.responses.map(({ groupMessage }) => groupMessage?.version.value);
    expect(values.map((value) => value?.id)).toEqual([3n, undefined, 2n, 3n]);
    expect(values[0]).toMatchObject({ isCommit: true, shouldPush: false });
    expect(values[0]?.data).toHaveLength(0);
    expect(Buffer.from(values[2]?.groupId ?? [])).toEqual(groupId("one"));
    const full = await raw.ok(method.getNewestGroupMessage, { groupIds: asked, includeContent: true });
    expect(Buffer.from(full.responses[2]?.groupMessage?.version.value?.data ?? [])).toEqual(
      privateMessage("one", "b"),
    );
  });

  test("refusals have the real node's codes and texts, and store nothing", async ({ raw, node }) => {
    const good = input(privateMessage("one", "good"));
    expect(await raw.call(method.sendGroupMessages, { messages: [] })).toMatchObject({
      status: Code.INVALID_ARGUMENT,
      message: "no group messages to send",
    });
    expect(await raw.call(method.sendGroupMessages, { messages: [good, {}] })).toMatchObject({
      status: Code.INVALID_ARGUMENT,
      message: "invalid group message",
    });
    const garbage = await raw.call(method.sendGroupMessages, {
      messages: [good, input(Buffer.from("garbage"))],
    });
    expect(garbage.status).toBe(Code.INVALID_ARGUMENT);
    expect(garbage.message).toMatch(/^invalid group message: ./);
    expect(await raw.call(method.queryGroupMessages, {})).toMatchObject({
      status: Code.UNKNOWN,
      message: "group is required",
    });
    expect(await raw.call(method.getNewestGroupMessage, {})).toMatchObject({
      status: Code.INVALID_ARGUMENT,
      message: "no group ids provided",
    });
    expect((await node.stats()).groupMessages).toBe(0);
  });
});

test.describe("welcomes", () => {
  const key = (name: string) => Buffer.alloc(32, name);
  const v1 = (to: string, data: string, wrapperAlgorithm = Algorithm.UNSPECIFIED, hpke = "hpke") => ({
    version: {
      case: "v1" as const,
      value: {
        installationKey: key(to),
        data: Buffer.from(data),
        hpkePublicKey: Buffer.from(hpke),
        wrapperAlgorithm,
        welcomeMetadata: Buffer.from("meta"),
      },
    },
  });
  const pointer = (to: string, to2: string, wrapperAlgorithm = Algorithm.XWING_MLKEM_768_DRAFT_6) => ({
    version: {
      case: "welcomePointer" as const,
      value: {
        installationKey: key(to),
        welcomePointer: Buffer.from(to2),
        hpkePublicKey: Buffer.from("hpke"),
        wrapperAlgorithm,
      },
    },
  });

  test("welcomes and pointers share one table, ids of their own and one duplicate check", async ({ raw }) => {
    await send(raw, "one", "a group message with id 1");
    await raw.ok(method.sendWelcomeMessages, {
      messages: [
        v1("a", "w1"),
        pointer("a", "p1"),
        v1("b", "w2", Algorithm.SYMMETRIC_KEY, ""),
        v1("a", "p1"),
        v1("a", "w3", Algorithm.XWING_MLKEM_768_DRAFT_6),
      ],
    });
    const a = await raw.ok(method.queryWelcomeMessages, {
      installationKey: key("a"),
      pagingInfo: { direction: SortDirection.ASCENDING },
    });
    expect(
      a.messages.map(({ version }) => [version.case, version.value?.id, version.value?.wrapperAlgorithm]),
    ).toEqual([
      ["v1", 1n, Algorithm.CURVE25519],
      ["welcomePointer", 2n, Algorithm.XWING_MLKEM_768_DRAFT_6],
      ["v1", 5n, Algorithm.XWING_MLKEM_768_DRAFT_6],
    ]);
    const first = a.messages[0]?.version.value as mls.WelcomeMessage_V1;
    expect(Buffer.from(first.welcomeMetadata).toString()).toBe("meta");
    const b = await raw.ok(method.queryWelcomeMessages, { installationKey: key("b") });
    expect(idsOf(b.messages), "no recipient need exist").toEqual([3]);
  });

  const refusals: [string, mls.WelcomeMessageInput["version"] | object, string][] = [
    ["no data", v1("a", ""), "invalid welcome message"],
    ["no key of the wrapper", v1("a", "w", Algorithm.CURVE25519, ""), "invalid welcome message"],
    ["no pointer", pointer("a", ""), "invalid welcome pointer message"],
    [
      "a pointer with another algorithm",
      pointer("a", "p", Algorithm.CURVE25519),
      "invalid welcome pointer wrapper algorithm: invalid welcome pointer wrapper algorithm 1",
    ],
    ["no version", {}, "invalid welcome message: missing version"],
  ];
  for (const [what, message, text] of refusals) {
    test(`refused: ${what}`, async ({ raw, node }) => {
      const outcome = await raw.call(method.sendWelcomeMessages, { messages: [v1("a", "good"), message] });
      expect(outcome).toMatchObject({ status: Code.INVALID_ARGUMENT, message: text });
      expect((await node.stats()).welcomes).toBe(0);
    });
  }

  test("refused: nothing to send, nobody to ask for", async ({ raw }) => {
    expect(await raw.call(method.sendWelcomeMessages, {})).toMatchObject({
      status: Code.INVALID_ARGUMENT,
      message: "no welcome messages to send",
    });
    expect(await raw.call(method.queryWelcomeMessages, {})).toMatchObject({
      status: Code.UNKNOWN,
      message: "installation is required",
    });
  });
});

test.describe("commit log", () => {
  const entry = (group: string, text: string) => ({
    groupId: groupId(group),
    serializedCommitLogEntry: Buffer.from(text),
    signature: { bytes: Buffer.alloc(64), publicKey: Buffer.alloc(32) },
  });

  test("keeps all entries in order, duplicates too, per group", async ({ raw }) => {
    await raw.ok(method.batchPublishCommitLog, {
      requests: [entry("one", "a"), entry("two", "b"), entry("one", "a")],
    });
    const { responses } = await raw.ok(method.batchQueryCommitLog, {
      requests: [
        { groupId: groupId("one"), pagingInfo: { limit: 1 } },
        { groupId: groupId("one"), pagingInfo: { idCursor: 1n } },
        { groupId: groupId("none") },
      ],
    });
    const seen = responses.map(({ commitLogEntries, pagingInfo }) => [
      commitLogEntries.map((one) => [
        Number(one.sequenceId),
        Buffer.from(one.serializedCommitLogEntry).toString(),
      ]),
      pagingInfo?.idCursor,
    ]);
    expect(seen).toEqual([
      [[[1, "a"]], 1n],
      [[[3, "a"]], 0n],
      [[], 0n],
    ]);
    expect(Buffer.from(responses[2]?.groupId ?? [])).toEqual(groupId("none"));
  });

  test("refusals: empty, too many, incomplete, descending", async ({ raw }) => {
    const publish = async (requests: Partial<ReturnType<typeof entry>>[]) =>
      raw.call(method.batchPublishCommitLog, { requests });
    const query = async (requests: object[]) => raw.call(method.batchQueryCommitLog, { requests });
    const refused = (message: string, status = Code.INVALID_ARGUMENT) => ({ status, message });
    expect(await publish([])).toMatchObject(refused("no log entries to publish"));
    expect(await publish(Array.from({ length: 11 }, () => entry("one", "a")))).toMatchObject(
      refused("cannot exceed 10 inserts in single batch"),
    );
    expect(await publish([{ ...entry("one", "a"), signature: undefined }])).toMatchObject(
      refused("invalid commit log entry"),
    );
    expect(await query([])).toMatchObject(refused("no requests to query"));
    expect(await query(Array.from({ length: 21 }, () => ({ groupId: groupId("one") })))).toMatchObject(
      refused("cannot exceed 20 queries in single batch"),
    );
    expect(await query([{}])).toMatchObject(refused("invalid request"));
    expect(
      await query([{ groupId: groupId("one"), pagingInfo: { direction: SortDirection.DESCENDING } }]),
    ).toMatchObject(
      refused("failed to query commit log: descending direction is not supported", Code.INTERNAL),
    );
  });
});
