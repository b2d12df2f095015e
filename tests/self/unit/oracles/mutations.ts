/** Single faults in a correct history, each with the verdicts that claim to find it. */
import type { SeededRandom } from "../../../../src/random.js";
import {
  clockSkew,
  convergence,
  exactlyOnce,
  forkStatus,
  gapAfterReconnect,
  noForeign,
  noLoss,
  noLossInDatabase,
  orderPerConversation,
  orderPerSender,
  stopGuarantee,
  streamGuarantee,
  verifyConsent,
  verifyConversations,
  verifyMembership,
  verifyMessages,
  verifyMetadata,
  verifyResponses,
} from "../../../../src/oracles/index.js";
import type { Installation, Verdict } from "../../../../src/oracles/index.js";
import type { LedgerEvent, ReceiveEvent, SendEvent } from "../../../../src/ledger/events.js";
import type { ConversationSnapshot } from "../../../../src/ledger/snapshot.js";
import type { CorrectHistory } from "./histories.js";

export interface Judged {
  readonly events: readonly LedgerEvent[];
  readonly snapshots: readonly ConversationSnapshot[];
}

const carol: Installation = { worker: "carol", inboxId: "inbox-carol", installationId: "carol-1" };
const alice: Installation = { worker: "alice", inboxId: "inbox-alice", installationId: "alice-1" };

/** Every verdict, by name, over one history. `of` is the correct one, whose sends and changes are what is expected. */
export function verdicts(of: CorrectHistory): Readonly<Record<string, (judged: Judged) => Verdict>> {
  const { asOf, group: conversationId } = of;
  const sent = of.events.filter(
    (one): one is SendEvent => one.kind === "send" && one.conversationId === conversationId,
  );
  const expected = sent.filter((one) =>
    of.owed.some(({ send, worker }) => send === one && worker === "carol"),
  );
  const updates = of.events
    .filter((one) => one.kind === "receive")
    .filter((one) => one.update && one.worker === "carol");
  const changes = updates.flatMap(({ update }) => [
    ...(update?.addedInboxIds ?? []).map((inboxId) => ({ change: "added" as const, inboxId })),
    ...(update?.removedInboxIds ?? []).map((inboxId) => ({ change: "removed" as const, inboxId })),
  ]);
  const welcomes = of.events
    .filter((one) => one.kind === "conversation")
    .filter((one) => one.worker === "carol")
    .map((one) => ({ conversationId: one.conversationId, byInboxId: one.addedByInboxId }));
  return {
    noLoss: ({ events }) => noLoss(events, { asOf }),
    noLossInDatabase: ({ events, snapshots }) => noLossInDatabase(events, snapshots),
    exactlyOnce: ({ events }) => exactlyOnce(events, { republished: "allow" }),
    noForeign: ({ events }) => noForeign(events),
    orderPerSender: ({ events }) => orderPerSender(events),
    orderPerConversation: ({ events }) => orderPerConversation(events),
    gapAfterReconnect: ({ events }) => gapAfterReconnect(events, { asOf }),
    stopGuarantee: ({ events }) => stopGuarantee(events),
    streamGuarantee: ({ events }) => streamGuarantee(events),
    clockSkew: ({ events }) => clockSkew(events),
    forkStatus: ({ events, snapshots }) => forkStatus(snapshots, { events }),
    convergence: ({ events, snapshots }) => convergence(snapshots, { events }),
    verifyMessages: ({ events }) =>
      of.republished.size > 0
        ? { status: "inconclusive", oracle: "messages", reason: "copies that are not duplicates" }
        : verifyMessages(events, [carol], { conversationId, messages: expected, foreign: "list" }).verdict,
    verifyMetadata: ({ events }) =>
      verifyMetadata(events, [carol], {
        ...{ conversationId, field: "group_name" },
        changes: of.renames.map((value) => ({ value })),
      }).verdict,
    verifyMembership: ({ events }) => verifyMembership(events, [carol], { conversationId, changes }).verdict,
    verifyConversations: ({ events }) =>
      verifyConversations(events, [carol], { conversations: welcomes }).verdict,
    verifyConsent: ({ events }) =>
      verifyConsent(events, [{ ...alice, installationId: "alice-consents" }], { changes: of.consents })
        .verdict,
    verifyResponses: ({ events }) =>
      verifyResponses(events, alice, { questions: of.questions, responderInboxId: "inbox-dave" }).verdict,
  };
}

