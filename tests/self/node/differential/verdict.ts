import { expect, test } from "@playwright/test";
import { differenceText } from "./compare.js";
import type { Comparison } from "./compare.js";

/** Of the calls that are refused: libraries word some refusals differently from release to release (docs/node.md). */
const OTHER_TEXTS = 0.01;
/** Differences that a failure lists. */
const SHOWN = 20;

/** Statuses and messages are equal in all calls, texts in 99 of 100 that are refused. Prints the counts and the seed. */
export function expectAlike({ urls, seed, calls, refused, differences }: Comparison): void {
  const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const counts = Object.entries(calls).map(([kind, count]) => `${count} ${kind}`);
  const texts = differences.filter((difference) => difference.in === "text");
  const graver = differences.filter((difference) => difference.in !== "text");
  const text = `seed ${JSON.stringify(seed)}: ${total} calls (${counts.join(", ")}), ${refused} refused; ${graver.length} differ, ${texts.length} in the text only`;
  test.info().annotations.push({ type: "differential", description: text });
  console.log(`differential: ${text}`);
  expect(total, "calls that were compared").toBeGreaterThan(0);
  const listed = (list: typeof differences): string =>
    list
      .map((one) => differenceText(one, urls))
      .slice(0, SHOWN)
      .join("\n");
  expect(graver.length, `calls that differ in more than their text:\n${listed(graver)}\n`).toBe(0);
  const allowed = Math.floor(refused * OTHER_TEXTS);
  expect(texts.length, `refused with another text:\n${listed(texts)}\n`).toBeLessThanOrEqual(allowed);
}
