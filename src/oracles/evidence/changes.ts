/** Who was added and removed, in the order in which the group's commits were made. */
import type { LedgerEvent, ReceiveEvent } from "../../ledger/events.js";
import { groupBy } from "../../ledger/group.js";

/**
 * How far apart the clocks of a sender, the node and this process may be, in ms, for their stamps to be believed:
 * machines that keep time by NTP are within a second. Where a stream shows the order of two commits, any skew is
 * harmless.
 */
export const clockSkewMs = 1_000;

/** One inbox that came or went by one commit, however many installations reported it. */
export interface Change {
  readonly inboxId: string;
  readonly change: "joined" | "left";
  /** Place of the commit among those of its conversation; equal for all changes of one commit. */
  readonly rank: number;
  /** When it was made, Unix ms: by the node's clock where anybody but its maker reported it. */
  readonly stamp: number;
  /** Whose clock `stamp` is of: the node's, or that of the inbox that made it where nobody else reported it. */
  readonly clock: string;
  /** First report, monotonic ms and Unix ms. */
  readonly at: number;
  readonly wall: number;
  /** When it was made on the monotonic clock, as far as `stamp` is to be believed; never later than `at`. */
  readonly madeAt: number;
  /** When each installation's stream delivered it, monotonic ms. */
  readonly streamedTo: ReadonlyMap<string, number>;
}

/** The changes of each conversation, oldest commit first. */
export function membershipChanges(
  events: readonly LedgerEvent[],
  conversationId?: string,
): Map<string, Change[]> {
  const reports = events.filter(
    (one): one is Report =>
      one.kind === "receive" &&
      one.update !== undefined &&
      (conversationId === undefined || one.conversationId === conversationId),
  );
  const found = new Map<string, Change[]>();
  for (const [id, own] of groupBy(reports, (one) => one.conversationId)) {
    const changes = inOrder(commits(own)).flatMap((commit, rank) => changesOf(commit, rank));
    found.set(id, changes);
  }
  return found;
}

type Report = ReceiveEvent & { readonly update: NonNullable<ReceiveEvent["update"]> };

interface Commit {
  readonly id: string;
  readonly reports: readonly Report[];
  readonly stamp: number;
  readonly clock: string;
}

function commits(reports: readonly Report[]): Commit[] {
  return [...groupBy(reports, (one) => one.messageId)].map(([id, copies]) => {
    const foreign = copies.find((one) => one.inboxId !== one.update.initiatedByInboxId);
    const [first] = copies as [Report];
    const clock = foreign ? nodeClock : first.update.initiatedByInboxId;
    return { id, reports: copies, stamp: stampOf(foreign ?? first), clock };
  });
}

/** The clock of what somebody else than the maker was given: the node stamped it. */
export const nodeClock = "node";

function stampOf(report: Report): number {
  return Number(report.sentAtNs) / 1e6;
}

/**
 * Commits in an order that agrees with every stream, each of which delivers a group's commits as they were made;
 * those that no stream tells apart by their stamps. Where streams disagree, the stamps decide.
 */
function inOrder(all: readonly Commit[]): Commit[] {
  const firsts = all.flatMap((commit) =>
    [...groupBy(commit.reports.filter(isStreamed), (one) => one.installationId)].map(([id, copies]) => {
      return { id, commit, seq: copies[0]?.seq ?? 0 };
    }),
  );
  firsts.sort((a, b) => a.seq - b.seq);
  const queues = [...groupBy(firsts, (one) => one.id).values()].map((own) =>
    byOneClock(own.map((one) => one.commit)),
  );
  const unseen = all.filter((commit) => !commit.reports.some(isStreamed));
  return merged([...queues, unseen.sort((a, b) => a.stamp - b.stamp)]);
}

/** A stream's commits; those that one clock stamped within its accuracy are in the order of their stamps. */
function byOneClock(queue: Commit[]): Commit[] {
  for (let end = 1; end < queue.length; end += 1) {
    for (let place = end; place > 0; place -= 1) {
      const [before, one] = [queue[place - 1] as Commit, queue[place] as Commit];
      const early = before.stamp - one.stamp;
      if (before.clock !== one.clock || early <= 0 || early > clockSkewMs) break;
      [queue[place - 1], queue[place]] = [one, before];
    }
  }
  return queue;
}

/** Merges queues: the earliest stamp among the heads that no other queue holds back. */
function merged(queues: readonly (readonly Commit[])[]): Commit[] {
  const heads = queues.map(() => 0);
  /** In how many queues each commit is not yet at the head. */
  const behind = new Map<Commit, number>();
  for (const queue of queues) for (const one of queue.slice(1)) behind.set(one, (behind.get(one) ?? 0) + 1);
  const done = new Set<Commit>();
  for (;;) {
    const candidates = queues.flatMap((queue, index) => queue[heads[index] ?? 0] ?? []);
    if (candidates.length === 0) return [...done];
    const free = candidates.filter((one) => (behind.get(one) ?? 0) === 0);
    const next = earliest(free.length > 0 ? free : candidates);
    done.add(next);
    for (const [index, queue] of queues.entries()) {
      const place = heads[index] ?? 0;
      if (queue[place] === undefined) continue;
      let head = place;
      while (head < queue.length && done.has(queue[head] as Commit)) head += 1;
      heads[index] = head;
      const risen = head === place ? undefined : queue[head];
      if (risen) behind.set(risen, (behind.get(risen) ?? 0) - 1);
    }
  }
}

function earliest(commits: readonly Commit[]): Commit {
  return commits.reduce((best, one) => (one.stamp < best.stamp ? one : best));
}

function changesOf({ reports, stamp, clock }: Commit, rank: number): Change[] {
  const [{ update }] = reports as [Report];
  const { at, wall } = reports.reduce((first, one) => (one.at < first.at ? one : first));
  const streamedTo = streamed(reports);
  const madeAt = Math.min(at, at - (wall - stamp));
  const common = { rank, stamp, clock, at, wall, madeAt, streamedTo };
  return [
    ...update.addedInboxIds.map((inboxId): Change => ({ ...common, inboxId, change: "joined" })),
    ...[...update.removedInboxIds, ...update.leftInboxIds].map((inboxId): Change => {
      return { ...common, inboxId, change: "left" };
    }),
  ];
}

function streamed(reports: readonly Report[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { installationId, at } of reports.filter(isStreamed))
    found.set(installationId, Math.min(at, found.get(installationId) ?? Infinity));
  return found;
}

function isStreamed({ source }: ReceiveEvent): boolean {
  return source === "stream";
}

/** Whether the order of two commits is beyond doubt: by a stream that delivered both, or by clocks that agree. */
export function isOrdered(earlier: Change, later: Change): boolean {
  if (earlier.clock === later.clock || (isPlausible(earlier) && isPlausible(later))) return true;
  return [...earlier.streamedTo.keys()].some((id) => later.streamedTo.has(id));
}

/** Whether a stamp lies shortly before its first report, as it does where its clock is right. */
function isPlausible({ wall, stamp }: Change): boolean {
  return Math.abs(wall - stamp) <= clockSkewMs;
}
