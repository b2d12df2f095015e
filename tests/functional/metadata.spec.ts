import { expect, test, typeofStream } from "playwright-xmtp";
import { hasAppData } from "../support/sdk-differences.js";
import { whereSdkHas } from "./support/features.js";
import { groupOf } from "./support/sdk.js";

const fields = {
  groupName: "the name",
  groupDescription: "what it is about",
  groupImageUrlSquare: "https://example.org/picture.png",
  appData: JSON.stringify({ theme: "dark", version: 3 }),
};

test("metadata given at creation is read by a member", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId], fields);
  const theirs = await groupOf(bob, group.id);
  expect(theirs.name).toBe(fields.groupName);
  expect(theirs.description).toBe(fields.groupDescription);
  expect(theirs.imageUrl).toBe(fields.groupImageUrlSquare);
  expect(theirs.appData).toBe(hasAppData ? fields.appData : undefined);
});

test("a group made without metadata has none", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const theirs = await groupOf(bob, group.id);
  expect([theirs.name, theirs.description, theirs.imageUrl, theirs.appData]).toEqual([
    "",
    "",
    "",
    hasAppData ? "" : undefined,
  ]);
});

const changes = [
  { what: "name", field: "group_name", value: "a new name" },
  { what: "description", field: "description", value: "a new description" },
  { what: "image", field: "group_image_url_square", value: "https://example.org/new.png" },
  ...(hasAppData ? [{ what: "app data", field: "app_data", value: '{"theme":"light"}' } as const] : []),
] as const;

for (const { what, field, value } of changes) {
  test(`a member changes the ${what}; the others stream the change and read the value`, async ({
    alice,
    bob,
    carol,
  }) => {
    const group = await alice.client.conversations.createGroup([bob.inboxId, carol.inboxId], fields);
    await groupOf(carol, group.id);
    await carol.startStream(typeofStream.GroupUpdated);

    const theirs = await groupOf(bob, group.id);
    if (what === "name") await theirs.updateName(value);
    else if (what === "description") await theirs.updateDescription(value);
    else if (what === "image") await theirs.updateImageUrl(value);
    else await theirs.updateAppData(value);

    const [change] = await carol.collectGroupUpdates(group.id, 1, { field });
    expect(change?.update?.fields.map(({ newValue }) => newValue)).toEqual([value]);
    expect(change?.update?.initiatedByInboxId).toBe(bob.inboxId);
    for (const worker of [alice, carol]) {
      const { name, description, imageUrl, appData } = await groupOf(worker, group.id);
      const expected = {
        name: fields.groupName,
        description: fields.groupDescription,
        image: fields.groupImageUrlSquare,
        "app data": hasAppData ? fields.appData : undefined,
        [what]: value,
      };
      expect({ name, description, image: imageUrl, "app data": appData }).toEqual(expected);
    }
    await expect([alice, bob, carol]).toHaveConverged(group.id);
  });
}

test("ten renames are streamed in order, and the last one stays", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId], { groupName: "name 0" });
  await groupOf(bob, group.id);
  await bob.startStream(typeofStream.GroupUpdated);
  for (let at = 1; at <= 10; at += 1) await group.updateName(`name ${at}`);

  const updates = await bob.collectGroupUpdates(group.id, 10);
  expect(updates.flatMap(({ update }) => update?.fields ?? [])).toEqual(
    Array.from({ length: 10 }, (_, at) => ({
      field: "group_name",
      oldValue: `name ${at}`,
      newValue: `name ${at + 1}`,
    })),
  );
  expect((await groupOf(bob, group.id)).name).toBe("name 10");
});

test("two members rename at once; all agree on one of the names", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId, carol.inboxId]);
  const theirs = await groupOf(bob, group.id);
  await Promise.all([group.updateName("by alice"), theirs.updateName("by bob")]);

  await expect([alice, bob, carol]).toHaveConverged(group.id);
  const names = await Promise.all(
    [alice, bob, carol].map(async (worker) => (await worker.snapshot(group.id)).metadata["name"]),
  );
  expect(["by alice", "by bob"]).toContain(names[0]);
  expect(new Set(names).size).toBe(1);
});

whereSdkHas("app data", () => {
  test("app data above its limit is refused and changes nothing", async ({ alice, bob }) => {
    const group = await alice.client.conversations.createGroup([bob.inboxId], { appData: "small" });
    await group.updateAppData("x".repeat(8_192));
    await expect(group.updateAppData("x".repeat(8_193))).rejects.toThrow(/8192|character limit|exceed/i);
    expect((await groupOf(bob, group.id)).appData).toBe("x".repeat(8_192));
  });
});
