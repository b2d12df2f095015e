/**
 * What an oracle says. There are three answers, not two: an oracle that had nothing to judge, or that cannot
 * know yet, says `inconclusive` with the reason, and nobody may count that as healthy.
 */

/** One thing that broke the rule, with the ledger positions that show it. */
export interface Offender {
  /** Stable, for code: for example "lost", "duplicate-id", "epoch". */
  readonly kind: string;
  /** The worker that saw (or missed) it; "" when it is nobody's in particular. */
  readonly worker: string;
  /** That worker's installation; "" when it is nobody's in particular. */
  readonly installationId: string;
  /** One line for people, with values. */
  readonly detail: string;
  /** The message concerned; absent where it is none, or its id is not known. */
  readonly messageId?: string;
  /** `seq` of the ledger events concerned, oldest first; empty for what only snapshots show. */
  readonly seqs: readonly number[];
}

/** The rule holds for all that was judged. */
export interface Pass {
  readonly status: "pass";
  /** Which rule was judged: the oracle's name, for example "noLoss". */
  readonly oracle: string;
  /** How many things were judged; at least 1. */
  readonly checked: number;
  /**
   * How many of the things that the oracle is about nobody could be asked for, where there were any: for `noLoss`,
   * acknowledged sends that no installation owes. A member whom the ledger has never seen as one is among the reasons.
   */
  readonly unjudged?: number;
}

/** The rule is broken, and `offenders` say by whom. A fail goes before a reason to be inconclusive. */
export interface Fail {
  readonly status: "fail";
  /** As in {@link Pass}. */
  readonly oracle: string;
  /** One line for people: the oracle, how many offenders, and the first one's `detail`. */
  readonly summary: string;
  /** At least one. */
  readonly offenders: readonly Offender[];
}

/** Nothing was judged, or it cannot be known yet. It never counts as a pass: `expect(verdict).toHold()` fails on it. */
export interface Inconclusive {
  readonly status: "inconclusive";
  /** As in {@link Pass}. */
  readonly oracle: string;
  /** Why it cannot be said, and what would make it sayable. */
  readonly reason: string;
}

/** What every oracle returns; `status` tells the three apart. {@link verdictLines} writes it for people. */
export type Verdict = Pass | Fail | Inconclusive;

/**
 * The one place that turns findings into a verdict: offenders make a fail, else `undecided` (a reason) makes it
 * inconclusive, else it is a pass over `checked` things.
 */
export function verdictOf(
  oracle: string,
  findings: {
    readonly checked: number;
    readonly unjudged?: number;
    readonly offenders: readonly Offender[];
    readonly undecided?: string | undefined;
  },
): Verdict {
  const { checked, unjudged = 0, offenders, undecided } = findings;
  if (offenders.length > 0) {
    const summary = `${oracle}: ${counted(offenders.length, "violation")}, the first: ${offenders[0]?.detail}`;
    return { status: "fail", oracle, summary, offenders };
  }
  if (undecided !== undefined) return { status: "inconclusive", oracle, reason: undecided };
  return { status: "pass", oracle, checked, ...(unjudged > 0 && { unjudged }) };
}

/** The worst of several verdicts: a fail with everybody's offenders, else the reasons, else a pass. */
export function combineVerdicts(oracle: string, verdicts: readonly Verdict[]): Verdict {
  const reasons = verdicts.flatMap((one) =>
    one.status === "inconclusive" ? [`${one.oracle}: ${one.reason}`] : [],
  );
  return verdictOf(oracle, {
    checked: sumOf(verdicts, (one) => one.checked),
    unjudged: sumOf(verdicts, (one) => one.unjudged ?? 0),
    offenders: verdicts.flatMap((one) => (one.status === "fail" ? one.offenders : [])),
    undecided: verdicts.length === 0 ? "there was nothing to combine" : reasons.join("; ") || undefined,
  });
}

function sumOf(verdicts: readonly Verdict[], figure: (pass: Pass) => number): number {
  return verdicts.reduce((sum, one) => sum + (one.status === "pass" ? figure(one) : 0), 0);
}

function judged({ checked, unjudged }: Pass): string {
  return unjudged === undefined ? `${checked} judged` : `${checked} judged, ${unjudged} owed to nobody`;
}

/** Lines for a failure text: the summary or reason, then up to `limit` (default 10) offenders. */
export function verdictLines(verdict: Verdict, limit = 10): string[] {
  if (verdict.status === "pass") return [`${verdict.oracle}: pass (${judged(verdict)})`];
  if (verdict.status === "inconclusive") return [`${verdict.oracle}: inconclusive: ${verdict.reason}`];
  const { oracle, offenders } = verdict;
  const rest = offenders.length - limit;
  return [
    `${oracle}: ${counted(offenders.length, "violation")}`,
    ...offenders.slice(0, limit).map((one) => `  ${one.kind}: ${one.detail}`),
    ...(rest > 0 ? [`  … and ${rest} more`] : []),
  ];
}

/** `1 message`, `2 messages`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