export interface Mutation {
  readonly name: string;
  readonly judged: Judged;
  /** The verdicts that must find it. */
  readonly claimedBy: readonly string[];
}

type Mutator = (of: CorrectHistory, random: SeededRandom) => Mutation | undefined;

function pick<T>(items: readonly T[], random: SeededRandom): T | undefined {
  return items.length === 0 ? undefined : items[random.int(0, items.length - 1)];
}

const receipts = (of: CorrectHistory): ReceiveEvent[] => of.events.filter((one) => one.kind === "receive");
const said = (of: CorrectHistory): ReceiveEvent[] => receipts(of).filter((one) => !one.update);
const streamed = (of: CorrectHistory): ReceiveEvent[] => said(of).filter((one) => one.source === "stream");

function without(of: CorrectHistory, gone: (event: LedgerEvent) => boolean): Judged {
  return { events: of.events.filter((one) => !gone(one)), snapshots: of.snapshots };
}

function after(of: CorrectHistory, place: LedgerEvent, ...more: readonly LedgerEvent[]): Judged {
  const index = of.events.indexOf(place) + 1;
  return {
    events: [...of.events.slice(0, index), ...more, ...of.events.slice(index)],
    snapshots: of.snapshots,
  };
}

function replaced(of: CorrectHistory, old: LedgerEvent, other: LedgerEvent): Judged {
  return { events: of.events.map((one) => (one === old ? other : one)), snapshots: of.snapshots };
}

/** The same history with one snapshot changed. */
function seen(
  of: CorrectHistory,
  at: ConversationSnapshot | undefined,
  change: Partial<ConversationSnapshot>,
): Judged {
  return {
    events: of.events,
    snapshots: of.snapshots.map((one) => (one === at ? { ...one, ...change } : one)),
  };
}

const isExpected = (of: CorrectHistory, one: ReceiveEvent): boolean =>
  one.worker === "carol" && one.conversationId === of.group && of.republished.size === 0;

const loss: Mutator = (of, random) => {
  const owed = pick(of.owed, random);
  if (!owed) return undefined;
  const { send, worker, inGap } = owed;
  const isVerified = worker === "carol" && send.conversationId === of.group && of.republished.size === 0;
  return {
    name: inGap ? "loss in a gap" : "loss",
    judged: without(
      of,
      (one) => one.kind === "receive" && one.worker === worker && one.messageId === send.messageId,
    ),
    claimedBy: ["noLoss", ...(inGap ? ["gapAfterReconnect"] : []), ...(isVerified ? ["verifyMessages"] : [])],
  };
};

const duplicate: Mutator = (of, random) => {
  const one = pick(streamed(of), random);
  if (!one) return undefined;
  const copy = { ...one, streamSeq: one.streamSeq + 0.5 };
  const last = streamed(of).findLast(
    (other) => other.worker === one.worker && other.messageId === one.messageId,
  );
  const isJudged = isExpected(of, one) && one.senderInboxId !== carol.inboxId && isAcknowledged(of, one);
  return {
    name: of.republished.has(one.messageId) ? "a third copy, or a second own one" : "duplicate",
    judged: after(of, last ?? one, copy),
    claimedBy: ["exactlyOnce", ...(isJudged ? ["verifyMessages"] : [])],
  };
};

const isAcknowledged = (of: CorrectHistory, one: ReceiveEvent): boolean =>
  of.events.some((send) => send.kind === "send" && send.messageId === one.messageId);

