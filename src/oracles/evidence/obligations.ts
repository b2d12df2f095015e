import type { LedgerEvent, SendEvent } from "../../ledger/events.js";
import { groupBy } from "../../ledger/group.js";
import type { History } from "../../ledger/history.js";
import { joinings } from "./late-installations.js";
import { listeners } from "./listening.js";
import type { Listening } from "./listening.js";
import { Members, membershipsOf } from "./membership.js";
import type { Membership } from "./membership.js";
import { SendRaces } from "./send-races.js";

/** An acknowledged send and an installation that must be given it. */
export interface Obligation {
  readonly send: SendEvent & { readonly endedAt: number };
  readonly receiver: Listening;
}

/**
 * Who owes whom: every acknowledged send, to every installation but the sending one that was a member and
 * listened from before the call until after its acknowledgement. An installation that was made when its inbox was
 * a member already is asked from its own first sign in the conversation. Who was added only just is owed nothing by
 * senders that had not been told yet. What its sender was removed during, and sends that are `unknown`, `pending` or
 * `failed`, are owed to nobody.
 */
export function obligations(history: History, memberships: readonly Membership[]): Obligation[] {
  const byInbox = groupBy(listeners(history.events), (one) => one.inboxId);
  const members = new Members(memberships);
  const hasJoined = joinings(history, members);
  const races = new SendRaces(history.events);
  return history.sends.flatMap((send) => {
    if (!isAcknowledged(send)) return [];
    const { conversationId, at, endedAt, installationId } = send;
    if (races.withOwnRemoval(send)) return [];
    return members.of(conversationId).flatMap(([inboxId, spans]) => {
      const listening = byInbox.get(inboxId);
      if (!listening || spans.covering(at, endedAt) === undefined) return [];
      if (races.withAdditionOf(send, inboxId)) return [];
      return listening
        .filter(
          (receiver) =>
            receiver.installationId !== installationId &&
            receiver.listened.covering(at, endedAt) !== undefined &&
            hasJoined(receiver, conversationId, at),
        )
        .map((receiver) => ({ send, receiver }));
    });
  });
}

export function isAcknowledged(send: SendEvent): send is SendEvent & { readonly endedAt: number } {
  return send.outcome === "ok" && send.endedAt !== undefined;
}

/** Which (installation, send) pairs have been met, and by what. */
export interface Deliveries {
  /** Ways the send reached the installation; empty when it did not. */
  sources(receiver: Listening, send: SendEvent): ReadonlySet<string>;
}

export function deliveries(history: History): Deliveries {
  const reached = new Map<string, Map<SendEvent, Set<string>>>();
  for (const receive of history.receives) {
    const send = history.sendOf(receive);
    if (!send) continue;
    const ofInstallation = reached.get(receive.installationId) ?? new Map<SendEvent, Set<string>>();
    reached.set(receive.installationId, ofInstallation);
    ofInstallation.set(send, (ofInstallation.get(send) ?? new Set<string>()).add(receive.source));
  }
  const none: ReadonlySet<string> = new Set();
  return { sources: (receiver, send) => reached.get(receiver.installationId)?.get(send) ?? none };
}

/** The memberships given, else those the ledger shows. */
export function membershipsFor(
  events: readonly LedgerEvent[],
  given: readonly Membership[] | undefined,
): readonly Membership[] {
  return given ?? membershipsOf(events);
}
