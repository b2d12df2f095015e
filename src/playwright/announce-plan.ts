import type { TestInfo } from "@playwright/test";
import { attachText } from "./attach.js";

/** Prints how a chaos plan is played again, and attaches the plan. */
export async function announcePlan(testInfo: TestInfo, seed: string, text: string): Promise<void> {
  const name = "chaos-plan.json";
  process.stdout.write(
    `${testInfo.title}: chaos plan of seed ${JSON.stringify(seed)}, attached as ${name}; ` +
      `XMTP_SEED=<seed> draws it again, XMTP_CHAOS_PLAN=<file> plays it again\n`,
  );
  await attachText(testInfo, name, "application/json", text);
}
