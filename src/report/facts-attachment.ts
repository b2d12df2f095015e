import { timelineFacts } from "./timeline-facts.js";
import type { TimelineFacts } from "./timeline-facts.js";
import type { LedgerEvent } from "../ledger/events.js";

/**
 * Content type of a test's facts: the few figures that the run page needs of every test, while the whole
 * timeline is kept for failed tests only.
 */
export const factsContentType = "application/vnd.playwright-xmtp.facts+json";

/** Of more delays than this the evenly spaced by rank are kept: a curve has no more points. */
const maxDelays = 400;

/** The facts of a test as attachment text; `undefined` when there is nothing to tell. */
export function encodeFacts(
  events: readonly LedgerEvent[],
  leaks: readonly string[] = [],
): string | undefined {
  const facts = timelineFacts(events, leaks);
  const { sent, received, faults } = facts;
  if (sent + received + faults.length + leaks.length === 0) return undefined;
  const thinned = { delays: thin(facts.delays), faultDelays: thin(facts.faultDelays) };
  return JSON.stringify({ version: 1, facts: { ...facts, ...thinned } });
}

/** Reads a facts attachment; throws a plain error that says what is wrong. */
export function decodeFacts(text: string): TimelineFacts {
  const parsed = JSON.parse(text) as { version?: unknown; facts?: Partial<TimelineFacts> } | null;
  if (parsed?.version !== 1) throw new Error(`unknown version ${JSON.stringify(parsed?.version)}`);
  const facts = parsed.facts ?? {};
  const { sent, sendFailures, received, streamRetries, delays, faultDelays, faults, leaks } = facts;
  for (const count of [
    sent,
    sendFailures,
    received,
    streamRetries,
    facts.delayCount,
    facts.faultDelayCount,
  ]) {
    if (!Number.isInteger(count)) throw new Error("malformed counts");
  }
  for (const list of [delays, faultDelays, faults, leaks]) {
    if (!Array.isArray(list)) throw new Error("malformed lists");
  }
  return facts as TimelineFacts;
}

function thin(delays: readonly number[]): readonly number[] {
  if (delays.length <= maxDelays) return delays;
  const sorted = [...delays].sort((a, b) => a - b);
  const step = (sorted.length - 1) / (maxDelays - 1);
  return Array.from({ length: maxDelays }, (_, i) => sorted[Math.round(i * step)] ?? 0);
}
