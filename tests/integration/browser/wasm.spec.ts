import { expect, test, typeofStream } from "playwright-xmtp";
import { WasmStream, newWasmClient } from "./wasm-client.js";

test("the browser's engine and a worker talk in one group, both ways, and nothing stays subscribed", async ({
  alice,
  network,
}) => {
  await alice.worker.startStream(typeofStream.Message);
  const alone = (await network.stats()).openSubscriptions;
  const client = await newWasmClient(network.url);
  {
    using stream = WasmStream.open(client);
    await network.waitForSubscriptions(alone + 2, 5_000);
    const group = await alice.client.conversations.createGroup([client.inboxId]);
    const fromAlice = ["one", "two", "three"];
    for (const text of fromAlice) await group.sendText(text);
    await expect.poll(() => stream.textsOf(alice.inboxId), { timeout: 15_000 }).toEqual(fromAlice);

    const same = client.conversations().findGroupById(group.id);
    for (const text of ["four", "five"]) await same.sendText(text);
    await alice.worker.collectMessages(group.id, 2, { senderInboxId: client.inboxId });
    await expect(alice).toHaveReceivedInOrder(["four", "five"]);
    expect(stream.errors).toEqual([]);
  }
  await network.waitForSubscriptions(alone, 5_000);
});

test("a DM that the browser's engine starts reaches a worker, and its answer comes back", async ({
  alice,
  network,
}) => {
  await alice.worker.startStream(typeofStream.MessageandResponse);
  const client = await newWasmClient(network.url);
  using stream = WasmStream.open(client);
  const dm = await client.conversations().createDmByInboxId(alice.inboxId);
  await dm.sendText("hello from the web");
  await expect(alice).toHaveReceivedExactlyOnce("hello from the web");
  await expect.poll(() => stream.textsOf(alice.inboxId), { timeout: 15_000 }).toEqual(["gm"]);
});

test("an outage of the node: the browser's engine sends again, and is heard once", async ({
  alice,
  network,
}) => {
  await alice.worker.startStream(typeofStream.Message);
  const client = await newWasmClient(network.url);
  const dm = await client.conversations().createDmByInboxId(alice.inboxId);
  await network.failNext("SendGroupMessages", { code: 14, times: 2, afterStore: true });
  await dm.sendText("acknowledged at the third try");
  await expect(alice).toHaveReceivedExactlyOnce("acknowledged at the third try");
});
