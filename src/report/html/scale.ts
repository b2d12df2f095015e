/** Maps figures to pixels, with the figures to mark on its axis. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** From 0 to a round figure over `max`, with about `wanted` round ticks. */
export function linearScale(max: number, from: number, to: number, wanted = 4): Scale {
  const top = max > 0 ? max : 1;
  const rough = top / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const count = Math.ceil(top / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
  return { at: (value) => from + (value / (count * step)) * (to - from), ticks };
}

/** Logarithmic over the decades, or over 1-2-5 steps where those enclose the figures more closely. */
export function logScale(min: number, max: number, from: number, to: number): Scale {
  const steps = roundSteps(min, max);
  const low = steps[0] ?? 1;
  const high = steps.at(-1) ?? 10;
  const span = Math.log(high / low);
  const at = (value: number): number => {
    const inside = Math.min(high, Math.max(low, value));
    return from + (Math.log(inside / low) / span) * (to - from);
  };
  const decades = steps.filter((step) => Number.isInteger(Math.log10(step)));
  return { at, ticks: steps.length > 8 && decades.length >= 3 ? decades : steps };
}

/** The figures 1, 2 and 5 times a power of ten that enclose `min` and `max`. */
function roundSteps(min: number, max: number): number[] {
  const bottom = Math.max(min, 0.001);
  const top = Math.max(max, bottom);
  const first = Math.floor(Math.log10(bottom));
  const last = Math.ceil(Math.log10(top)) + 1;
  const all: number[] = [];
  for (let power = first; power <= last; power++) {
    // Divide for negative powers: 5 * 10 ** -2 is not 0.05 in floating point, 5 / 100 is.
    const whole = 10 ** Math.abs(power);
    for (const factor of [1, 2, 5]) all.push(power < 0 ? factor / whole : factor * whole);
  }
  const start = Math.max(
    0,
    all.findLastIndex((step) => step <= bottom),
  );
  const found = all.findIndex((step) => step >= top);
  const end = Math.max(found, start + 1);
  return all.slice(start, end + 1);
}
