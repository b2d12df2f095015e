import type { ConsentState } from "@xmtp/node-sdk";
import { expect, test, typeofStream } from "playwright-xmtp";
import { askForHistory, askSiblings, asksForHistory } from "../support/sdk-differences.js";
import { consent, entity, groupOf, inboxIds } from "./support/sdk.js";

test("a worker's own consent changes appear on its own stream, in order", async ({ alice, bob }) => {
  await alice.startStream(typeofStream.Consent);
  for (const state of [consent.denied, consent.allowed]) {
    await alice.client.preferences.setConsentStates([
      { entityType: entity.inbox, entity: bob.inboxId, state },
    ]);
  }
  const changes = await alice.collectConsentUpdates(2, { entity: bob.inboxId });
  expect(changes.map(({ entityType, state }) => [entityType, state])).toEqual([
    ["inbox", "denied"],
    ["inbox", "allowed"],
  ]);
  expect(await alice.client.preferences.getConsentState(entity.inbox, bob.inboxId)).toBe(consent.allowed);
});

test("a consent change is nobody else's business", async ({ alice, bob }) => {
  await alice.startStream(typeofStream.Consent);
  await bob.startStream(typeofStream.Consent);
  await alice.client.preferences.setConsentStates([
    { entityType: entity.inbox, entity: bob.inboxId, state: consent.denied },
  ]);
  await bob.client.preferences.setConsentStates([
    { entityType: entity.inbox, entity: alice.inboxId, state: consent.allowed },
  ]);
  await alice.collectConsentUpdates(1, { entity: bob.inboxId, state: "denied" });
  await bob.collectConsentUpdates(1, { entity: alice.inboxId, state: "allowed" });
  const entities = (name: string): string[] =>
    alice.events.ledger.events.flatMap((event) =>
      event.kind === "consent" && event.worker === name ? [event.entity] : [],
    );
  expect(entities("alice")).toEqual([bob.inboxId]);
  expect(entities("bob")).toEqual([alice.inboxId]);
});

test("a group is allowed for its maker, unknown for who was added, until denied", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Consent);
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  expect(group.consentState()).toBe(consent.allowed);
  const theirs = await groupOf(bob, group.id);
  expect(theirs.consentState()).toBe(consent.unknown);

  theirs.updateConsentState(consent.denied);
  const [change] = await bob.collectConsentUpdates(1, { entity: group.id });
  expect(change).toMatchObject({ entityType: "conversation", entity: group.id, state: "denied" });
  expect(theirs.consentState()).toBe(consent.denied);
  expect((await bob.snapshot(group.id)).consent).toBe("denied");
  expect((await alice.snapshot(group.id)).consent).toBe("allowed");
});

test("each member's consent to a group is its own", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  for (const worker of [bob, carol]) await worker.startStream(typeofStream.Consent);
  (await groupOf(bob, group.id)).updateConsentState(consent.allowed);
  (await groupOf(carol, group.id)).updateConsentState(consent.denied);

  await bob.collectConsentUpdates(1, { entity: group.id, state: "allowed" });
  await carol.collectConsentUpdates(1, { entity: group.id, state: "denied" });
  const states = await Promise.all(
    [alice, bob, carol].map(async (worker) => (await worker.snapshot(group.id)).consent),
  );
  expect(states).toEqual(["allowed", "allowed", "denied"]);
});

test("conversations are listed by consent", async ({ alice, bob }) => {
  const ids = [];
  for (const groupName of ["liked", "unwanted", "new"])
    ids.push((await alice.client.conversations.createGroup([bob.inboxId], { groupName })).id);
  const [liked = "", unwanted = "", fresh = ""] = ids;
  (await groupOf(bob, liked)).updateConsentState(consent.allowed);
  (await groupOf(bob, unwanted)).updateConsentState(consent.denied);

  const listed = (...consentStates: (typeof consent.allowed)[]): string[] =>
    bob.client.conversations.listGroups({ consentStates }).map(({ id }) => id);
  expect(listed(consent.allowed)).toEqual([liked]);
  expect(listed(consent.denied)).toEqual([unwanted]);
  expect(listed(consent.unknown)).toEqual([fresh]);
  expect(listed(consent.allowed, consent.unknown).sort()).toEqual([liked, fresh].sort());
  // Without a filter, denied ones are left out.
  expect(
    bob.client.conversations
      .listGroups()
      .map(({ id }) => id)
      .sort(),
  ).toEqual([liked, fresh].sort());
});

test("a denied group still gets its messages on sync", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const theirs = await groupOf(bob, group.id);
  theirs.updateConsentState(consent.denied);
  const id = await group.sendText("unwanted");
  await theirs.sync();
  expect((await theirs.messages()).map((message) => message.id)).toContain(id);
});

test("consent reaches the other installation of the same inbox", async ({ alice, bob }) => {
  const second = await alice.addNewInstallation();
  await alice.client.conversations.syncAll();
  await askSiblings(second);
  const setConsent = async (state: ConsentState): Promise<void> => {
    await alice.client.preferences.setConsentStates([
      { entityType: entity.inbox, entity: bob.inboxId, state },
    ]);
  };
  await setConsent(consent.denied);

  let rounds = 0;
  await expect
    .poll(
      async () => {
        // The SDK tells those installations that its sync group holds at that moment: where the second one came a moment
        // later, and its own request was answered a moment before, it has to ask, or be told anew.
        if (++rounds % 5 === 0) {
          if (asksForHistory) await askForHistory(second);
          else for (const state of [consent.allowed, consent.denied]) await setConsent(state);
        }
        for (const worker of [alice, second]) await worker.client.conversations.syncAll();
        return await second.client.preferences.getConsentState(entity.inbox, bob.inboxId);
      },
      { timeout: 20_000 },
    )
    .toBe(consent.denied);
});
