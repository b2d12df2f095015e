/**
 * The calculus under the verification helpers: what was expected, by value and identity, against what each
 * receiver saw. Nothing is counted that was not asked for, and nothing counts twice.
 */
import type { Installation } from "./evidence/listening.js";
import { groupBy } from "../ledger/group.js";
import { counted, verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/** Something each receiver should see once, in this place of the order. */
export interface Expected {
  /** Identity: what was said, and by whom or about whom. Equal keys mean "that many times". */
  readonly key: string;
  /** Its message id where it is known: then only that message meets it, and an equal key does not. */
  readonly id?: string;
  /** For people. */
  readonly label: string;
  /** When it was done, monotonic ms; needed for latency. */
  readonly at?: number;
}

/** Something one receiver saw. */
export interface Observed {
  /** The receiver's installation. */
  readonly installationId: string;
  /** As in {@link Expected}: what has a key that nobody expected is foreign. */
  readonly key: string;
  /** Its message id: seen a second time it is a duplicate, whatever else has the same key. */
  readonly id?: string;
  /** For people. */
  readonly label: string;
  /** When it was seen, monotonic ms (`performance.now()`). */
  readonly at: number;
  /** `seq` of its event in the ledger. */
  readonly seq: number;
  /** True where the time it was seen says nothing of an order: read from the database after a gap. */
  readonly unordered?: boolean;
}

/** How strictly {@link verify} and the `verify…` oracles judge. */
export interface VerificationRules {
  /** What was seen without having been expected: `fail` (default), or only `list` it, where other traffic runs. */
  readonly foreign?: "fail" | "list";
}

/** How long one expected event took to reach one receiver. */
export interface Latency {
  /** The label of what was seen. */
  readonly label: string;
  /** From the expected event's own `at` to this receiver's own event, ms. */
  readonly ms: number;
}

/** What one receiver saw of what was expected. All lists hold labels, in the order of the receiver's events but for `missing`. */
export interface ReceiverReport extends Installation {
  /** What was expected and came. */
  readonly received: readonly string[];
  /** What was expected and did not come, in the expected order. */
  readonly missing: readonly string[];
  /** What came more often than expected, once per surplus copy. */
  readonly duplicates: readonly string[];
  /** What nobody expected; a failure unless {@link VerificationRules.foreign} says `list`. */
  readonly foreign: readonly string[];
  /** What came later than something that was expected after it. */
  readonly outOfOrder: readonly string[];
  /** One for each received event whose expectation has an `at`. */
  readonly latencies: readonly Latency[];
}

/** What a verification found: each receiver's report, two shares over all of them, and the verdict. */
export interface Verification {
  /** One for each receiver, in the order they were given. */
  readonly receivers: readonly ReceiverReport[];
  /** Share of what was expected that came, over all receivers, 0 to 100; undefined when nothing was expected. */
  readonly receptionPercent: number | undefined;
  /**
   * Share of what was expected that came and in its place, 0 to 100: a lost message is not "in order". Per receiver
   * it is the longest run of received events that keeps the expected order.
   */
  readonly orderPercent: number | undefined;
  /**
   * Fails with offenders of the kinds "missing", "duplicate", "out-of-order" and "foreign"; inconclusive when nothing
   * was expected of anybody.
   */
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
  const byInstallation = groupBy(observed, (one) => one.installationId);
  const judged = receivers.map((receiver) =>
    judge(name, receiver, expected, byInstallation.get(receiver.installationId) ?? [], rules),
  );
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
  const { met, duplicates, foreign } = matched(expected, observed);
  const found = new Set(met.map((one) => one.place));
  const missing = expected.filter((_, place) => !found.has(place));
  const ordered = met.filter(({ seen }) => seen.unordered !== true);
  let latest = -1;
  const late = ordered.filter(({ place }) => {
    const isLate = place < latest;
    latest = Math.max(latest, place);
    return isLate;
  });
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
    inOrder: met.length - ordered.length + longestRising(ordered.map((one) => one.place)),
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

interface Met {
  readonly place: number;
  readonly seen: Observed;
}

/** Which place of what was expected each thing seen meets: by message id where both have one, else by key. */
function matched(
  expected: readonly Expected[],
  observed: readonly Observed[],
): { readonly met: Met[]; readonly duplicates: Observed[]; readonly foreign: Observed[] } {
  const found = { met: [] as Met[], duplicates: [] as Observed[], foreign: [] as Observed[] };
  const openings = openPlaces(expected);
  const asked = new Set(expected.map((one) => one.key));
  const seenIds = new Set<string>();
  for (const seen of observed) {
    const named = seen.id === undefined ? undefined : openings.byId.get(seen.id);
    const again = seen.id !== undefined && seenIds.has(seen.id);
    if (seen.id !== undefined) seenIds.add(seen.id);
    const place = again
      ? undefined
      : named
        ? named.get(seen.key)
        : openings.byKey.get(seen.key)?.next().value;
    if (place !== undefined) found.met.push({ place, seen });
    else if (asked.has(seen.key) && (again || !named)) found.duplicates.push(seen);
    else found.foreign.push(seen);
  }
  return found;
}

/** Places that only one message id can meet, by id and key; and the others by key, each to be taken once. */
function openPlaces(expected: readonly Expected[]): {
  readonly byId: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly byKey: ReadonlyMap<string, Iterator<number, undefined>>;
} {
  const byId = new Map<string, Map<string, number>>();
  const byKey = new Map<string, number[]>();
  for (const [place, { id, key }] of expected.entries()) {
    if (id !== undefined) byId.set(id, (byId.get(id) ?? new Map<string, number>()).set(key, place));
    else if (byKey.has(key)) byKey.get(key)?.push(place);
    else byKey.set(key, [place]);
  }
  return { byId, byKey: new Map([...byKey].map(([key, places]) => [key, places.values()])) };
}

/** Length of the longest rising subsequence. */
function longestRising(places: readonly number[]): number {
  /** The smallest end of a rising subsequence of each length: rising itself. */
  const ends: number[] = [];
  for (const place of places) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] ?? Infinity) < place) low = middle + 1;
      else high = middle;
    }
    ends[low] = place;
  }
  return ends.length;
}
