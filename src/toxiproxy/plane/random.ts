/** Draws uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * A random stream of its own for each key, so that one toxic's draws never shift another's:
 * the same seed and key give the same numbers whatever else happens on the server.
 */
export function substream(seed: number, ...key: readonly (string | number)[]): Random {
  let state = hash(`${seed}\0${key.join("\0")}`);
  // Mulberry32: 32 bits of state, good enough to place jitter and slices, and no dependency.
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** A uniform integer in [-spread, spread - 1], the range Toxiproxy draws jitter and variation from. */
export function spreadAround(random: Random, spread: number): number {
  return spread > 0 ? Math.floor(random() * 2 * spread) - spread : 0;
}

/** FNV-1a over UTF-16 units, then a finishing mix so that near keys end far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
