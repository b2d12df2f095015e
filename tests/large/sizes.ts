import { countFrom, sizesFrom } from "../perf/support/env.js";

/**
 * Group sizes: a list (`BATCH_SIZE=50-200-400`), or steps of one size up to `MAX_GROUP_SIZE`
 * (`BATCH_SIZE=50 MAX_GROUP_SIZE=400` is 50, 100 … 400). Default 50 and 100.
 */
function groupSizes(): number[] {
  const list = sizesFrom("BATCH_SIZE", [50]);
  const [step = 50] = list;
  if (list.length > 1) return list;
  const max = countFrom("MAX_GROUP_SIZE", Math.max(100, step));
  return Array.from({ length: Math.max(1, Math.floor(max / step)) }, (_, at) => step * (at + 1));
}

export const sizes = groupSizes();