const resent: Mutator = (of, random) => {
  const one = pick(
    streamed(of).filter((each) => isAcknowledged(of, each)),
    random,
  );
  const isOpen = of.events.some((send) => send.kind === "send" && send.messageId === undefined);
  if (!one || isOpen) return undefined;
  const copy = { ...one, messageId: `${one.messageId} again`, streamSeq: one.streamSeq + 0.5 };
  return { name: "a copy under another id", judged: after(of, one, copy), claimedBy: ["noForeign"] };
};

const foreign: Mutator = (of, random) => {
  const one = pick(said(of), random);
  if (!one) return undefined;
  const message = { ...one, messageId: "x", senderInboxId: "inbox-mallory", streamSeq: one.streamSeq + 0.5 };
  return { name: "a foreign message", judged: after(of, one, message), claimedBy: ["noForeign"] };
};

const forged: Mutator = (of, random) => {
  const one = pick(
    said(of).filter((each) => isAcknowledged(of, each)),
    random,
  );
  if (
    !one ||
    said(of).find((other) => other.worker === one.worker && other.messageId === one.messageId) !== one
  )
    return undefined;
  const change = pick<Partial<ReceiveEvent>>(
    [
      { payload: { hash: "other", text: "other" } },
      { senderInboxId: "inbox-mallory" },
      { conversationId: "elsewhere" },
    ],
    random,
  );
  const isJudged = isExpected(of, one) && one.senderInboxId !== carol.inboxId;
  return {
    name: "a wrong value, sender or conversation",
    judged: replaced(of, one, { ...one, ...change }),
    claimedBy: ["noForeign", ...(isJudged ? ["verifyMessages"] : [])],
  };
};

const reorder: Mutator = (of, random) => {
  const sends = new Map(
    of.events.flatMap((one) => (one.kind === "send" && one.messageId ? [[one.messageId, one] as const] : [])),
  );
  const pairs = [...new Set(streamed(of).map((one) => one.worker))].flatMap((worker) => {
    const own = streamed(of).filter((one) => one.worker === worker && !of.republished.has(one.messageId));
    return own.flatMap((first, at) => {
      const second = own.slice(at + 1).find((one) => one.conversationId === first.conversationId);
      return second && sends.has(first.messageId) && sends.has(second.messageId)
        ? [[first, second] as const]
        : [];
    });
  });
  const pair = pick(pairs, random);
  if (!pair) return undefined;
  const [first, second] = pair;
  const stamp = ({ seq, at, wall, streamSeq }: ReceiveEvent) => ({ seq, at, wall, streamSeq });
  const events = of.events.map((one) =>
    one === first ? { ...second, ...stamp(first) } : one === second ? { ...first, ...stamp(second) } : one,
  );
  const ofOne = sends.get(first.messageId)?.installationId === sends.get(second.messageId)?.installationId;
  const witnessed = [...new Set(streamed(of).map((one) => one.worker))].some(
    (worker) =>
      worker !== first.worker &&
      [first, second].every(({ messageId }) =>
        streamed(of).some((one) => one.worker === worker && one.messageId === messageId),
      ),
  );
  const isJudged = [first, second].every((one) => isExpected(of, one) && one.senderInboxId !== carol.inboxId);
  const claimedBy = [
    ...(ofOne ? ["orderPerSender"] : []),
    ...(witnessed ? ["orderPerConversation"] : []),
    ...(isJudged ? ["verifyMessages"] : []),
  ];
  return claimedBy.length === 0
    ? undefined
    : { name: "reorder", judged: { events, snapshots: of.snapshots }, claimedBy };
};

