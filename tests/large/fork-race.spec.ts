import { test } from "playwright-xmtp";
import { raceToEpoch } from "../chaos/races.js";

/** The epoch to race to; each group must get there. */
const epoch = BigInt(process.env["XMTP_RACE_EPOCH"] ?? "50");

test(`fork race to epoch ${epoch}`, async ({ getWorkers, inboxes, seed }) => {
  test.setTimeout(1_800_000);
  await raceToEpoch({ workers: await getWorkers(5), strangers: await inboxes(5), seed, epoch, groups: 5 });
});
