import { XmtpTestError } from "../../errors.js";
import { SeededRandom } from "../../random.js";
import { inRange } from "../effects/options.js";
import { namesOf } from "../lines/targets.js";
import type { Targets } from "../lines/targets.js";
import type { Plan, PlanStep, PlanVerb } from "./plan.js";

/** Shortest and longest, or least and most, both included. */
export type Range = readonly [number, number];

/** When a fault of a schedule is on. */
export interface When {
  /** ms from the start. Default 0. */
  readonly atMs?: number;
  /** Default: until the schedule ends. */
  readonly forMs?: number;
}

export interface Partitions {
  /** Who may be cut off. */
  readonly of: Targets;
  readonly everyMs: number;
  /** How long each lasts, ms. Default a quarter to half of `everyMs`. */
  readonly forMs?: Range;
  /** How many are cut off at a time. Default one, up to half of them. */
  readonly size?: Range;
}

export interface Rerolls {
  /** Each draws for itself. */
  readonly of: Targets;
  readonly everyMs: number;
  readonly latencyMs: Range;
  /** Default none. */
  readonly jitterMs?: Range;
  /** How likely a worker has the fault in a round, 0 to 1. Default 1. */
  readonly chance?: number;
}

export interface Ramp {
  readonly of: Targets;
  /** Latency of the first and of the last step. */
  readonly latencyMs: Range;
  readonly steps: number;
  /** ms from the first step to the end of the last. Default: the whole schedule. */
  readonly overMs?: number;
}

export interface Blips {
  readonly of: Targets;
  /** Between the starts of two, ms. */
  readonly everyMs: Range;
  /** How long each lasts, ms. Default 150 to 600. */
  readonly forMs?: Range;
  /** Drawn from these. Default `cut` and `stall`. */
  readonly verbs?: readonly PlanVerb[];
}

/** A round's faults are lifted this long before the next round's are put on, so that each shows by itself, ms. */
const gapMs = 200;

type Part = (durationMs: number, draws: SeededRandom) => PlanStep[];

/**
 * Builds a plan of faults from parts, drawn from the seed. Each part is drawn independently: adding one does not
 * change the others.
 *
 * @example
 * const plan = chaos.schedule().partitions({ of: workers, everyMs: 5_000 }).plan(60_000);
 */
export class Schedule {
  readonly #seed: string;
  readonly #parts: { readonly kind: string; readonly part: Part }[] = [];

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** One fault at a fixed time. */
  fault(verb: PlanVerb, targets: Targets, when: When = {}, options: object = {}): this {
    const names = namesOf(targets);
    const { atMs = 0, forMs } = when;
    return this.#add(verb, (durationMs) => {
      inRange("atMs", atMs, 0, durationMs - 1);
      return [step(durationMs, atMs, forMs ?? durationMs, verb, names, options)];
    });
  }

  /** At intervals, random workers are cut off for a random time. */
  partitions({ of, everyMs, forMs = [everyMs / 4, everyMs / 2], size }: Partitions): this {
    const names = namesOf(of);
    const [fewest, most] = size ?? [1, Math.max(1, Math.floor(names.length / 2))];
    return this.#add("partition", (durationMs, draws) =>
      rounds(durationMs, everyMs).map((atMs) => {
        const cutOff = draws.sample(names, draws.int(fewest, most));
        return step(durationMs, atMs, drawn(draws, forMs), "partition", cutOff, {});
      }),
    );
  }

  /** At intervals, each worker gets a new random latency. */
  rerolls({ of, everyMs, latencyMs, jitterMs = [0, 0], chance = 1 }: Rerolls): this {
    const names = namesOf(of);
    return this.#add("rerolls", (durationMs, draws) =>
      rounds(durationMs, everyMs).flatMap((atMs) =>
        names.flatMap((name) => {
          const [hit, latency, jitter] = [
            draws.next() < chance,
            drawn(draws, latencyMs),
            drawn(draws, jitterMs),
          ];
          const options = { latencyMs: latency, jitterMs: Math.min(jitter, latency) };
          return hit ? [step(durationMs, atMs, everyMs - gapMs, "latency", [name], options)] : [];
        }),
      ),
    );
  }

  /** Latency that grows, or falls, in even steps. */
  ramp({ of, latencyMs: [from, to], steps, overMs }: Ramp): this {
    const names = namesOf(of);
    inRange("steps", steps, 2, 1_000);
    return this.#add("ramp", (durationMs) => {
      const each = Math.floor((overMs ?? durationMs) / steps);
      // Shorter ones would be all gap, and the ramp would hold no fault at all.
      inRange("The length of a ramp's step in ms", each, gapMs + 1, 86_400_000);
      return Array.from({ length: steps }, (_, index) => {
        const latencyMs = Math.round(from + ((to - from) * index) / (steps - 1));
        return step(durationMs, index * each, each - gapMs, "latency", names, { latencyMs });
      });
    });
  }

  /** Short outages of one random worker at a time. */
  blips({ of, everyMs, forMs = [150, 600], verbs = ["cut", "stall"] }: Blips): this {
    const names = namesOf(of);
    inRange("everyMs[0]", everyMs[0], 1, 86_400_000);
    inRange("everyMs[1]", everyMs[1], everyMs[0], 86_400_000);
    return this.#add("blips", (durationMs, draws) => {
      const steps: PlanStep[] = [];
      for (let atMs = drawn(draws, everyMs); atMs < durationMs; atMs += drawn(draws, everyMs))
        steps.push(step(durationMs, atMs, drawn(draws, forMs), draws.pick(verbs), [draws.pick(names)], {}));
      return steps;
    });
  }

  /** All faults of the parts, up to `durationMs`. The same seed and parts give the same plan. */
  plan(durationMs: number): Plan {
    inRange("durationMs", durationMs, 1, 86_400_000);
    const steps = this.#parts.flatMap(({ kind, part }, index) =>
      part(durationMs, new SeededRandom(this.#seed, `schedule ${index} ${kind}`)),
    );
    const effective = steps.filter(({ forMs }) => forMs > 0).sort((a, b) => a.atMs - b.atMs);
    if (effective.length === 0) {
      const parts = this.#parts.map(({ kind }) => kind).join(", ") || "none";
      throw new XmtpTestError(
        "CHAOS_OPTION",
        `A plan of ${durationMs} ms contains no fault (parts: ${parts}).`,
        "Make it longer, or its faults earlier or more frequent.",
      );
    }
    return { version: 1, seed: this.#seed, durationMs, steps: effective };
  }

  #add(kind: string, part: Part): this {
    this.#parts.push({ kind, part });
    return this;
  }
}

function step(
  durationMs: number,
  atMs: number,
  forMs: number,
  verb: PlanVerb,
  targets: readonly string[],
  options: object,
): PlanStep {
  return { atMs, forMs: Math.min(forMs, durationMs - atMs), verb, targets, options: { ...options } };
}

/** Starts of the rounds; the first one is not at once, so that a run also sees its beginning. */
function rounds(durationMs: number, everyMs: number): number[] {
  inRange("everyMs", everyMs, 2 * gapMs, 3_600_000);
  return Array.from({ length: Math.floor(durationMs / everyMs) }, (_, round) =>
    Math.floor(round * everyMs + everyMs / 4),
  );
}

function drawn(draws: SeededRandom, [least, most]: Range): number {
  return draws.int(Math.round(least), Math.round(most));
}
