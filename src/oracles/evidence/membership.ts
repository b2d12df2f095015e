/** Who was certainly a member, and when: what a delivery oracle may ask of whom. */
import type { LedgerEvent, ReceiveEvent } from "../../ledger/events.js";
import { groupBy } from "./history.js";

/**
 * A stretch of certain membership on the ledger's monotonic clock: from when the addition was known to be done,
 * to when the removal was made. A send is owed to a member only when it lies wholly inside.
 */
export interface Membership {
  readonly conversationId: string;
  readonly inboxId: string;
  readonly since: number;
  /** Absent: to the end of the ledger. */
  readonly until?: number;
}

interface Evidence {
  readonly conversationId: string;
  readonly inboxId: string;
  readonly change: "joined" | "left";
  /** False for what only shows that somebody is a member (it sent, it received), not that it was added. */
  readonly certain: boolean;
  /** Wall time of the change itself, which orders evidence that arrives late. */
  readonly stamp: number;
  readonly at: number;
}

/**
 * Memberships as far as the ledger shows them: group updates say who was added and removed; a worker's own
 * conversation event, send or receipt shows that it is a member by then.
 *
 * A member of which the ledger shows nothing is not listed. Give the memberships yourself where the welcome
 * itself may be lost.
 */
export function membershipsOf(events: readonly LedgerEvent[]): Membership[] {
  const evidence = events.flatMap((event) => evidenceOf(event));
  const groups = groupBy(evidence, (one) => `${one.conversationId} ${one.inboxId}`);
  return [...groups.values()].flatMap((items) =>
    spans(items.sort((a, b) => a.stamp - b.stamp || a.at - b.at)),
  );
}

/** True when the whole stretch `[from, to]` lies in a membership of that inbox in that conversation. */
export function isMemberThroughout(
  memberships: readonly Membership[],
  who: { readonly conversationId: string; readonly inboxId: string },
  from: number,
  to: number,
): boolean {
  return memberships.some(
    (one) =>
      one.conversationId === who.conversationId &&
      one.inboxId === who.inboxId &&
      one.since <= from &&
      to <= (one.until ?? Infinity),
  );
}

/** Inboxes that were removed from the conversation and added again later. */
export function readdedInboxes(events: readonly LedgerEvent[], conversationId: string): ReadonlySet<string> {
  const changes = events
    .flatMap((event) => evidenceOf(event))
    .filter((one) => one.conversationId === conversationId && one.certain);
  const lefts = changes.filter((one) => one.change === "left");
  const back = changes.filter(
    (one) =>
      one.change === "joined" && lefts.some((left) => left.inboxId === one.inboxId && left.stamp < one.stamp),
  );
  return new Set(back.map((one) => one.inboxId));
}

function evidenceOf(event: LedgerEvent): Evidence[] {
  if (event.kind !== "conversation" && event.kind !== "send" && event.kind !== "receive") return [];
  const { conversationId, inboxId, at } = event;
  const shown: Evidence = {
    conversationId,
    inboxId,
    change: "joined",
    certain: false,
    stamp: event.wall,
    at,
  };
  if (event.kind !== "receive" || !event.update) return [shown];
  const { addedInboxIds, removedInboxIds, leftInboxIds } = event.update;
  const stamp = stampOf(event);
  const made = at - (event.wall - stamp);
  return [
    ...addedInboxIds.map((id): Evidence => {
      return { conversationId, inboxId: id, change: "joined", certain: true, stamp, at };
    }),
    ...[...removedInboxIds, ...leftInboxIds].map((id): Evidence => {
      return { conversationId, inboxId: id, change: "left", certain: true, stamp, at: Math.min(at, made) };
    }),
    ...(removedInboxIds.includes(inboxId) || leftInboxIds.includes(inboxId) ? [] : [shown]),
  ];
}

function stampOf(event: ReceiveEvent): number {
  return Number(event.sentAtNs) / 1e6;
}

/** Walks one inbox's evidence in the order of the changes. Several workers report the same change: earliest counts. */
function spans(evidence: readonly Evidence[]): Membership[] {
  const done: Membership[] = [];
  let open: Membership | undefined;
  let left = false;
  for (const { conversationId, inboxId, change, certain, at } of evidence) {
    if (change === "left") {
      if (open) done.push({ ...open, until: at });
      open = undefined;
      left = true;
    } else if (open) {
      if (at < open.since) open = { ...open, since: at };
    } else if (certain || !left) {
      open = { conversationId, inboxId, since: at };
    }
  }
  return open ? [...done, open] : done;
}
