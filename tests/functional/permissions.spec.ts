import { expect, test } from "playwright-xmtp";
import type { PermissionPolicy } from "@xmtp/node-sdk";
import type { Worker } from "playwright-xmtp";
import { hasAppDataPolicy, nameField } from "../support/sdk-differences.js";
import { denial, groupOf, inboxIds, level, permissions, permissionTo, policy } from "./support/sdk.js";

type Group = Awaited<ReturnType<typeof groupOf>>;

test("the maker is the only super admin, the others are members", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  for (const worker of [alice, bob]) {
    const seen = await groupOf(worker, group.id);
    expect(seen.listSuperAdmins()).toEqual([alice.inboxId]);
    expect(seen.listAdmins()).toEqual([]);
    expect(await levels(seen)).toEqual({ [alice.inboxId]: level.superAdmin, [bob.inboxId]: level.member });
  }
});

test("an admin is made and unmade; every member sees it", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));

  await group.addAdmin(bob.inboxId);
  for (const worker of [alice, bob, carol]) {
    const seen = await groupOf(worker, group.id);
    expect(seen.listAdmins()).toEqual([bob.inboxId]);
    expect([seen.isAdmin(bob.inboxId), seen.isAdmin(carol.inboxId)]).toEqual([true, false]);
    expect((await levels(seen))[bob.inboxId]).toBe(level.admin);
  }

  await group.removeAdmin(bob.inboxId);
  for (const worker of [alice, bob, carol]) {
    const seen = await groupOf(worker, group.id);
    expect(seen.listAdmins()).toEqual([]);
    expect((await levels(seen))[bob.inboxId]).toBe(level.member);
  }
  await expect([alice, bob, carol]).toHaveConverged(group.id);
});

test("a super admin is made and unmade; every member sees it", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));

  await group.addSuperAdmin(bob.inboxId);
  for (const worker of [alice, bob, carol]) {
    const seen = await groupOf(worker, group.id);
    expect(seen.listSuperAdmins().sort()).toEqual(inboxIds([alice, bob]).sort());
    expect([seen.isSuperAdmin(bob.inboxId), seen.isSuperAdmin(carol.inboxId)]).toEqual([true, false]);
  }

  await group.removeSuperAdmin(bob.inboxId);
  for (const worker of [alice, bob, carol])
    expect((await groupOf(worker, group.id)).listSuperAdmins()).toEqual([alice.inboxId]);
});

test("an admin who is not the maker removes a member", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  await group.addAdmin(bob.inboxId);
  await groupOf(carol, group.id);

  await (await groupOf(bob, group.id)).removeMembers([carol.inboxId]);

  for (const worker of [alice, bob])
    await expect(await groupOf(worker, group.id)).toHaveMembers([alice, bob]);
  expect((await groupOf(carol, group.id)).isActive).toBe(false);
});

test("a super admin who is not the maker makes an admin and a super admin", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
  await group.addSuperAdmin(bob.inboxId);

  const theirs = await groupOf(bob, group.id);
  await theirs.addAdmin(carol.inboxId);
  expect((await groupOf(alice, group.id)).listAdmins()).toEqual([carol.inboxId]);
  await theirs.removeAdmin(carol.inboxId);
  await theirs.removeSuperAdmin(alice.inboxId);

  const seen = await groupOf(carol, group.id);
  expect(seen.listAdmins()).toEqual([]);
  expect(seen.listSuperAdmins()).toEqual([bob.inboxId]);
});

test.describe("a plain member is denied", () => {
  const denied: readonly (readonly [string, (group: Group, other: Worker) => Promise<void>])[] = [
    ["removing a member", (group, other) => group.removeMembers([other.inboxId])],
    ["making an admin", (group, other) => group.addAdmin(other.inboxId)],
    ["making itself an admin", (group) => group.addAdmin(group.listSuperAdmins()[0] ?? "")],
    ["making a super admin", (group, other) => group.addSuperAdmin(other.inboxId)],
    ["unmaking the super admin", (group) => group.removeSuperAdmin(group.listSuperAdmins()[0] ?? "")],
    ["changing a policy", (group) => group.updatePermission(permissionTo.removeMember, policy.allow)],
  ];
  for (const [what, act] of denied) {
    test(what, async ({ alice, bob, carol }) => {
      const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]));
      const before = await alice.snapshot(group.id);
      const theirs = await groupOf(bob, group.id);

      await expect(act(theirs, carol)).rejects.toThrow(denial);

      const after = await alice.snapshot(group.id);
      expect(after.members).toEqual(before.members);
      expect(after.superAdmins).toEqual(before.superAdmins);
      expect(after.admins).toEqual([]);
      expect((await groupOf(alice, group.id)).permissions()).toEqual(group.permissions());
      await expect([alice, bob, carol]).toHaveConverged(group.id);
    });
  }
});

