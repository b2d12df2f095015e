import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { missing } from "../../../scripts/chromium.mjs";
import { screenshotReport } from "../../../scripts/screenshot-report.mjs";
import { root } from "./consumer.js";

/** Width and height of a PNG, in pixels (PNG specification, 11.2.2: IHDR comes first). */
function sizeOf(file: string): { width: number; height: number } {
  const bytes = readFileSync(file);
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

for (const scene of ["report", "agent"] as const) {
  test(`a failed test's HTML report shows the sequence picture inline: ${scene}`, async ({}, testInfo) => {
    test.skip(missing !== undefined, missing);
    const file = testInfo.outputPath(`${scene}.png`);
    const sequence = await screenshotReport(file, testInfo.outputPath("scene"), scene);
    expect(sequence.width).toBeGreaterThan(400);
    expect(sequence.height).toBeGreaterThan(200);
    expect(sizeOf(file).height).toBeGreaterThan(sequence.height);
  });

  test(`the docs' picture is there: ${scene}`, () => {
    const { width, height } = sizeOf(join(root, `docs/img/${scene}.png`));
    expect(width).toBeGreaterThan(1_000);
    expect(height).toBeGreaterThan(1_000);
  });
}
