import { test } from "playwright-xmtp";
import { rotateUnderTalk } from "../chaos/rotation.js";

/** How many talk, and for how long members leave and come back. */
const users = Number(process.env["XMTP_ROTATION_USERS"] ?? "20");
const seconds = Number(process.env["XMTP_ROTATION_SECONDS"] ?? "60");

test(`key rotation: ${users} talk for ${seconds} s while members leave and come back`, async ({
  chaos,
  getWorkers,
}) => {
  test.setTimeout(seconds * 1_000 + 900_000);
  await rotateUnderTalk({ chaos, workers: await getWorkers(users), forMs: seconds * 1_000, everyMs: 10_000 });
});