test("the default policies let a member add and rename", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  expect(group.permissions().policyType).toBe(permissions.default);
  const theirs = await groupOf(bob, group.id);
  await theirs.addMembers([carol.inboxId]);
  await theirs.updateName("by a member");

  const seen = await groupOf(carol, group.id);
  expect(seen.name).toBe("by a member");
  expect(seen.addedByInboxId).toBe(bob.inboxId);
});

test("admin-only policies deny a member what they let an admin do", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId], {
    permissions: permissions.adminOnly,
    groupName: "before",
  });
  const theirs = await groupOf(bob, group.id);
  expect(theirs.permissions().policyType).toBe(permissions.adminOnly);
  await expect(theirs.addMembers([carol.inboxId])).rejects.toThrow(denial);
  await expect(theirs.updateName("denied")).rejects.toThrow(denial);
  expect((await groupOf(alice, group.id)).name).toBe("before");

  await group.addAdmin(bob.inboxId);
  await theirs.sync();
  await theirs.addMembers([carol.inboxId]);
  await theirs.updateName("allowed");
  const seen = await groupOf(carol, group.id);
  expect(seen.name).toBe("allowed");
  await expect(seen).toHaveMembers([alice, bob, carol]);
});

test("custom policies hold as they were given", async ({ alice, bob, carol }) => {
  const customPermissionPolicySet = {
    addMemberPolicy: policy.admin,
    removeMemberPolicy: policy.superAdmin,
    addAdminPolicy: policy.superAdmin,
    removeAdminPolicy: policy.superAdmin,
    updateGroupNamePolicy: policy.deny,
    updateGroupDescriptionPolicy: policy.allow,
    updateGroupImageUrlSquarePolicy: policy.admin,
    updateMessageDisappearingPolicy: policy.admin,
    ...(hasAppDataPolicy
      ? { updateAppDataPolicy: policy.allow }
      : ({} as { updateAppDataPolicy: PermissionPolicy })),
  };
  const group = await alice.client.conversations.createGroup(inboxIds([bob, carol]), {
    permissions: permissions.custom,
    customPermissionPolicySet,
    groupName: "fixed for ever",
  });
  const theirs = await groupOf(bob, group.id);
  expect(theirs.permissions()).toEqual({
    policyType: permissions.custom,
    policySet: customPermissionPolicySet,
  });
  await theirs.updateDescription("a member may");
  await expect(theirs.updateImageUrl("https://example.org/no.png")).rejects.toThrow(denial);
  await expect(group.updateName("not even the super admin")).rejects.toThrow(denial);

  await group.addAdmin(bob.inboxId);
  await theirs.sync();
  await theirs.updateImageUrl("https://example.org/yes.png");
  await expect(theirs.removeMembers([carol.inboxId])).rejects.toThrow(denial);

  const seen = await groupOf(carol, group.id);
  expect([seen.name, seen.description, seen.imageUrl]).toEqual([
    "fixed for ever",
    "a member may",
    "https://example.org/yes.png",
  ]);
  await expect([alice, bob, carol]).toHaveConverged(group.id);
});

test("a policy that is changed later binds from then on", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const theirs = await groupOf(bob, group.id);
  await theirs.updateName("still allowed");

  await group.updatePermission(permissionTo.updateMetadata, policy.superAdmin, nameField);
  await theirs.sync();
  expect(theirs.permissions().policySet.updateGroupNamePolicy).toBe(policy.superAdmin);
  await expect(theirs.updateName("too late")).rejects.toThrow(denial);
  await theirs.updateDescription("another field is free");

  const seen = await groupOf(alice, group.id);
  expect([seen.name, seen.description]).toEqual(["still allowed", "another field is free"]);
});

async function levels(group: Group): Promise<Record<string, number>> {
  return Object.fromEntries(
    (await group.members()).map(({ inboxId, permissionLevel }) => [inboxId, permissionLevel]),
  );
}
