import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { newData, newGroup, refusals } from "../target.js";
import type { Case, Rig } from "../target.js";

const { method } = mls.MlsApi;
const SIGNATURE = { bytes: Buffer.alloc(64, 1), publicKey: Buffer.alloc(32, 2) };
const entry = (groupId: Uint8Array, serializedCommitLogEntry: Uint8Array = newData()) => ({
  groupId,
  serializedCommitLogEntry,
  signature: SIGNATURE,
});

async function entriesOf({ raw }: Rig, groupId: Uint8Array) {
  const { responses } = await raw.ok(method.batchQueryCommitLog, { requests: [{ groupId }] });
  return responses[0]?.commitLogEntries ?? [];
}

const group = newGroup();
const absent = async (rig: Rig) => (await entriesOf(rig, group)).length;
const code = Code.INVALID_ARGUMENT;
const many = (length: number) => Array.from({ length }, () => entry(group));

export const commitLog: readonly Case[] = [
  ...refusals(method.batchPublishCommitLog, [
    { name: "no entries", request: () => ({}), code, text: "no log entries to publish" },
    {
      name: "11 entries",
      request: () => ({ requests: many(11) }),
      code,
      text: "cannot exceed 10 inserts in single batch",
      absent,
    },
    ...(
      [
        ["group id", { ...entry(group), groupId: Buffer.alloc(0) }],
        ["entry", entry(group, Buffer.alloc(0))],
        ["signature", { ...entry(group), signature: undefined }],
      ] as const
    ).map(([what, request]) => ({
      name: `an entry without ${what}`,
      request: () => ({ requests: [request] }),
      code,
      text: "invalid commit log entry",
      absent,
    })),
  ]),
  ...refusals(method.batchQueryCommitLog, [
    { name: "no queries", request: () => ({}), code, text: "no requests to query" },
    {
      name: "21 queries",
      request: () => ({ requests: Array.from({ length: 21 }, () => ({ groupId: group })) }),
      code,
      text: "cannot exceed 20 queries in single batch",
    },
    {
      name: "a query without group",
      request: () => ({ requests: [{ groupId: group }, {}] }),
      code,
      text: "invalid request",
    },
    {
      name: "a descending query",
      request: () => ({
        requests: [{ groupId: group, pagingInfo: { direction: mls.SortDirection.DESCENDING } }],
      }),
      code: Code.INTERNAL,
      text: "failed to query commit log: descending direction is not supported",
    },
  ]),
  {
    name: "entries are kept in order, duplicates too, signatures unchecked and as they came",
    run: async (rig) => {
      const [one, two] = [newGroup(), newGroup()];
      const data = newData();
      await rig.raw.ok(method.batchPublishCommitLog, {
        requests: [entry(one, data), entry(two), entry(one, data), { ...entry(one), signature: {} }],
      });
      const rows = await entriesOf(rig, one);
      expect(rows.slice(0, 2).map((row) => Buffer.from(row.serializedCommitLogEntry))).toEqual([data, data]);
      expect(Buffer.from(rows[0]?.signature?.publicKey ?? [])).toEqual(SIGNATURE.publicKey);
      expect(Buffer.from(rows[0]?.signature?.bytes ?? [])).toEqual(SIGNATURE.bytes);
      expect(rows[2]?.signature?.bytes, "an empty signature is one").toHaveLength(0);
      const ids = rows.map((row) => Number(row.sequenceId));
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      const between = (await entriesOf(rig, two))[0]?.sequenceId;
      expect(Number(between), "one sequence for all groups").toBeGreaterThan(ids[0] ?? 0);
      expect(Number(between)).toBeLessThan(ids[1] ?? 0);
    },
  },
  {
    name: "10 entries and 20 queries are the most that one call takes; a group asked twice is answered twice",
    run: async (rig) => {
      const id = newGroup();
      await rig.raw.ok(method.batchPublishCommitLog, {
        requests: Array.from({ length: 10 }, () => entry(id)),
      });
      const { responses } = await rig.raw.ok(method.batchQueryCommitLog, {
        requests: Array.from({ length: 20 }, () => ({ groupId: id })),
      });
      expect(responses.map(({ commitLogEntries }) => commitLogEntries.length)).toEqual(Array(20).fill(10));
    },
  },
  {
    name: "an unknown group is answered with its id and no entries",
    run: async (rig) => {
      const id = newGroup();
      const { responses } = await rig.raw.ok(method.batchQueryCommitLog, { requests: [{ groupId: id }] });
      expect(responses).toHaveLength(1);
      expect(Buffer.from(responses[0]?.groupId ?? [])).toEqual(id);
      expect(responses[0]).toMatchObject({ commitLogEntries: [], pagingInfo: { idCursor: 0n, limit: 100 } });
    },
  },
];
