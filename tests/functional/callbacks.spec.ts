import { EventEmitter, once } from "node:events";
import { expect } from "playwright-xmtp";
import { ownConsentIsPreference } from "../support/sdk-differences.js";
import { test } from "../support/place.js";
import { consent, entity, groupOf } from "./support/sdk.js";

test("an async iterator yields messages, and ends when it is ended", async ({ alice, bob, place }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const stream = await bob.client.conversations.streamAllMessages();
  const sent = ["first", "second", "third"];
  for (const text of sent) await dm.sendText(text);

  const seen: unknown[] = [];
  for await (const message of stream) {
    expect(message.senderInboxId).toBe(alice.inboxId);
    expect(message.conversationId).toBe(dm.id);
    seen.push(message.content);
    if (seen.length === sent.length) break;
  }
  expect(seen).toEqual(sent);
  await stream.end();
  expect(stream.isDone).toBe(true);
  await place.node?.waitForSubscriptions(0, 5_000);
});

test("a message callback's assertions count: what they say is awaited", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const called = new EventEmitter<{ value: [id: string]; error: [unknown] }>();
  const value = once(called, "value");
  await bob.client.conversations.streamAllMessages({
    onValue: (message) => {
      try {
        expect(message.content).toBe("called back");
        expect(message.senderInboxId).toBe(alice.inboxId);
        called.emit("value", message.id);
      } catch (error) {
        called.emit("error", error);
      }
    },
  });
  const id = await dm.sendText("called back");
  expect(await value).toEqual([id]);
});

test("a conversation iterator yields the new group itself", async ({ alice, bob }) => {
  const stream = await bob.client.conversations.stream();
  const group = await alice.client.conversations.createGroup([bob.inboxId], { groupName: "brand new" });
  const { value } = await stream.next();
  expect(value.id).toBe(group.id);
  expect("name" in value ? value.name : undefined).toBe("brand new");
  expect(value.addedByInboxId).toBe(alice.inboxId);
  await expect(value).toHaveMembers([alice, bob]);
  await stream.end();
});

test("a conversation callback gets each new conversation once", async ({ alice, bob }) => {
  const seen: string[] = [];
  const stream = await bob.client.conversations.stream({
    onValue: (value) => void seen.push(value?.id ?? ""),
  });
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await expect.poll(() => [...seen].sort()).toEqual([group.id, dm.id].sort());
  await stream.end();
});

test("streams of groups and of DMs keep to their kind", async ({ alice, bob }) => {
  const groups: string[] = [];
  const dms: string[] = [];
  const groupTexts: unknown[] = [];
  const dmTexts: unknown[] = [];
  const { conversations } = bob.client;
  await conversations.streamGroups({ onValue: ({ id }) => void groups.push(id) });
  await conversations.streamDms({ onValue: ({ id }) => void dms.push(id) });
  await conversations.streamAllGroupMessages({ onValue: ({ content }) => void groupTexts.push(content) });
  await conversations.streamAllDmMessages({ onValue: ({ content }) => void dmTexts.push(content) });

  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await expect.poll(() => [groups, dms]).toEqual([[group.id], [dm.id]]);
  await group.sendText("to the group");
  await dm.sendText("to the DM");
  await expect.poll(() => [groupTexts, dmTexts]).toEqual([["to the group"], ["to the DM"]]);
});

test("a conversation's own stream has its messages only", async ({ alice, bob }) => {
  const one = await alice.client.conversations.createGroup([bob.inboxId]);
  const other = await alice.client.conversations.createGroup([bob.inboxId]);
  const theirs = await groupOf(bob, one.id);
  await groupOf(bob, other.id);
  const seen: unknown[] = [];
  const stream = await theirs.stream({ onValue: ({ content }) => void seen.push(content) });

  await other.sendText("elsewhere");
  await one.sendText("here");
  await expect.poll(() => seen).toEqual(["here"]);
  await stream.end();
});

test("consent and preference callbacks get what was set", async ({ alice, bob }) => {
  const consents: unknown[] = [];
  const preferences: unknown[] = [];
  const own = alice.client.preferences;
  await own.streamConsent({ onValue: (value) => void consents.push(...value) });
  await own.streamPreferences({ onValue: (value) => void preferences.push(...value) });
  const record = { entityType: entity.inbox, entity: bob.inboxId, state: consent.denied };
  await own.setConsentStates([record]);
  await expect.poll(() => consents).toEqual([record]);
  const change = { type: "ConsentUpdate", consent: record };
  if (ownConsentIsPreference) await expect.poll(() => preferences).toContainEqual(change);
  else expect(preferences).not.toContainEqual(change);
});

test("a raw stream left open is ended with its worker", async ({ bob, place }) => {
  const stream = await bob.client.conversations.streamAllMessages();
  if (place.node) expect((await place.node.stats()).openSubscriptions).toBeGreaterThan(0);
  await bob.terminate();
  await place.node?.waitForSubscriptions(0, 5_000);
  expect(stream.isDone).toBe(true);
});
