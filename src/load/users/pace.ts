import type { SeededRandom } from "../../random.js";
import type { TalkPhase } from "../steps/settings.js";

/**
 * When one user sends, in seconds from the beginning of its talk: a Poisson process whose rate is the user's share of
 * the population's, so that all users together send at the phases' rates, and no two keep step.
 */
export function* sendTimes(
  phases: readonly TalkPhase[],
  share: number,
  random: Pick<SeededRandom, "next">,
): Generator<number> {
  const gap = (): number => -Math.log(1 - random.next());
  let began = 0;
  // How many sends of the process are due until the next one, in units of the expected count.
  let due = gap();
  for (const { seconds, rate, to = rate } of phases) {
    const [first, last] = [rate * share, to * share];
    const all = ((first + last) / 2) * seconds;
    let passed = 0;
    while (due <= all - passed) {
      passed += due;
      yield began + timeOf(passed, first, last, seconds);
      due = gap();
    }
    due -= all - passed;
    began += seconds;
  }
}

/** When a count is reached whose rate goes evenly from `first` to `last`: the quadratic's root, free of cancellation. */
function timeOf(count: number, first: number, last: number, seconds: number): number {
  const slope = (last - first) / seconds;
  return (2 * count) / (first + Math.sqrt(Math.max(0, first * first + 2 * slope * count)));
}
