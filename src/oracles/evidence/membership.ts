/** Who was certainly a member, and when: what a delivery oracle may ask of whom. */
import type { GroupUpdate, LedgerEvent } from "../../ledger/events.js";
import { Spans } from "./spans.js";
import type { Stretch } from "./spans.js";
import { groupBy } from "../../ledger/group.js";
import { clockSkewMs, isOrdered, membershipChanges } from "./changes.js";
import type { Change } from "./changes.js";

/**
 * A stretch of certain membership on the ledger's monotonic clock: from when the addition was known to be done,
 * to when the removal was made. A send is owed to a member only when it lies wholly inside.
 */
export interface Membership {
  readonly conversationId: string;
  readonly inboxId: string;
  /** When the addition was known to be done, monotonic ms (`performance.now()`). */
  readonly since: number;
  /** When the removal was made, monotonic ms; absent: to the end of the ledger. */
  readonly until?: number;
}

/** A sign that somebody is a member by then: it sent, it received. It does not show an addition. */
interface Sign {
  readonly wall: number;
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
  const changes = new Map<string, Map<string, Change[]>>();
  for (const [id, ofConversation] of membershipChanges(events))
    changes.set(
      id,
      groupBy(ofConversation, (one) => one.inboxId),
    );
  const signs = signsOf(events, changes);
  const found: Membership[] = [];
  for (const id of new Set([...signs.keys(), ...changes.keys()])) {
    const [shown, changed] = [signs.get(id), changes.get(id)];
    for (const inboxId of new Set([...(shown?.keys() ?? []), ...(changed?.keys() ?? [])])) {
      const spans = spansOf(changed?.get(inboxId) ?? [], shown?.get(inboxId) ?? []);
      found.push(...spans.map(({ from, to }) => membership(id, inboxId, from, to)));
    }
  }
  return found;
}

function membership(conversationId: string, inboxId: string, since: number, until?: number): Membership {
  return { conversationId, inboxId, since, ...(until !== undefined && { until }) };
}

/** Memberships by conversation and inbox, to ask often. */
export class Members {
  readonly #stretches = new Map<string, Map<string, Stretch[]>>();
  readonly #spans = new Map<string, [inboxId: string, spans: Spans][]>();

  constructor(memberships: readonly Membership[]) {
    for (const { conversationId, inboxId, since, until } of memberships) {
      const inboxes = this.#stretches.get(conversationId) ?? new Map<string, Stretch[]>();
      this.#stretches.set(conversationId, inboxes);
      const stretches = inboxes.get(inboxId) ?? [];
      inboxes.set(inboxId, stretches);
      stretches.push({ from: since, ...(until !== undefined && { to: until }) });
    }
  }

  /** Everybody who was ever a member of a conversation. */
  of(conversationId: string): readonly (readonly [inboxId: string, spans: Spans])[] {
    const known = this.#spans.get(conversationId);
    if (known) return known;
    const inboxes = [...(this.#stretches.get(conversationId) ?? [])];
    const made = inboxes.map(([id, stretches]): [string, Spans] => [id, new Spans(stretches)]);
    this.#spans.set(conversationId, made);
    return made;
  }

  /** When an inbox was a member of a conversation. */
  spans(conversationId: string, inboxId: string): readonly Stretch[] {
    return this.#stretches.get(conversationId)?.get(inboxId) ?? [];
  }
}

/** Inboxes that were removed from the conversation and added again later. */
export function readdedInboxes(events: readonly LedgerEvent[], conversationId: string): ReadonlySet<string> {
  const changes = membershipChanges(events, conversationId).get(conversationId) ?? [];
  const leftAt = new Map<string, number>();
  const back = new Set<string>();
  for (const { inboxId, change, rank } of changes) {
    if (change === "left") leftAt.set(inboxId, Math.min(rank, leftAt.get(inboxId) ?? Infinity));
    else if ((leftAt.get(inboxId) ?? Infinity) < rank) back.add(inboxId);
  }
  return back;
}

/** Signs by conversation and inbox; where nobody ever left, only the first counts. */
function signsOf(
  events: readonly LedgerEvent[],
  changes: ReadonlyMap<string, ReadonlyMap<string, readonly Change[]>>,
): Map<string, Map<string, Sign[]>> {
  const signs = new Map<string, Map<string, Sign[]>>();
  for (const event of events) {
    if (event.kind !== "conversation" && event.kind !== "send" && event.kind !== "receive") continue;
    const { conversationId, inboxId, wall, at } = event;
    if (event.kind === "receive" && event.update && showsEnd(event.update, inboxId)) continue;
    const ofConversation = signs.get(conversationId) ?? new Map<string, Sign[]>();
    signs.set(conversationId, ofConversation);
    const own = ofConversation.get(inboxId);
    if (!own) ofConversation.set(inboxId, [{ wall, at }]);
    else if (changes.get(conversationId)?.has(inboxId)) own.push({ wall, at });
    else if (at < (own[0]?.at ?? 0)) own[0] = { wall, at };
  }
  return signs;
}

function showsEnd({ removedInboxIds, leftInboxIds }: GroupUpdate, inboxId: string): boolean {
  return removedInboxIds.includes(inboxId) || leftInboxIds.includes(inboxId);
}

/**
 * Walks one inbox's changes in the order of the commits. A sign before a change was given while it was a member; one
 * after a removal may have been on its way before. Where doubt remains, less membership is assumed.
 */
function spansOf(changes: readonly Change[], signs: readonly Sign[]): Stretch[] {
  const sorted = [...signs].sort((a, b) => a.wall - b.wall || a.at - b.at);
  const done: Stretch[] = [];
  let since: number | undefined;
  let left: Change | undefined;
  let next = 0;
  const takeSigns = (until: number): void => {
    for (; next < sorted.length && (sorted[next]?.wall ?? Infinity) <= until; next += 1) {
      const at = sorted[next]?.at ?? Infinity;
      if (since !== undefined || left === undefined) since = Math.min(at, since ?? Infinity);
    }
  };
  for (const change of changes) {
    takeSigns(change.stamp);
    if (change.change === "left") {
      if (since !== undefined) done.push({ from: since, to: endOf(change, since) });
      since = undefined;
      left = change;
    } else if (!left || isOrdered(left, change)) {
      since = Math.min(change.at, since ?? Infinity);
      left = undefined;
    }
  }
  takeSigns(Infinity);
  return since === undefined ? done : [...done, { from: since }];
}

/** When a membership ended; a stamp from the far future says nothing, so nothing is asked since its beginning. */
function endOf({ stamp, madeAt, at, wall }: Change, since: number): number {
  return stamp - wall > clockSkewMs ? Math.min(since, at) : madeAt;
}
