import { expect } from "playwright-xmtp";
import { textsOf } from "../functional/support/sdk.js";
import { countFrom, sizesFrom } from "./support/env.js";
import { storedBytes } from "./support/stored-bytes.js";
import { test } from "./support/test.js";

const sizes = sizesFrom("BATCH_SIZE", [5, 10]);
const groups = countFrom("STORAGE_GROUPS", 10);
const messages = countFrom("STORAGE_MESSAGES", 100);
test.use({ memberCount: Math.max(...sizes) });

test("storage of an inbox without conversations, and of messages", async ({ alice, bob, measure }) => {
  const empty = await storedBytes(alice);
  measure.record("storageInbox", empty, { unit: "bytes", size: 0 });
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const before = await storedBytes(alice);
  const texts = Array.from({ length: messages }, (_, at) => `message ${at + 1}`);
  for (const text of texts) await dm.sendText(text);

  expect(textsOf(await dm.messages())).toEqual(texts);
  const after = await storedBytes(alice);
  expect(after).toBeGreaterThan(before);
  measure.record("storageMessage", (after - before) / messages, { unit: "bytes" });
});

for (const size of sizes) {
  test(`storage of groups of ${size}`, async ({ alice, members, measure }) => {
    const others = members.slice(0, size - 1).map(({ inboxId }) => inboxId);
    const before = await storedBytes(alice);
    for (let at = 0; at < groups; at++) await alice.client.conversations.createGroup(others);

    expect(await alice.client.conversations.list()).toHaveLength(groups);
    const after = await storedBytes(alice);
    expect(after).toBeGreaterThan(before);
    measure.record("storageGroup", (after - before) / groups, { unit: "bytes", size });
    measure.record("storageInbox", after, { unit: "bytes", size: groups });
  });
}
