import { expect, test } from "playwright-xmtp";
import { askForHistory } from "../support/sdk-differences.js";
import { groupOf, textsOf } from "./support/sdk.js";

test("a new installation gets the old messages through the history server", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId], { groupName: "old" });
  await group.sendText("from before");
  await groupOf(bob, group.id);
  const second = await bob.addNewInstallation();
  await second.client.conversations.syncAll();
  expect(await second.client.conversations.list()).toEqual([]);

  await bob.client.conversations.syncAll();
  await askForHistory(second);

  await expect
    .poll(
      async () => {
        for (const worker of [bob, second]) await worker.client.conversations.syncAll();
        const restored = await second.client.conversations.getConversationById(group.id);
        return textsOf((await restored?.messages()) ?? []);
      },
      { timeout: 30_000 },
    )
    .toEqual(["from before"]);
  const restored = await second.client.conversations.getConversationById(group.id);
  expect(restored && "name" in restored ? restored.name : undefined).toBe("old");
});
