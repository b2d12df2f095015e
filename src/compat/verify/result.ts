import type { Verification } from "../../../fixtures/index.js";

/** What the suites' verify helpers give back. */
export interface VerifyStreamResult {
  /** Every receiver saw all that it should. */
  readonly allReceived: boolean;
  /** At most one receiver missed something. The suites' own allows for one or two, by version. */
  readonly almostAllReceived: boolean;
  /** How many were judged. */
  readonly receiverCount: number;
  /** What came, one list for each receiver. As text it is what later suites have here: all of it, with commas. */
  readonly messages: string[][];
  /** Milliseconds from act to event, by receiver. */
  readonly eventTimings: string;
  /** Mean of these, ms; undefined where nothing came. From each event's own time. */
  readonly averageEventTiming: number | undefined;
  /** Of all events that the receivers should have seen, how many came, 0 to 100; 0 where none was owed. */
  readonly receptionPercentage: number;
  /**
   * Of all receivers that something was owed, how many got it in order, 0 to 100. One that got nothing is not in
   * order.
   */
  readonly orderPercentage: number;
}

/** What one receiver should have seen, and saw. */
export interface Seen {
  readonly name: string;
  /** How many events it should have seen. */
  readonly expected: number;
  readonly received: readonly string[];
  readonly inOrder: boolean;
  readonly latenciesMs: readonly number[];
}

export function resultOf(receivers: readonly Seen[]): VerifyStreamResult {
  const expected = receivers.reduce((sum, one) => sum + one.expected, 0);
  const came = receivers.reduce((sum, one) => sum + Math.min(one.expected, one.received.length), 0);
  const complete = receivers.filter((one) => one.received.length >= one.expected);
  const judged = receivers.filter((one) => one.expected > 0);
  const timings = receivers.flatMap((one) => one.latenciesMs);
  const mean = timings.reduce((sum, ms) => sum + ms, 0) / timings.length;
  return {
    allReceived: receivers.length > 0 && complete.length === receivers.length,
    almostAllReceived: receivers.length > 0 && complete.length >= receivers.length - 1 && came > 0,
    receiverCount: receivers.length,
    messages: receivers.map((one) => [...one.received]),
    eventTimings: receivers
      .map((one) => `${one.name}: ${one.latenciesMs.map(Math.round).join(",")}`)
      .join(","),
    averageEventTiming: timings.length === 0 ? undefined : Math.max(1, Math.round(mean)),
    receptionPercentage: expected === 0 ? 0 : (100 * came) / expected,
    orderPercentage:
      judged.length === 0 ? 0 : (100 * judged.filter((one) => one.inOrder).length) / judged.length,
  };
}

/** What a label of the package's own verifications is about: a text, a new name, who was added. */
function said(label: string): string {
  const quoted = /^(?:\w+=)?(".*")$/s.exec(label)?.[1];
  if (quoted !== undefined) return JSON.parse(quoted) as string;
  return label.replace(/^added /, "");
}

/** This package's own verification, per receiver. `owed` says what somebody was not to get: default, all was. */
export function seenBy(
  verification: Verification,
  count: number,
  owed: (inboxId: string) => number = () => count,
): Seen[] {
  return verification.receivers.map((one) => ({
    name: one.worker,
    expected: owed(one.inboxId),
    received: one.received.map(said),
    inOrder: one.received.length > 0 && one.outOfOrder.length === 0,
    latenciesMs: one.latencies.map(({ ms }) => ms),
  }));
}
