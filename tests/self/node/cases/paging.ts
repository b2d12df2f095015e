import { expect } from "@playwright/test";
import { mls } from "#src/network/proto/index.js";
import { beyond, newData, newGroup, newKey } from "../target.js";
import type { Case, Rig } from "../target.js";
import { sendNew } from "./group-messages.js";
import { sendWelcomes, v1 } from "./welcomes.js";

const { method } = mls.MlsApi;
const { ASCENDING, DESCENDING, UNSPECIFIED } = mls.SortDirection;

/** One page as numbers: places of its rows among all rows, and the paging info that came with it. */
interface Seen {
  readonly rows: readonly number[];
  readonly limit: number | undefined;
  readonly direction: mls.SortDirection | undefined;
  /** Place of the row that the cursor names, 0 for none. */
  readonly cursor: number;
}
type Ask = (paging: Paging | undefined) => Promise<Seen>;
type Paging = { direction?: mls.SortDirection; limit?: number; idCursor?: bigint };
type Answer = Pick<mls.QueryCommitLogResponse, "pagingInfo">;

/** Names rows by their place (1 = oldest), so that ids may be any. */
async function pager(
  query: (paging: Paging | undefined) => Promise<{ ids: bigint[]; pagingInfo: Answer["pagingInfo"] }>,
): Promise<{ ask: Ask; idAt: (place: number) => bigint }> {
  const ids: bigint[] = [];
  // Two pages at most: 150 rows.
  for (const idCursor of [0n, undefined]) {
    const page = await query({ direction: ASCENDING, idCursor: idCursor ?? ids.at(-1) ?? 0n });
    ids.push(...page.ids);
  }
  const place = (id: bigint): number => ids.indexOf(id) + 1;
  return {
    idAt: (at) => ids[at - 1] ?? 0n,
    ask: async (paging) => {
      const page = await query(paging);
      return {
        rows: page.ids.map(place),
        limit: page.pagingInfo?.limit,
        direction: page.pagingInfo?.direction,
        cursor: place(page.pagingInfo?.idCursor ?? 0n),
      };
    },
  };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, at) => (from <= to ? from + at : from - at));

const ROWS = 150;
const messages = {
  name: "group messages",
  make: async (rig: Rig) => {
    const groupId = newGroup();
    await sendNew(rig, groupId, ROWS);
    return pager(async (pagingInfo) => {
      const page = await rig.raw.ok(method.queryGroupMessages, {
        groupId,
        ...(pagingInfo && { pagingInfo }),
      });
      return {
        ids: page.messages.map(({ version }) => version.value?.id ?? 0n),
        pagingInfo: page.pagingInfo,
      };
    });
  },
};
const welcomes = {
  name: "welcomes",
  make: async (rig: Rig) => {
    const installationKey = newKey();
    await sendWelcomes(rig, ...Array.from({ length: ROWS }, () => v1(installationKey)));
    return pager(async (pagingInfo) => {
      const page = await rig.raw.ok(method.queryWelcomeMessages, {
        installationKey,
        ...(pagingInfo && { pagingInfo }),
      });
      return {
        ids: page.messages.map(({ version }) => version.value?.id ?? 0n),
        pagingInfo: page.pagingInfo,
      };
    });
  },
};

const full = { limit: 100, direction: ASCENDING } as const;
const both = [messages, welcomes].map(({ name, make }): Case => ({
  name: `${name}: limits, directions, cursors, and a cursor only on a full page`,
  run: async (rig) => {
    const { ask, idAt } = await make(rig);
    const after = (place: number) => ({ direction: ASCENDING, idCursor: idAt(place) });
    expect(await ask(after(0))).toEqual({ ...full, rows: range(1, 100), cursor: 100 });
    expect(await ask(after(100))).toEqual({ ...full, rows: range(101, 150), cursor: 0 });
    expect(await ask({ ...after(100), limit: 50 }), "exactly full").toEqual({
      ...full,
      limit: 50,
      rows: range(101, 150),
      cursor: 150,
    });
    expect(await ask({ ...after(150), limit: 50 }), "the extra query").toEqual({
      ...full,
      limit: 50,
      rows: [],
      cursor: 0,
    });
    const down = { direction: DESCENDING } as const;
    expect(await ask({ ...down, limit: 1 }), "the newest").toEqual({
      ...down,
      limit: 1,
      rows: [150],
      cursor: 150,
    });
    expect(await ask({ ...down, limit: 10, idCursor: idAt(5) }), "below the cursor").toEqual({
      ...down,
      limit: 10,
      rows: range(4, 1),
      cursor: 0,
    });
    const newest = { ...down, limit: 100, rows: range(150, 51), cursor: 51 };
    expect(await ask(undefined), "no paging info").toEqual(newest);
    expect(await ask({ direction: UNSPECIFIED }), "no direction").toEqual(newest);
    expect(await ask({ direction: beyond<mls.SortDirection>(7) }), "no known direction").toEqual(newest);
    for (const limit of [0, 101, 4_294_967_295]) {
      expect(await ask({ ...after(0), limit }), `limit ${limit}`).toEqual({
        ...full,
        rows: range(1, 100),
        cursor: 100,
      });
    }
    expect(await ask({ ...full, idCursor: 2n ** 63n - 1n }), "the highest cursor").toEqual({
      ...full,
      rows: [],
      cursor: 0,
    });
    for (const idCursor of [2n ** 63n, 2n ** 64n - 1n]) {
      expect(await ask({ ...full, idCursor }), "a cursor that is negative in the database").toEqual({
        ...full,
        rows: range(1, 100),
        cursor: 100,
      });
    }
  },
}));

const commitLog: Case = {
  name: "commit log: ascending only, 100 at most, and a cursor only on a full page",
  run: async (rig) => {
    const groupId = newGroup();
    const entry = () => ({ groupId, serializedCommitLogEntry: newData(), signature: {} });
    for (let sent = 0; sent < ROWS; sent += 10) {
      await rig.raw.ok(method.batchPublishCommitLog, { requests: Array.from({ length: 10 }, entry) });
    }
    const { ask, idAt } = await pager(async (pagingInfo) => {
      const { responses } = await rig.raw.ok(method.batchQueryCommitLog, {
        requests: [{ groupId, ...(pagingInfo && { pagingInfo }) }],
      });
      const ids = responses[0]?.commitLogEntries.map(({ sequenceId }) => sequenceId) ?? [];
      return { ids, pagingInfo: responses[0]?.pagingInfo };
    });
    const first = { ...full, rows: range(1, 100), cursor: 100 };
    expect(await ask(undefined), "no paging info").toEqual(first);
    expect(await ask({ direction: UNSPECIFIED })).toEqual(first);
    for (const limit of [0, 101, 4_294_967_295])
      expect(await ask({ limit }), `limit ${limit}`).toEqual(first);
    expect(await ask({ idCursor: idAt(100) })).toEqual({ ...full, rows: range(101, 150), cursor: 0 });
    expect(await ask({ idCursor: idAt(149), limit: 1 }), "exactly full").toEqual({
      ...full,
      limit: 1,
      rows: [150],
      cursor: 150,
    });
    expect(await ask({ idCursor: 2n ** 63n }), "a cursor that is negative in the database").toEqual(first);
  },
};

export const paging: readonly Case[] = [...both, commitLog];
