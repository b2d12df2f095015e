import { expect as impatient, test, typeofStream } from "playwright-xmtp";
import { gatewayStreams, hasGateway } from "../support/sdk-differences.js";

// Deadlines that a busy machine keeps too; what comes in time does not wait for them.
const expect = impatient.configure({ timeout: 30_000 });

test.use({ workerDefaults: { gateway: true } });

if (!hasGateway) {
  test("this node-sdk has no gateway: it is refused by name", async ({ getWorkers }) => {
    await expect(getWorkers(["alice"])).rejects.toMatchObject({ code: "SDK_UNSUPPORTED" });
    await expect(getWorkers(["bob"])).rejects.toThrow(/cannot use a gateway/);
  });
} else {
  test("DM, group, streams, sync, rename, add and remove over a gateway", async ({ getWorkers, network }) => {
    const before = (await network.stats()).requests;
    const workers = await getWorkers(["alice", "bob", "carol"]);
    const [alice, bob, carol] = [workers.get("alice"), workers.get("bob"), workers.get("carol")];
    await Promise.all([alice, bob].map(({ worker }) => worker.startStream(typeofStream.Message)));
    await bob.startStream(typeofStream.GroupUpdated);

    const dm = await alice.client.conversations.createDm(bob.inboxId);
    await dm.sendText("only you");
    await expect(bob).toHaveReceivedExactlyOnce("only you");

    const group = await workers.createGroupBetweenAll("before");
    const texts = Array.from({ length: 10 }, (_, at) => `message ${at}`);
    for (const text of texts) await group.sendText(text);
    await expect(bob).toHaveReceivedInOrder(texts);
    for (const text of texts) await expect(bob).toHaveReceivedExactlyOnce(text);

    await carol.client.conversations.syncAll();
    const carols = await carol.client.conversations.getConversationById(group.id);
    expect((await carols?.messages())?.map(({ content }) => content)).toEqual(expect.arrayContaining(texts));

    await group.updateName("after");
    await bob.collectGroupUpdates(group.id, 1);
    await group.removeMembers([carol.inboxId]);
    await expect(group).toHaveMembers([alice, bob]);
    await group.addMembers([carol.inboxId]);
    await expect(group).toHaveMembers([alice, bob, carol]);
    await expect([alice, bob, carol]).toHaveConverged(group.id);

    const after = (await network.stats()).requests;
    const calls = (method: string): number => (after[method] ?? 0) - (before[method] ?? 0);
    for (const v3 of [
      "SendGroupMessages",
      "SubscribeGroupMessages",
      "QueryGroupMessages",
      "UploadKeyPackage",
    ]) {
      expect(calls(v3), `calls of v3's ${v3}`).toBe(0);
    }
    expect(calls("PublishClientEnvelopes")).toBeGreaterThan(texts.length);
    expect(gatewayStreams.reduce((sum, method) => sum + calls(method), 0)).toBeGreaterThan(0);
  });
}
