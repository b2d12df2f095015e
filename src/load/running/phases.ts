import type { Shard } from "../population/shard.js";

/** One entry of `config.phases`, as Artillery reads it. */
export type Phase = Readonly<Record<string, unknown>>;

const rates = ["arrivalRate", "rampTo"] as const;
const counts = ["arrivalCount", "maxVusers"] as const;

/**
 * A shard's part of the arrivals: Artillery itself would run all of them in each shard. Rates are divided, counts dealt
 * out so that the shards' sum is the whole.
 */
export function phasesOf(phases: readonly Phase[], { current, total }: Shard): Phase[] {
  return phases.map((phase) => {
    const part: Record<string, unknown> = { ...phase };
    for (const name of rates) {
      const value = numberOf(phase[name]);
      if (value !== undefined) part[name] = value / total;
    }
    for (const name of counts) {
      const value = numberOf(phase[name]);
      if (value !== undefined) part[name] = Math.floor((value + total - current) / total);
    }
    return part;
  });
}

/** YAML with an environment variable in it gives text. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
