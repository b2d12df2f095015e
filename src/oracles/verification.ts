/**
 * The calculus under the verification helpers: what was expected, by value and identity, against what each
 * receiver saw. Nothing is counted that was not asked for, and nothing counts twice.
 */
import type { Installation } from "./evidence/listening.js";
import { groupBy } from "./evidence/history.js";
import { counted, verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/** Something each receiver should see once, in this place of the order. */
export interface Expected {
  /** Identity: what was said, and by whom or about whom. Equal keys mean "that many times". */
  readonly key: string;
  /** For people. */
  readonly label: string;
  /** When it was done, monotonic ms; needed for latency. */
  readonly at?: number;
}

/** Something one receiver saw. */
export interface Observed {
  readonly installationId: string;
  readonly key: string;
  readonly label: string;
  readonly at: number;
  readonly seq: number;
}

export interface VerificationRules {
  /** What was seen without having been expected: `fail` (default), or only `list` it, where other traffic runs. */
  readonly foreign?: "fail" | "list";
}

export interface Latency {
  readonly label: string;
  /** From the expected event's own `at` to this receiver's own event. */
  readonly ms: number;
}

export interface ReceiverReport extends Installation {
  readonly received: readonly string[];
  readonly missing: readonly string[];
  /** What came more often than expected, once per surplus copy. */
  readonly duplicates: readonly string[];
  readonly foreign: readonly string[];
  /** What came later than something that was expected after it. */
  readonly outOfOrder: readonly string[];
  readonly latencies: readonly Latency[];
}

export interface Verification {
  readonly receivers: readonly ReceiverReport[];
  /** Share of what was expected that came, over all receivers, 0 to 100; undefined when nothing was expected. */
  readonly receptionPercent: number | undefined;
  /**
   * Share of what was expected that came and in its place, 0 to 100: a lost message is not "in order". Per receiver
   * it is the longest run of received events that keeps the expected order.
   */
  readonly orderPercent: number | undefined;
  readonly verdict: Verdict;
}

/** Compares `observed` with `expected` for each receiver. Inconclusive when nothing was expected of anybody. */
export function verify(
  name: string,
  receivers: readonly Installation[],
  expected: readonly Expected[],
  observed: readonly Observed[],
  rules: VerificationRules = {},
): Verification {
  const judged = receivers.map((receiver) => {
    const own = observed.filter((one) => one.installationId === receiver.installationId);
    return judge(name, receiver, expected, own, rules);
  });
  const asked = receivers.length * expected.length;
  const share = (count: (one: Judged) => number): number | undefined =>
    asked === 0 ? undefined : (100 * judged.reduce((sum, one) => sum + count(one), 0)) / asked;
  return {
    receivers: judged.map((one) => one.report),
    receptionPercent: share((one) => one.report.received.length),
    orderPercent: share((one) => one.inOrder),
    verdict: verdictOf(name, {
      checked: asked,
      offenders: judged.flatMap((one) => one.offenders),
      undecided: asked === 0 ? nothingAsked(receivers) : undefined,
    }),
  };
}

interface Judged {
  readonly report: ReceiverReport;
  readonly inOrder: number;
  readonly offenders: readonly Offender[];
}

function nothingAsked(receivers: readonly Installation[]): string {
  return receivers.length === 0 ? "there is no receiver" : "nothing was expected";
}

function judge(
  name: string,
  receiver: Installation,
  expected: readonly Expected[],
  observed: readonly Observed[],
  rules: VerificationRules,
): Judged {
  const places = groupBy([...expected.entries()], ([, one]) => one.key);
  const met: { readonly place: number; readonly seen: Observed }[] = [];
  const duplicates: Observed[] = [];
  const foreign: Observed[] = [];
  for (const seen of observed) {
    const open = places.get(seen.key);
    if (!open) foreign.push(seen);
    else {
      const next = open.shift();
      if (next) met.push({ place: next[0], seen });
      else duplicates.push(seen);
    }
  }
  const found = new Set(met.map((one) => one.place));
  const missing = expected.filter((_, place) => !found.has(place));
  const late = met.filter(({ place }, index) => met.slice(0, index).some((before) => before.place > place));
  const { worker, installationId } = receiver;
  const offender = (kind: string, what: string, seqs: readonly number[]): Offender => {
    return { kind, worker, installationId, detail: `${worker} ${what}`, seqs };
  };
  return {
    report: {
      worker,
      installationId,
      inboxId: receiver.inboxId,
      received: met.map((one) => one.seen.label),
      missing: missing.map((one) => one.label),
      duplicates: duplicates.map((one) => one.label),
      foreign: foreign.map((one) => one.label),
      outOfOrder: late.map((one) => one.seen.label),
      latencies: met.flatMap(({ place, seen }) => {
        const from = expected[place]?.at;
        return from === undefined ? [] : [{ label: seen.label, ms: seen.at - from }];
      }),
    },
    inOrder: longestRising(met.map((one) => one.place)),
    offenders: [
      ...missing.map((one) => offender("missing", `missed ${one.label} (${name})`, [])),
      ...duplicates.map((one) => offender("duplicate", `saw ${one.label} again`, [one.seq])),
      ...late.map((one) => offender("out-of-order", `saw ${one.seen.label} too late`, [one.seen.seq])),
      ...(rules.foreign === "list" ? [] : foreign).map((one) =>
        offender("foreign", `saw ${one.label}, one of ${counted(foreign.length, "event")} nobody expected`, [
          one.seq,
        ]),
      ),
    ],
  };
}

/** Length of the longest rising subsequence. */
function longestRising(places: readonly number[]): number {
  const smallestEnd: number[] = [];
  for (const place of places) {
    const index = smallestEnd.findIndex((end) => end >= place);
    smallestEnd[index === -1 ? smallestEnd.length : index] = place;
  }
  return smallestEnd.length;
}
