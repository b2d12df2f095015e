import { SeededRandom } from "../random.js";
import type { Unit } from "./measuring/samples.js";

/** `unsure`: too few samples on one side, or a median outside of the noise whose band reaches into it. */
export type Verdict = "faster" | "same" | "slower" | "unsure";

export interface Comparison {
  /** Median now over median then; above 1 is slower for times and bytes, faster for rates. */
  readonly ratio: number;
  /** The band in which that ratio lies with 99 % confidence. */
  readonly low: number;
  readonly high: number;
  readonly verdict: Verdict;
  readonly n: number;
  readonly baselineN: number;
}

export interface CompareOptions {
  /** The change that counts as none, as a share. Default 0.1: ten per cent. */
  readonly noise?: number;
  /** Samples that each side needs. Default 8: below, a median's own band covers nearly all samples. */
  readonly minSamples?: number;
}

/** A choice, not a measurement: set `noise` to what two runs of one build on your machine differ by. */
export const defaultNoise = 0.1;

const resamples = 1000;
const confidence = 0.99;

/**
 * Compares two sets of figures as the ratio of their medians, with a noise band.
 *
 * Medians, because one slow garbage collection must not decide. The band is a percentile bootstrap (Efron
 * 1979): both sides are resampled 1,000 times with a fixed seed, and the middle 99 % of the ratios is kept. It
 * needs no assumption on the shape of the figures, which latencies break (they are skewed, with far
 * outliers); an IQR rule does not shrink with n and so cannot tell a small true change from noise.
 *
 * The bootstrap sees the noise within a run only. What differs between runs (another machine, a busy
 * neighbor) is not in it, so a change counts only when the whole band lies outside of 1 ± `noise`; a median
 * outside whose band reaches into it is unsure: measure more often.
 */
export function compare(
  now: readonly number[],
  then: readonly number[],
  unit: Unit,
  options: CompareOptions = {},
): Comparison | undefined {
  const { noise = defaultNoise, minSamples = 8 } = options;
  const a = [...now].sort((x, y) => x - y);
  const b = [...then].sort((x, y) => x - y);
  const ratio = middle(a) / middle(b);
  if (!Number.isFinite(ratio)) return undefined;
  const random = new SeededRandom("bootstrap", "baseline");
  const ratios: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const drawn = resampledMedian(a, random) / resampledMedian(b, random);
    if (Number.isFinite(drawn)) ratios.push(drawn);
  }
  ratios.sort((x, y) => x - y);
  const tail = (1 - confidence) / 2;
  const low = ratios[Math.floor(tail * ratios.length)] ?? ratio;
  const high = ratios[Math.ceil((1 - tail) * ratios.length) - 1] ?? ratio;
  const enough = Math.min(a.length, b.length) >= minSamples;
  const verdict = enough ? verdictOf({ ratio, low, high }, noise, unit) : "unsure";
  return { ratio, low, high, verdict, n: a.length, baselineN: b.length };
}

function verdictOf(
  { ratio, low, high }: Pick<Comparison, "ratio" | "low" | "high">,
  noise: number,
  unit: Unit,
): Verdict {
  const more = low > 1 + noise;
  const less = high < 1 - noise;
  if (!more && !less) return Math.abs(ratio - 1) <= noise ? "same" : "unsure";
  return more === (unit === "per_second") ? "faster" : "slower";
}

/** The lower median, as the report's own p50. */
function middle(sorted: readonly number[]): number {
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
}

/** The median of as many draws with replacement, by counting how often each rank is drawn. */
function resampledMedian(sorted: readonly number[], random: SeededRandom): number {
  const counts = new Uint32Array(sorted.length);
  for (let i = 0; i < sorted.length; i++) {
    const drawn = random.int(0, sorted.length - 1);
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  let left = Math.ceil(sorted.length / 2);
  for (let rank = 0; rank < sorted.length; rank++) {
    left -= counts[rank] ?? 0;
    if (left <= 0) return sorted[rank] ?? NaN;
  }
  return NaN;
}
