import { expect, test, typeofStream } from "playwright-xmtp";
import { delivery, optimistic } from "../support/sdk-differences.js";
import { consent, dmOf, entity, identifierOf, textsOf } from "./support/sdk.js";

test("a DM by inbox id joins exactly the two", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  expect(dm.peerInboxId).toBe(bob.inboxId);
  await expect(dm).toHaveMembers([alice, bob]);

  const theirs = await dmOf(bob, dm.id);
  expect(theirs.id).toBe(dm.id);
  expect(theirs.peerInboxId).toBe(alice.inboxId);
  expect(theirs.addedByInboxId).toBe(alice.inboxId);
  await expect(theirs).toHaveMembers([alice, bob]);
});

test("a DM by address reaches the inbox of that address", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDmWithIdentifier(identifierOf(bob));
  expect(dm.peerInboxId).toBe(bob.inboxId);
  await dm.sendText("by address");

  expect(textsOf(await (await dmOf(bob, dm.id)).messages())).toEqual(["by address"]);
});

test("both sides of a DM send and stream", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const theirs = await dmOf(bob, dm.id);
  await alice.startStream(typeofStream.Message);
  await bob.startStream(typeofStream.Message);

  await dm.sendText("hello bob");
  await theirs.sendText("hello alice");

  await expect(bob).toHaveReceivedExactlyOnce("hello bob", { from: alice, conversationId: dm.id });
  await expect(alice).toHaveReceivedExactlyOnce("hello alice", { from: bob, conversationId: dm.id });
  await expect([alice, bob]).toHaveConverged(dm.id);
});

test("sending gives the id under which the other side finds the message", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const id = await dm.sendText("find me");
  await dmOf(bob, dm.id);

  const found = bob.client.conversations.getMessageById(id);
  expect(found).toMatchObject({
    id,
    content: "find me",
    conversationId: dm.id,
    senderInboxId: alice.inboxId,
    deliveryStatus: delivery.published,
  });
  expect(found?.sentAtNs).toBe(alice.client.conversations.getMessageById(id)?.sentAtNs);
});

test("asking again for a DM gives the same one, from either side", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await bob.client.conversations.sync();
  const again = [
    await alice.client.conversations.createDm(bob.inboxId),
    await alice.client.conversations.createDmWithIdentifier(identifierOf(bob)),
    await bob.client.conversations.createDm(alice.inboxId),
  ];
  expect(again.map(({ id }) => id)).toEqual([dm.id, dm.id, dm.id]);
  expect(alice.client.conversations.listDms().map(({ id }) => id)).toEqual([dm.id]);
  expect(bob.client.conversations.listDms().map(({ id }) => id)).toEqual([dm.id]);
  expect(alice.client.conversations.getDmByInboxId(bob.inboxId)?.id).toBe(dm.id);
  expect((await bob.client.conversations.fetchDmByIdentifier(identifierOf(alice)))?.id).toBe(dm.id);
});

test("two DMs made at once are stitched into one per pair", async ({ alice, bob }) => {
  const [left, right] = await Promise.all([
    alice.client.conversations.createDm(bob.inboxId),
    bob.client.conversations.createDm(alice.inboxId),
  ]);
  await left.sendText("from alice");
  await right.sendText("from bob");
  for (const worker of [alice, bob]) await worker.client.conversations.syncAll();
  for (const worker of [alice, bob]) await worker.client.conversations.syncAll();

  for (const worker of [alice, bob]) {
    const peer = worker === alice ? bob : alice;
    expect(worker.client.conversations.listDms()).toHaveLength(1);
    const dm = worker.client.conversations.getDmByInboxId(peer.inboxId);
    expect(textsOf((await dm?.messages()) ?? []).sort()).toEqual(["from alice", "from bob"]);
  }
  // Both have chosen the same one of the two.
  expect(alice.client.conversations.listDms()[0]?.id).toBe(bob.client.conversations.listDms()[0]?.id);
});

test("three workers have one DM per pair, each with its own messages", async ({ alice, bob, carol }) => {
  const pairs = [
    [alice, bob],
    [bob, carol],
    [carol, alice],
  ] as const;
  const ids = new Set<string>();
  for (const [from, to] of pairs) {
    const dm = await from.client.conversations.createDm(to.inboxId);
    await dm.sendText(`${from.name} to ${to.name}`);
    ids.add(dm.id);
  }
  expect(ids.size).toBe(3);
  for (const [from, to] of pairs) {
    await to.client.conversations.syncAll();
    const dm = to.client.conversations.getDmByInboxId(from.inboxId);
    expect(textsOf((await dm?.messages()) ?? [])).toEqual([`${from.name} to ${to.name}`]);
    expect(to.client.conversations.listDms()).toHaveLength(2);
  }
});

test("a new DM is allowed for its maker and unknown for the other", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  expect(dm.consentState()).toBe(consent.allowed);
  const theirs = await dmOf(bob, dm.id);
  expect(theirs.consentState()).toBe(consent.unknown);
  await theirs.sendText("an answer allows");
  expect(theirs.consentState()).toBe(consent.allowed);
  expect(await bob.client.preferences.getConsentState(entity.conversation, dm.id)).toBe(consent.allowed);
});

test("a DM with an address that has no inbox is refused", async ({ alice }) => {
  const nobody = `0x${"12".repeat(20)}`;
  await expect(
    alice.client.conversations.createDmWithIdentifier(identifierOf({ address: nobody })),
  ).rejects.toThrow(new RegExp(nobody));
  expect(alice.client.conversations.listDms()).toEqual([]);
});

test("an optimistic send is local until it is published, then delivered once", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const theirs = await dmOf(bob, dm.id);
  await bob.startStream(typeofStream.Message);

  const id = await dm.sendText("queued", optimistic(alice));
  expect(alice.client.conversations.getMessageById(id)?.deliveryStatus).toBe(delivery.unpublished);
  await theirs.sync();
  expect(textsOf(await theirs.messages())).toEqual([]);

  await dm.publishMessages();
  await expect(bob).toHaveReceivedExactlyOnce("queued");
  expect(alice.client.conversations.getMessageById(id)?.deliveryStatus).toBe(delivery.published);
  const [sent] = [...alice.events].filter((event) => event.kind === "send");
  expect(sent).toMatchObject({ outcome: "ok", messageId: id, contentType: "text" });
});
