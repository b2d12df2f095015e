import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { convergence, verdictLines } from "../oracles/index.js";
import type { ConvergenceOptions, Verdict } from "../oracles/index.js";
import type { LedgerEvent } from "../ledger/events.js";
import type { ConversationSnapshot } from "../ledger/snapshot.js";
import { answer } from "./failure-text.js";
import { poll } from "./poll.js";
import type { SnapshotSource } from "./receivers.js";

export interface ConvergedOptions extends Pick<ConvergenceOptions, "consent" | "order"> {
  /** How long to wait, ms. Default: the timeout of `expect` (5,000 ms unless configured). */
  readonly timeout?: number;
}

interface Compared {
  readonly snapshots: readonly ConversationSnapshot[];
  readonly verdict: Verdict;
}

/**
 * Every worker of the list sees the same conversation: epoch, members, admins, metadata, the set and order of
 * messages, and none is forked. An unknown fork status is not healthy, so it passes neither way round: `.not`
 * needs a difference that was seen.
 */
export async function toHaveConverged(
  this: ExpectMatcherState,
  workers: Iterable<SnapshotSource>,
  conversationId: string,
  options: ConvergedOptions = {},
): Promise<MatcherReturnType> {
  const list = [...workers];
  const timeoutMs = options.timeout ?? this.timeout;
  const events = (): readonly LedgerEvent[] => list[0]?.worker.events.events ?? [];
  const look = async (): Promise<Compared> => {
    const snapshots = await Promise.all(list.map((one) => one.snapshot(conversationId)));
    return { snapshots, verdict: convergence(snapshots, { ...options, events: events() }) };
  };
  const wanted = this.isNot ? "fail" : "pass";
  const { look: found, log } = await poll(timeoutMs, look, (one) => one.verdict.status === wanted, describe);
  const pass = found?.verdict.status === wanted ? !this.isNot : this.isNot;
  return answer(this, pass, {
    matcher: "toHaveConverged",
    receiver: list.map((one) => one.name).join(", ") || "no workers",
    expected: conversationId,
    expectedText: `the same state of conversation ${conversationId} on all of them`,
    actual: found?.snapshots.map(stateOf),
    received: found ? [...verdictLines(found.verdict), ...found.snapshots.map(stateOf)] : ["no answer"],
    timeoutMs,
    events: events(),
    log,
  });
}

function describe({ verdict }: Compared): string {
  if (verdict.status === "fail") return `${verdict.offenders.length} differences`;
  return verdict.status === "pass" ? "converged" : `inconclusive: ${verdict.reason}`;
}

function stateOf(snapshot: ConversationSnapshot): string {
  if (!snapshot.known) return `${snapshot.worker}: lacks the conversation`;
  const { worker, epoch, members, messages, fork } = snapshot;
  return `${worker}: epoch ${epoch}, ${members.length} members, ${messages.length} messages, fork status ${fork}`;
}
