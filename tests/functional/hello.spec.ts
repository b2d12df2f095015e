import { expect, test, typeofStream } from "playwright-xmtp";

test("alice says hello to bob", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("hello bob");

  await expect(bob).toHaveReceivedExactlyOnce("hello bob");
  await expect([alice, bob]).toHaveConverged(dm.id);
});
