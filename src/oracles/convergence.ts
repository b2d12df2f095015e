import type { ConversationSnapshot, SnapshotMessage } from "../ledger/snapshot.js";
import { forkStatus } from "./fork-status.js";
import type { ForkOptions } from "./fork-status.js";
import { groupBy } from "../ledger/group.js";
import { firstInversion } from "./order.js";
import { readHistory } from "../ledger/history.js";
import { overtakenSends, SendRaces } from "./evidence/send-races.js";
import type { OvertakenOptions } from "./evidence/send-races.js";
import { owedHistory } from "./evidence/owed-history.js";
import { combineVerdicts, counted, verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/** What {@link convergence} compares beside the state of the group. Every field is optional. */
export interface ConvergenceOptions extends ForkOptions, OvertakenOptions {
  /** Also compare consent, which is each inbox's own choice. Default false. */
  readonly consent?: boolean;
  /**
   * Also compare the order in which the SDK lists messages. Default true. Where sends race with commits, leave
   * it out: libxmtp publishes such a message again, and its sender then keeps another time of sending than
   * everybody else (seen on 5.5.0).
   */
  readonly order?: boolean;
}

/**
 * Every installation sees the same conversation: active or not, epoch, members with their permission, admins,
 * super admins, metadata, ids and relative order of the application messages, and nobody is forked.
 *
 * Whoever differs from what most installations have is the offender. Messages from before an installation was a
 * member are not asked of it, nor those whose sender was removed while it sent, or had not been told yet that the
 * installation's inbox was added, as far as `events` shows that. Inconclusive with fewer than two snapshots, with
 * snapshots of different conversations, and while a fork status is unknown.
 */
export function convergence(
  snapshots: readonly ConversationSnapshot[],
  options: ConvergenceOptions = {},
): Verdict {
  const known = snapshots.filter((one) => one.known);
  const reason = notComparable(snapshots, known);
  if (reason !== undefined) return verdictOf("convergence", { checked: 0, offenders: [], undecided: reason });
  const offenders = [
    ...snapshots.flatMap((one) =>
      one.known ? [] : [offender("unknown-conversation", one, "lacks the conversation")],
    ),
    ...views(options).flatMap(([kind, view]) => outliers(kind, known, view)),
    ...lacking(known, options),
    ...(options.order === false ? [] : reordered(known)),
  ];
  const compared = verdictOf("convergence", { checked: snapshots.length, offenders });
  const forks = forkStatus(known, options);
  return combineVerdicts(
    "convergence",
    compared.status === "pass" && forks.status === "pass" ? [compared] : [compared, forks],
  );
}

function notComparable(
  snapshots: readonly ConversationSnapshot[],
  known: readonly ConversationSnapshot[],
): string | undefined {
  if (snapshots.length < 2)
    return `it takes two installations to compare, there ${snapshots.length === 1 ? "was 1" : "were 0"}`;
  const ids = new Set(snapshots.map((one) => one.conversationId));
  if (ids.size > 1) return `the snapshots show ${ids.size} different conversations`;
  return known.length === 0 ? "no installation has the conversation" : undefined;
}

type View = (snapshot: ConversationSnapshot) => string;

function views({ consent }: ConvergenceOptions): [kind: string, view: View][] {
  return [
    ["active", (one) => String(one.active)],
    ["epoch", (one) => String(one.epoch)],
    ["members", (one) => list(one.members.map((member) => `${member.inboxId}:${member.permission}`))],
    ["admins", (one) => list(one.admins)],
    ["super-admins", (one) => list(one.superAdmins)],
    [
      "metadata",
      (one) =>
        list(Object.entries(one.metadata).map(([field, value]) => `${field}=${JSON.stringify(value)}`)),
    ],
    ...(consent ? [["consent", (one) => one.consent] satisfies [string, View]] : []),
  ];
}

function list(items: readonly string[]): string {
  return `[${[...items].sort().join(", ")}]`;
}

/** Everybody whose view differs from the most common one (the first of several equally common ones). */
function outliers(kind: string, snapshots: readonly ConversationSnapshot[], view: View): Offender[] {
  const groups = [...groupBy(snapshots, view)].sort(([, a], [, b]) => b.length - a.length);
  const [[usual, most], ...others] = groups as [
    [string, ConversationSnapshot[]],
    ...[string, ConversationSnapshot[]][],
  ];
  return others.flatMap(([value, who]) =>
    who.map((one) =>
      offender(
        kind,
        one,
        `has ${kind} ${value}, ${counted(most.length, "installation")} ${most.length === 1 ? "has" : "have"} ${usual}`,
      ),
    ),
  );
}

function lacking(snapshots: readonly ConversationSnapshot[], options: ConvergenceOptions): Offender[] {
  const union = new Map<string, SnapshotMessage>();
  for (const one of snapshots) {
    for (const message of applicationMessages(one)) {
      // The sender's own copy is stamped by its own clock, everybody else's by the node's.
      if (!union.has(message.id) || message.senderInboxId !== one.inboxId) union.set(message.id, message);
    }
  }
  const [{ conversationId }] = snapshots as [ConversationSnapshot];
  const owed = owedHistory(options.events ?? [], conversationId);
  const isUnreadable = unreadable(conversationId, options);
  return snapshots.flatMap((one) => {
    const owes = owed(one);
    const held = new Set(applicationMessages(one).map((message) => message.id));
    const missing = [...union.values()].filter(
      (message) => !held.has(message.id) && owes(message) && !isUnreadable(message, one.inboxId),
    );
    if (missing.length === 0) return [];
    const ids = missing.map((message) => message.id).join(", ");
    return [
      offender("messages", one, `lacks ${missing.length} of ${counted(union.size, "message")}: ${ids}`),
    ];
  });
}

/** Whether the ledger shows that an inbox could not read a message, for its send raced with a change of members. */
function unreadable(
  conversationId: string,
  options: ConvergenceOptions,
): (message: SnapshotMessage, inboxId: string) => boolean {
  const history = readHistory(options.events ?? [], { conversationId });
  const sendOf = new Map(history.sends.map((send) => [send.messageId, send]));
  const races = new SendRaces(history.events);
  const isOvertaken = overtakenSends(history, races, options);
  return ({ id }, inboxId) => {
    const send = sendOf.get(id);
    if (!send) return false;
    return races.withAdditionOf(send, inboxId) || races.withOwnRemoval(send) || isOvertaken(send);
  };
}

/** Each installation that disagrees with an earlier one about the order of two messages; the first such pair. */
function reordered(snapshots: readonly ConversationSnapshot[]): Offender[] {
  const orders = snapshots.map((one) => applicationMessages(one).map((message) => message.id));
  return snapshots.flatMap((one, index) => {
    for (const [place, other] of snapshots.slice(0, index).entries()) {
      const inverted = firstInversion(orders[place] ?? [], orders[index] ?? []);
      if (!inverted) continue;
      const [x, y] = inverted;
      return [offender("message-order", one, `has ${y} before ${x}, ${other.worker} the other way round`)];
    }
    return [];
  });
}

function applicationMessages(snapshot: ConversationSnapshot): SnapshotMessage[] {
  return snapshot.messages.filter((message) => message.kind === "application");
}

function offender(kind: string, snapshot: ConversationSnapshot, what: string): Offender {
  const { worker, installationId } = snapshot;
  return { kind, worker, installationId, detail: `${worker} ${what}`, seqs: [] };
}
