/** The middle of a list of numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** "1.04 (0.98 to 1.12 over 9 pairs)": median and range of ratios measured pair by pair. */
export function ratioText(ratios) {
  const sorted = [...ratios].sort((a, b) => a - b);
  return `${median(ratios).toFixed(3)} (${sorted[0].toFixed(3)} to ${sorted.at(-1).toFixed(3)} over ${ratios.length} pairs)`;
}