const late: Mutator = (of, random) => {
  const end = pick(
    of.events.filter((one) => one.kind === "stream" && one.state === "ended"),
    random,
  );
  const one = pick(streamed(of), random);
  if (end?.kind !== "stream" || !one) return undefined;
  const { worker, inboxId, installationId, streamId, at, wall, seq } = end;
  const message = {
    ...one,
    worker,
    inboxId,
    installationId,
    streamId,
    at: at + 0.5,
    wall,
    seq: seq + 0.5,
    streamSeq: 1e6,
  };
  return { name: "an event after the end", judged: after(of, end, message), claimedBy: ["stopGuarantee"] };
};

const early: Mutator = (of, random) => {
  const live = pick(
    of.events.filter((one) => one.kind === "stream" && one.state === "live"),
    random,
  );
  const one = pick(
    streamed(of).filter((each) => each.worker === live?.worker),
    random,
  );
  if (live?.kind !== "stream" || !one) return undefined;
  const message = { ...one, streamId: live.streamId, streamSeq: 0, installationId: live.installationId };
  const index = of.events.indexOf(live);
  const events = [...of.events.slice(0, index), message, ...of.events.slice(index)];
  return {
    name: "an event before the stream was live",
    judged: { events, snapshots: of.snapshots },
    claimedBy: ["streamGuarantee"],
  };
};

const revived: Mutator = (of, random) => {
  const live = pick(
    of.events.filter((one) => one.kind === "stream" && one.state === "live"),
    random,
  );
  if (live?.kind !== "stream") return undefined;
  const restart = { ...live, state: "restart" as const };
  return {
    name: "a restart that nothing explains",
    judged: after(of, live, restart),
    claimedBy: ["streamGuarantee"],
  };
};

const skew: Mutator = (of, random) => {
  const one = pick(
    said(of).filter((each) => isAcknowledged(of, each)),
    random,
  );
  if (!one) return undefined;
  const off = BigInt(random.int(2_000, 90_000)) * 1_000_000n * (random.int(0, 1) === 0 ? 1n : -1n);
  const sentAtNs = String(BigInt(one.sentAtNs) + off);
  return {
    name: "skew beyond the bound",
    judged: replaced(of, one, { ...one, sentAtNs }),
    claimedBy: ["clockSkew"],
  };
};

const fork: Mutator = (of, random) => {
  const one = pick(of.snapshots, random);
  if (!one || of.snapshots.length < 2) return undefined;
  const change = pick<Partial<ConversationSnapshot>>(
    [{ epochAuthenticator: "ffffff" }, { fork: "forked" }, { epoch: 8, epochAuthenticator: "ffffff" }],
    random,
  );
  return {
    name: "a fork",
    judged: seen(of, one, change ?? {}),
    claimedBy:
      change?.epoch === undefined ? ["forkStatus", "convergence"] : ["convergence", "not pass: forkStatus"],
  };
};

const lostInDatabase: Mutator = (of, random) => {
  const one = pick(of.snapshots, random);
  const owed = of.owed.filter(
    ({ worker, send }) => worker === one?.worker && send.conversationId === of.group,
  );
  const gone = pick(owed, random)?.send.messageId;
  if (!one || gone === undefined || !one.messages.some(({ id }) => id === gone)) return undefined;
  const shared = of.snapshots.some((other) => other !== one && other.messages.some(({ id }) => id === gone));
  return {
    name: "a message that one database lacks",
    judged: seen(of, one, { messages: one.messages.filter(({ id }) => id !== gone) }),
    claimedBy: ["noLossInDatabase", ...(shared ? ["convergence"] : [])],
  };
};

const differs: Mutator = (of, random) => {
  const one = pick(of.snapshots, random);
  if (!one || of.snapshots.length < 2) return undefined;
  const change = pick<Partial<ConversationSnapshot>>(
    [
      { members: [...one.members, { inboxId: "inbox-mallory", permission: "member" }] },
      { metadata: { name: "other" } },
      { active: false },
      { admins: ["inbox-bob"] },
      { known: false },
    ],
    random,
  );
  return { name: "another state", judged: seen(of, one, change ?? {}), claimedBy: ["convergence"] };
};

