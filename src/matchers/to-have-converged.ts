import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { convergence, verdictLines } from "../oracles/index.js";
import type { ConvergenceOptions, Verdict } from "../oracles/index.js";
import type { LedgerEvent } from "../ledger/events.js";
import type { ConversationSnapshot } from "../ledger/snapshot.js";
import { timeoutOf } from "../async/timeout.js";
import { namesByInbox, readable, withShortIds } from "../ledger/naming.js";
import { conversationIdOf } from "../ledger/party.js";
import type { ConversationLike } from "../ledger/party.js";
import { answer } from "./failure-text.js";
import { poll } from "./poll.js";
import { checkReceiver } from "./receivers.js";
import type { SilentParty, SnapshotSource } from "./receivers.js";

export interface ConvergedOptions extends Pick<ConvergenceOptions, "consent" | "order" | "overtaken"> {
  /** How long to wait, ms. Default: the timeout of `expect` (5,000 ms unless configured). */
  readonly timeout?: number;
}

interface Compared {
  readonly snapshots: readonly ConversationSnapshot[];
  readonly verdict: Verdict;
}

/**
 * Every worker in the list has the same view of the conversation: epoch, members, admins, metadata, the set and order of
 * messages, and none is forked. An unknown fork status is not healthy, so neither the matcher nor its `.not` passes:
 * `.not` needs an observed difference. Apps and pages in the list expose no state; the others are compared, and the
 * message says who could not be.
 */
export async function toHaveConverged(
  this: ExpectMatcherState,
  workers: Iterable<SnapshotSource | SilentParty>,
  conversation: ConversationLike,
  options: ConvergedOptions = {},
): Promise<MatcherReturnType> {
  checkReceiver("toHaveConverged", workers, "a list of parties");
  const conversationId = conversationIdOf(conversation);
  const all = [...workers];
  const list = all.filter(canTell);
  const silent = all.filter((one) => !canTell(one)).map((one) => one.name);
  const timeoutMs = timeoutOf(options, this.timeout);
  const events = (): readonly LedgerEvent[] => list[0]?.worker.events.events ?? [];
  const look = async (): Promise<Compared> => {
    const snapshots = await Promise.all(list.map((one) => one.snapshot(conversationId)));
    return { snapshots, verdict: convergence(snapshots, { ...options, events: events() }) };
  };
  const wanted = this.isNot ? "fail" : "pass";
  const {
    look: found,
    log,
    timedOut,
  } = await poll(timeoutMs, look, (one) => one.verdict.status === wanted, describe);
  const pass = found?.verdict.status === wanted ? !this.isNot : this.isNot;
  const names = namesByInbox(events());
  return answer(this, pass, {
    matcher: "toHaveConverged",
    receiver: all.map((one) => one.name).join(", ") || "no workers",
    expected: conversationId,
    expectedText: `the same state of conversation ${withShortIds(conversationId)} on all of them`,
    actual: found?.snapshots.map(stateOf),
    received: [
      ...(found
        ? [...verdictLines(found.verdict), ...found.snapshots.map(stateOf)].map((line) =>
            readable(line, names),
          )
        : ["no answer"]),
      ...silent.map((name) => `${name}: not judged, only a worker shows its state`),
    ],
    timeoutMs,
    timedOut,
    events: events(),
    log: [
      ...log,
      ...(silent.length === 0 ? [] : [`compared ${list.length} workers, without ${silent.join(", ")}`]),
    ],
  });
}

/** An app or a page keeps its state to itself. */
function canTell(one: SnapshotSource | SilentParty): one is SnapshotSource {
  return typeof (one as Partial<SnapshotSource>).snapshot === "function";
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
