import type { TestInfo } from "@playwright/test";
import { attachText, hasFailed } from "./attach.js";

/** Made when needed: most tests pass, and need no renderer. */
export interface TimelineTexts {
  /** Self-contained SVG; shown inline in the HTML report, where text/html would only be a link. */
  sequence(): Promise<string>;
  json(): Promise<string>;
  /** The few figures for the run page, attached whether the test failed or not; undefined when there are none. */
  facts(): Promise<string | undefined>;
}

/** Content type by which the reporter finds a timeline among a test's attachments. */
const timelineContentType = "application/vnd.playwright-xmtp.timeline+json";

/** The same for the facts. */
const factsContentType = "application/vnd.playwright-xmtp.facts+json";

/** Attaches picture and JSON of a test's timeline: always, only after a failure, or never. */
export async function attachTimeline(
  testInfo: TestInfo,
  when: "on" | "retain-on-failure" | "off",
  texts: TimelineTexts,
): Promise<void> {
  if (when === "off") return;
  const facts = await texts.facts();
  if (facts !== undefined) await attachText(testInfo, "xmtp-facts.json", factsContentType, facts);
  if (when === "retain-on-failure" && !hasFailed(testInfo)) return;
  await attachText(testInfo, "sequence.svg", "image/svg+xml", await texts.sequence());
  await attachText(testInfo, "timeline.json", timelineContentType, await texts.json());
}
