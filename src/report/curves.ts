import { poolSeries } from "./measuring/samples.js";
import type { Series } from "./measuring/samples.js";
import type { TimelineFacts } from "./timeline-facts.js";

/** How large a share of what was expected had arrived after which time. */
export interface Curve {
  readonly name: string;
  /** Expected receipts, with those that never came; absent where nobody said how many were expected. */
  readonly expected?: number;
  readonly arrived: number;
  /** Milliseconds and share (0 to 1), rising; at most 120 points, the last is the last arrival. */
  readonly points: readonly (readonly [ms: number, share: number])[];
}

const maxPoints = 120;

/** Delivery curves: of each measured delivery operation and size, and of all messages of all timelines. */
export function curvesOf(series: readonly Series[], timelines: readonly TimelineFacts[]): Curve[] {
  const measured = poolSeries(series.filter((one) => one.delivery)).map((one) =>
    curve(`${one.operation}, size ${one.size}`, weighed(one.values), one.timedOut),
  );
  const calm = timelines.flatMap(({ delays, delayCount }) => weighed(delays, delayCount));
  const faulty = timelines.flatMap(({ faultDelays, faultDelayCount }) =>
    weighed(faultDelays, faultDelayCount),
  );
  const seen = [curve("all tests, no fault", calm), curve("all tests, under a fault", faulty)];
  return [...measured, ...seen].filter(({ arrived, expected = 0 }) => arrived + expected > 0);
}

interface Weighed {
  readonly ms: number;
  /** How many arrivals it stands for. */
  readonly weight: number;
}

/** Each test counts by what arrived in it, however many of its delays were kept. */
function weighed(delays: readonly number[], count = delays.length): Weighed[] {
  return delays.map((ms) => ({ ms, weight: count / delays.length }));
}

function curve(name: string, delays: readonly Weighed[], missing?: number): Curve {
  const sorted = [...delays].sort((a, b) => a.ms - b.ms);
  let total = 0;
  const upTo = sorted.map(({ weight }) => (total += weight));
  const arrived = Math.round(total);
  const expected = arrived + (missing ?? 0);
  const step = Math.max(1, sorted.length / maxPoints);
  const ranks = Array.from({ length: Math.min(sorted.length, maxPoints) }, (_, i) =>
    Math.min(sorted.length, Math.round((i + 1) * step)),
  );
  const points = ranks.map((rank) => [sorted[rank - 1]?.ms ?? 0, (upTo[rank - 1] ?? 0) / expected] as const);
  return { name, ...(missing === undefined ? {} : { expected }), arrived, points };
}
