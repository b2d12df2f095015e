import { mls } from "../proto/index.js";
import type { PagedLog, Row } from "./keyed-log.js";

/** Rows of a page, and the paging info that the node answers with. */
export interface Page<R> {
  readonly rows: R[];
  readonly pagingInfo: { direction: mls.SortDirection; limit: number; idCursor: bigint };
}

const MAX_PAGE = 100;

/**
 * A cursor as the real node's database sees it: a signed 64-bit number, so that one from 2^63 up is below every id and
 * asks for everything, as 0 does.
 */
export function cursorOf(wire: bigint): bigint {
  const signed = BigInt.asIntN(64, wire);
  return signed < 0n ? 0n : signed;
}

/**
 * One page of a key's rows, as the real node cuts it.
 *
 * Only ASCENDING is ascending; a limit outside 1–100 means 100; cursor 0 means none. The reply's cursor is the id of
 * the last row only when the page is full, so an exactly full last page costs one more, empty, query.
 */
export function queryPage<R extends Row>(
  log: PagedLog<R>,
  key: string,
  asked: Pick<mls.PagingInfo, "direction" | "limit" | "idCursor"> | undefined,
): Page<R> {
  const limit = asked && asked.limit >= 1 && asked.limit <= MAX_PAGE ? asked.limit : MAX_PAGE;
  const cursor = cursorOf(asked?.idCursor ?? 0n);
  const ascending = asked?.direction === mls.SortDirection.ASCENDING;
  const rows = ascending ? log.after(key, cursor, limit) : log.before(key, cursor, limit);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return {
    rows,
    pagingInfo: {
      direction: ascending ? mls.SortDirection.ASCENDING : mls.SortDirection.DESCENDING,
      limit,
      idCursor: last?.id ?? 0n,
    },
  };
}
