import { expect } from "@playwright/test";
import { mls } from "#src/network/proto/index.js";
import { test } from "./fixtures.js";
import { groupId } from "./mls-bytes.js";
import { newClient } from "./sdk-client.js";

test("idle connections go, and a client that lives connects again; one at work is left alone", async ({
  node,
}) => {
  const [alice, bob] = await Promise.all([newClient(node), newClient(node)]);
  const dm = await alice.conversations.createDm(bob.inboxId);
  let ended = 0;
  for (let n = 0; n < 5; n++) {
    ended += await node.releaseIdleConnections(0);
    await dm.sendText(`idle ${n}`);
  }
  expect(ended).toBeGreaterThan(0);
  for (let n = 0; n < 20; n++) {
    // No pause of a call under way is as long as this.
    await Promise.all([dm.sendText(`at work ${n}`), node.releaseIdleConnections(600_000)]);
  }
  await bob.conversations.syncAll();
  const copy = await bob.conversations.getConversationById(dm.id);
  expect((await copy?.messages())?.filter(({ content }) => typeof content === "string")).toHaveLength(25);
});

test("a connection with an open stream stays", async ({ node, raw }) => {
  const stream = raw.subscribe(mls.MlsApi.method.subscribeGroupMessages, {
    filters: [{ groupId: groupId("one") }],
  });
  await expect.poll(async () => (await node.stats()).openSubscriptions).toBe(1);
  expect(await node.releaseIdleConnections(0)).toBe(0);
  expect((await node.stats()).openConnections).toBe(1);
  stream.cancel();
  await node.waitForSubscriptions(0, 5_000);
  await expect.poll(() => node.releaseIdleConnections(0)).toBe(1);
});
