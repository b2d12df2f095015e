/** Index of the first of `count` ascending ids above `id`, by halving. */
export function firstAbove(count: number, idAt: (index: number) => bigint, id: bigint): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (idAt(middle) > id) high = middle;
    else low = middle + 1;
  }
  return low;
}
