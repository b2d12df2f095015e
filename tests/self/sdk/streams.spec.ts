import { expect, listen, quick, test } from "./clients.js";

test("a stream is live when the call resolves, and delivers what is sent next", async ({ client, node }) => {
  const [alice, bob] = [await client(), await client()];
  const group = await alice.createGroup([bob.inboxId]);
  const heard = listen();
  const stream = await bob.streamMessages(heard, quick);
  expect((await node.stats()).openSubscriptions).toBe(2);
  const id = await alice.sendText(group, "hello");
  await expect.poll(() => heard.values.map((message) => message.id)).toContain(id);
  expect(heard.values.find((message) => message.id === id)).toMatchObject({
    conversationId: group,
    senderInboxId: alice.inboxId,
    contentType: "text",
    kind: "application",
    content: "hello",
  });
  await stream.end();
  await node.waitForSubscriptions(0, 2_000);
});

test("an ended stream stays ended while the SDK's retry is pending, and says nothing more", async ({
  client,
  node,
}) => {
  const [alice, bob] = [await client(), await client()];
  const group = await alice.createGroup([bob.inboxId]);
  const heard = listen();
  const stream = await bob.streamMessages(heard, { retryDelayMs: 300, retryAttempts: 5 });
  await node.endStreams(14);
  await expect.poll(() => heard.life).toContain("fail");
  await stream.end();
  const before = { values: heard.values.length, life: [...heard.life], errors: heard.errors.length };
  const count = async (method: string): Promise<number> => (await node.stats()).requests[method] ?? 0;
  const [syncs, subscriptions] = [
    await count("GetNewestGroupMessage"),
    await count("SubscribeGroupMessages"),
  ];
  await alice.sendText(group, "to nobody");
  await expect
    .poll(() => count("GetNewestGroupMessage"), { message: "the SDK's retry begins with a sync" })
    .toBeGreaterThan(syncs);
  await bob.syncAll();
  expect(await count("SubscribeGroupMessages")).toBe(subscriptions);
  expect({ values: heard.values.length, life: heard.life, errors: heard.errors.length }).toEqual(before);
});

test("a stream comes back after the node has ended it", async ({ client, node }) => {
  const [alice, bob] = [await client(), await client()];
  const group = await alice.createGroup([bob.inboxId]);
  const heard = listen();
  const stream = await bob.streamMessages(heard, quick);
  await node.endStreams(14);
  await expect.poll(() => heard.life).toContain("restart");
  expect(heard.life).toEqual(["fail", "retry 1", "restart"]);
  const id = await alice.sendText(group, "again");
  await expect.poll(() => heard.values.map((message) => message.id)).toContain(id);
  await stream.end();
  await node.waitForSubscriptions(0, 2_000);
});

test("a first subscription that fails is retried, and the call resolves when it is live", async ({
  client,
  node,
}) => {
  const bob = await client();
  await node.failNext("SubscribeWelcomeMessages", { code: 14 });
  const heard = listen();
  const stream = await bob.streamConversations(heard, quick);
  expect(heard.errors.length).toBeGreaterThan(0);
  expect(heard.life).toEqual(["retry 1"]);
  expect((await node.stats()).openSubscriptions).toBe(1);
  await stream.end();
  await node.waitForSubscriptions(0, 2_000);
});

test("a stream that never gets through rejects once its retries are used up", async ({ client, node }) => {
  const bob = await client();
  await node.stop();
  const heard = listen();
  const start = bob.streamConversations(heard, { retryDelayMs: 20, retryAttempts: 2, disableSync: true });
  await expect(start).rejects.toMatchObject({ code: "STREAM_FAILED" });
  await expect(start).rejects.toThrow(/gave up after 2 retries \(last error: .+\)/);
  expect(heard.life).toEqual(["retry 1", "retry 2"]);
  await node.start();
});

test("a pending start can be given up", async ({ client, node }) => {
  const bob = await client();
  await node.stop();
  const abort = new AbortController();
  const start = bob.streamConversations(listen(), { ...quick, signal: abort.signal });
  abort.abort(new Error("not needed any more"));
  await expect(start).rejects.toThrow("not needed any more");
  await node.start();
  await expect.poll(async () => (await node.stats()).openSubscriptions).toBe(0);
});

test("consent and conversation streams speak the same words for every version", async ({ client }) => {
  const [alice, bob] = [await client(), await client()];
  const conversations: unknown[] = [];
  const consents: unknown[] = [];
  const keep = (into: unknown[]) => ({ ...listen(), onValue: (value: unknown) => void into.push(value) });
  const streams = [
    await bob.streamConversations(keep(conversations), quick),
    await bob.streamConsent(keep(consents), quick),
  ];
  const dm = await alice.createDm(bob.inboxId);
  await alice.sendText(dm, "hi");
  await expect
    .poll(() => conversations)
    .toMatchObject([{ id: dm, type: "dm", addedByInboxId: alice.inboxId }]);
  await bob.setConsent("conversation", dm, "denied");
  await expect.poll(() => consents).toEqual([{ entityType: "conversation", entity: dm, state: "denied" }]);
  for (const stream of streams) await stream.end();
});
