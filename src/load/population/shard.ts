import { XmtpTestError } from "../../errors.js";

/** One of several machines or processes that share a run. */
export interface Shard {
  /** From 1. */
  readonly current: number;
  readonly total: number;
}

/** As Playwright's `--shard`: "2/4". @throws XmtpTestError `INVALID_OPTION` */
export function readShard(text: string): Shard {
  const [, current, total] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { current: Number(current), total: Number(total) };
  if (shard.current >= 1 && shard.current <= shard.total) return shard;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `The shard of a load test is "${text}".`,
    'Give "current/total" from 1, for example "2/4".',
  );
}

/** Cuts a shard into parts: part 1 of 2 of shard 2/3 is shard 3/6. */
export function partOf(shard: Shard, part: number, parts: number): Shard {
  return { current: (shard.current - 1) * parts + part, total: shard.total * parts };
}

/** The users of a shard, dealt in turn: neighbors in number, and so in time of arrival, are on different shards. */
export function usersOf({ current, total }: Shard, users: number): number[] {
  const own: number[] = [];
  for (let user = current - 1; user < users; user += total) own.push(user);
  return own;
}
