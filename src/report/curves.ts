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
    curve(`${one.operation}, size ${one.size}`, one.values, one.timedOut),
  );
  const calm = timelines.flatMap((timeline) => timeline.delays);
  const faulty = timelines.flatMap((timeline) => timeline.faultDelays);
  const seen = [curve("all tests, no fault", calm), curve("all tests, under a fault", faulty)];
  return [...measured, ...seen].filter(({ arrived, expected = 0 }) => arrived + expected > 0);
}

function curve(name: string, delays: readonly number[], missing?: number): Curve {
  const sorted = [...delays].sort((a, b) => a - b);
  const expected = sorted.length + (missing ?? 0);
  const step = Math.max(1, sorted.length / maxPoints);
  const ranks = Array.from({ length: Math.min(sorted.length, maxPoints) }, (_, i) =>
    Math.min(sorted.length, Math.round((i + 1) * step)),
  );
  const points = ranks.map((rank) => [sorted[rank - 1] ?? 0, rank / expected] as const);
  return { name, ...(missing === undefined ? {} : { expected }), arrived: sorted.length, points };
}
