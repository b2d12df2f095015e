import { expect, test, typeofStream } from "playwright-xmtp";
import { int64, tellsExpiry } from "../support/sdk-differences.js";
import { dmOf, groupOf, textsOf } from "./support/sdk.js";

const secondNs = 1_000_000_000n;
const settings = { fromNs: int64(1n), inNs: int64(3_600n * secondNs) };

test("messages disappear on both sides when their time is over, others stay", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  await group.sendText("stays");
  await group.updateMessageDisappearingSettings(int64(1n), int64(secondNs));
  await bob.startStream(typeofStream.Message);
  await group.sendText("disappears");
  await expect(bob).toHaveReceivedExactlyOnce("disappears");

  const theirs = await groupOf(bob, group.id);
  for (const side of [group, theirs]) {
    await expect.poll(async () => textsOf(await side.messages()), { timeout: 20_000 }).toEqual(["stays"]);
  }
});

test("settings given at creation are seen by the other side, until they are removed", async ({
  alice,
  bob,
}) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId, {
    messageDisappearingSettings: settings,
  });
  const theirs = await dmOf(bob, dm.id);
  expect(theirs.messageDisappearingSettings()).toEqual(settings);
  expect(theirs.isMessageDisappearingEnabled()).toBe(true);
  const id = await dm.sendText("gone in an hour");
  await theirs.sync();
  const stored = bob.client.conversations.getMessageById(id);
  expect(stored?.expiresAtNs !== undefined).toBe(tellsExpiry);
  if (stored?.expiresAtNs !== undefined) {
    // The hour runs from when this side stored the message.
    const hourLater = stored.sentAtNs + settings.inNs;
    expect(stored.expiresAtNs).toBeGreaterThanOrEqual(hourLater);
    expect(stored.expiresAtNs).toBeLessThan(hourLater + 60n * secondNs);
  }

  await dm.removeMessageDisappearingSettings();
  await theirs.sync();
  expect(theirs.isMessageDisappearingEnabled()).toBe(false);
  expect(textsOf(await theirs.messages())).toEqual(["gone in an hour"]);
});