const relisted: Mutator = (of, random) => {
  const one = pick(of.snapshots, random);
  const at = random.int(0, Math.max(0, (one?.messages.length ?? 0) - 2));
  const [first, second] = one?.messages.slice(at, at + 2) ?? [];
  if (!one || !first || !second) return undefined;
  const has = (snapshot: ConversationSnapshot, id: string): boolean =>
    snapshot.messages.some((m) => m.id === id);
  if (!of.snapshots.some((other) => other !== one && has(other, first.id) && has(other, second.id)))
    return undefined;
  const messages = [...one.messages.slice(0, at), second, first, ...one.messages.slice(at + 2)];
  return {
    name: "another order in one database",
    judged: seen(of, one, { messages }),
    claimedBy: ["convergence"],
  };
};

/** Of the events that a verification expects, one is lost, doubled or swapped with the next. */
function disturbed(verification: string, concerned: (event: LedgerEvent) => boolean, swaps = true): Mutator {
  return (of, random) => {
    const all = of.events.filter(concerned);
    const one = pick(all, random);
    if (!one) return undefined;
    const next = all[all.indexOf(one) + 1];
    const how = random.int(0, swaps ? 2 : 1);
    const name = `${verification}: ${["loss", "duplicate", "reorder"][how]}`;
    const isStream = "source" in one && one.source === "stream";
    if (how === 0) return { name, judged: without(of, (each) => each === one), claimedBy: [verification] };
    if (how === 1 && isStream) return { name, judged: after(of, one, { ...one }), claimedBy: [verification] };
    if (how !== 2 || !next || !isStream || !("source" in next) || next.source !== "stream") return undefined;
    if (same(one, next)) return undefined;
    const events = of.events.map((each) => (each === one ? next : each === next ? one : each));
    return { name, judged: { events, snapshots: of.snapshots }, claimedBy: [verification] };
  };
}

/** Whether two events say the same, so that nobody could tell them apart. */
function same(a: LedgerEvent, b: LedgerEvent): boolean {
  const value = (one: LedgerEvent): string =>
    one.kind === "receive"
      ? JSON.stringify(one.update)
      : one.kind === "consent"
        ? one.entity + one.state
        : "";
  return value(a) === value(b);
}

const ofCarol = (event: LedgerEvent): event is ReceiveEvent =>
  event.kind === "receive" && event.worker === "carol";
const answers = (event: LedgerEvent): boolean =>
  event.kind === "receive" &&
  event.worker === "alice" &&
  event.senderInboxId === "inbox-dave" &&
  event.conversationId === "talk";

/** One answer twice in the place of the next, which is lost. */
const swallowed: Mutator = (of, random) => {
  const all = of.events.filter(answers);
  const one = pick(all.slice(0, -1), random);
  const next = one && all[all.indexOf(one) + 1];
  if (one?.kind !== "receive" || next?.kind !== "receive") return undefined;
  const { seq, at, wall, streamSeq } = next;
  return {
    name: "a duplicate in the place of a lost answer",
    judged: replaced(of, next, { ...one, seq, at, wall, streamSeq }),
    claimedBy: ["verifyResponses", "exactlyOnce", "noLoss"],
  };
};

export const mutators: readonly Mutator[] = [
  ...[
    loss,
    loss,
    loss,
    duplicate,
    duplicate,
    resent,
    foreign,
    forged,
    reorder,
    reorder,
    late,
    early,
    revived,
  ],
  ...[skew, fork, lostInDatabase, differs, relisted, swallowed],
  disturbed("verifyMetadata", (one) => ofCarol(one) && (one.update?.fields.length ?? 0) > 0),
  disturbed("verifyMembership", (one) => {
    if (!ofCarol(one) || !one.update) return false;
    return one.update.addedInboxIds.length + one.update.removedInboxIds.length > 0;
  }),
  disturbed("verifyConsent", (one) => one.kind === "consent"),
  disturbed("verifyResponses", answers, false),
];
