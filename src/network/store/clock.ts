import { performance } from "node:perf_hooks";

/** Unix time in ns with microsecond resolution, as the real node's database stamps rows. */
export function nowNs(): bigint {
  return BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}
