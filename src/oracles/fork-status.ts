import type { LedgerEvent } from "../ledger/events.js";
import type { ConversationSnapshot } from "../ledger/snapshot.js";
import { groupBy } from "../ledger/group.js";
import { readdedInboxes } from "./evidence/membership.js";
import { counted, verdictOf } from "./verdict.js";
import type { Verdict } from "./verdict.js";

/** What {@link forkStatus} knows beside the snapshots. */
export interface ForkOptions {
  /** The test's ledger, from which removals and re-additions are known. Default: none, so every `forked` flag counts. */
  readonly events?: readonly LedgerEvent[];
}

/**
 * No installation is forked: by its own word, after reconciling its commit log, or by comparison with others.
 *
 * Its own word has three values: `unknown` means that the commit log has not been reconciled (libxmtp #2305,
 * #3683), which is inconclusive, never healthy. Yet installations can be compared: at one epoch equal epoch
 * authenticators prove the same group state, different ones a fork. Equal ones alone say only that two are not forked
 * from each other, so an unknown installation is vouched for by one that is healthy by its own word, or where all
 * active installations hold one state: two camps at different epochs vouch for nobody. Conversations are judged apart. A `forked` flag on an installation whose inbox was removed and
 * added again is inconclusive too: before libxmtp #3760 that history alone raised the flag.
 */
export function forkStatus(snapshots: readonly ConversationSnapshot[], options: ForkOptions = {}): Verdict {
  const known = snapshots.filter((one) => one.known);
  const apart = disagreeing(known);
  const forked = known.filter((one) => one.fork === "forked" || apart.includes(one));
  const doubtful = forked.filter((one) => !apart.includes(one) && isReadded(one, options.events ?? []));
  const reasons = [
    ...(known.length === 0 ? ["no installation has the conversation"] : []),
    ...doubtful.map(
      (one) =>
        `${one.worker} is flagged as forked, but was removed and added again, which raises the flag falsely before libxmtp #3760; compare epochs and messages instead`,
    ),
    ...[...groupBy(known, (one) => one.conversationId).values()].flatMap((of) => unknownReasons(of)),
  ];
  return verdictOf("forkStatus", {
    checked: known.length,
    offenders: forked
      .filter((one) => !doubtful.includes(one))
      .map((one) => ({
        kind: "forked",
        worker: one.worker,
        installationId: one.installationId,
        detail: `${one.worker} is forked at epoch ${one.epoch}${detailOf(one, apart.includes(one))}`,
        seqs: [],
      })),
    undecided: reasons.join("; ") || undefined,
  });
}

function detailOf({ forkDetail, epochAuthenticator }: ConversationSnapshot, apart: boolean): string {
  const parts = [
    ...(apart ? [`its epoch authenticator is ${epochAuthenticator}, most have another`] : []),
    ...(forkDetail === "" ? [] : [forkDetail]),
  ];
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}

/** Installations whose epoch authenticator is not the most common one of their epoch. */
function disagreeing(snapshots: readonly ConversationSnapshot[]): ConversationSnapshot[] {
  const shown = snapshots.filter((one) => one.epochAuthenticator !== undefined);
  return [...groupBy(shown, (one) => `${one.conversationId} ${one.epoch}`).values()].flatMap((peers) => {
    const groups = [...groupBy(peers, (one) => one.epochAuthenticator ?? "").values()];
    return groups
      .sort((a, b) => b.length - a.length)
      .slice(1)
      .flat();
  });
}

/** True when others prove, by holding the same group state, that this installation is not forked. */
function isVouchedFor(one: ConversationSnapshot, all: readonly ConversationSnapshot[]): boolean {
  const others = all.filter((peer) => peer.installationId !== one.installationId);
  const camp = others.filter((peer) => holdsSameState(one, peer));
  if (camp.some((peer) => peer.fork === "healthy")) return true;
  return camp.length > 0 && others.every((peer) => !peer.active || camp.includes(peer));
}

function holdsSameState(one: ConversationSnapshot, peer: ConversationSnapshot): boolean {
  return (
    one.epochAuthenticator !== undefined &&
    peer.epoch === one.epoch &&
    peer.epochAuthenticator === one.epochAuthenticator
  );
}

function isReadded(snapshot: ConversationSnapshot, events: readonly LedgerEvent[]): boolean {
  return readdedInboxes(events, snapshot.conversationId).has(snapshot.inboxId);
}

function unknownReasons(snapshots: readonly ConversationSnapshot[]): string[] {
  const unknown = snapshots
    .filter((one) => one.fork === "unknown" && !isVouchedFor(one, snapshots))
    .map((one) => one.worker);
  if (unknown.length === 0) return [];
  const who = `${counted(unknown.length, "installation")} (${unknown.join(", ")})`;
  return [
    `the fork status of ${who} is unknown; reconcile the commit log first, then take the snapshot again`,
  ];
}
