import { SeededRandom } from "../../random.js";

/** Draws uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * A random stream of its own for each key, so that one toxic's draws never shift another's:
 * the same seed and key give the same numbers whatever else happens on the server.
 */
export function substream(seed: number, ...key: readonly (string | number)[]): Random {
  const random = new SeededRandom(seed, key.join("\0"));
  return () => random.next();
}

/** A uniform integer in [-spread, spread - 1], the range Toxiproxy draws jitter and variation from. */
export function spreadAround(random: Random, spread: number): number {
  return spread > 0 ? Math.floor(random() * 2 * spread) - spread : 0;
}
