import type { Identifier } from "@xmtp/node-sdk";
import { readdirSync, readlinkSync } from "node:fs";
import { startNode } from "#src/network/index.js";
import { newSigner } from "#src/workers/sdk/index.js";
import { expect, test } from "./clients.js";

test("clients of two networks live side by side in one process, static helpers included", async ({
  client,
  node,
}) => {
  await using other = await startNode();
  const signer = newSigner();
  const here = await client({ signer });
  const network = { env: "elsewhere", url: other.url, historyUrl: other.historyUrl };
  const there = await client({ network });
  expect((await node.stats()).identityUpdates).toBe(1);
  expect((await other.stats()).identityUpdates).toBe(1);
  // 0 is Ethereum: the SDK's const enums have no values at run time.
  const identifier = Object.assign({} as Identifier, { identifier: signer.address, identifierKind: 0 });
  const { Client } = await import("@xmtp/node-sdk");
  const canMessageAt = async (env: unknown): Promise<boolean | undefined> =>
    (await Client.canMessage([identifier], env as "local")).get(signer.address);
  expect(await canMessageAt(here.client.options?.env)).toBe(true);
  expect(await canMessageAt(there.client.options?.env)).toBe(false);
});

test("a node that is down is named in the error", async ({ client, node }) => {
  await node.stop();
  await expect(client()).rejects.toMatchObject({
    code: "CLIENT_CREATE",
    message: expect.stringContaining(node.url),
  });
  await node.start();
});

test("a snapshot shows the conversation as this installation has it", async ({ client }) => {
  const [alice, bob] = [await client(), await client()];
  const group = await alice.createGroup([bob.inboxId], { name: "first", description: "d", imageUrl: "i" });
  await alice.updateName(group, "second");
  const id = await alice.sendText(group, "hello");
  expect(await bob.snapshot(group)).toMatchObject({ known: false, messages: [], fork: "unknown" });
  await bob.syncAll();
  const [seen, own] = [await bob.snapshot(group), await alice.snapshot(group)];
  expect(seen).toMatchObject({
    inboxId: bob.inboxId,
    installationId: bob.installationId,
    conversationId: group,
    known: true,
    active: true,
    epoch: 2,
    admins: [],
    superAdmins: [alice.inboxId],
    metadata: { name: "second", description: "d", imageUrl: "i", appData: "" },
    consent: "unknown",
    fork: "unknown",
  });
  expect(own).toMatchObject({ epoch: 2, consent: "allowed" });
  expect([...seen.members].sort((a, b) => a.permission.localeCompare(b.permission))).toEqual([
    { inboxId: bob.inboxId, permission: "member" },
    { inboxId: alice.inboxId, permission: "super_admin" },
  ]);
  expect(seen.messages.map(({ kind, contentType }) => [kind, contentType])).toEqual([
    ["membership", "group_updated"],
    ["membership", "group_updated"],
    ["application", "text"],
  ]);
  expect(seen.messages.at(-1)?.id).toBe(id);
  expect(seen.epochAuthenticator).toMatch(/^[0-9a-f]{6}/);
  expect(seen.epochAuthenticator).toBe(own.epochAuthenticator);
  await bob.removeMembers(group, [alice.inboxId]).catch(() => "bob is not an admin");
  await alice.removeMembers(group, [bob.inboxId]);
  await bob.syncAll();
  expect(await bob.snapshot(group)).toMatchObject({ active: false });
});

test("the fork status becomes known when the commit logs are compared", async ({ client }) => {
  const [alice, bob] = [await client(), await client()];
  const group = await alice.createGroup([bob.inboxId]);
  await bob.syncAll();
  await bob.setConsent("conversation", group, "allowed");
  // Whoever joined by the last commit has nothing of its own to compare.
  await alice.updateName(group, "first");
  await bob.syncAll();
  const statusAfter = async (who: typeof alice): Promise<string> => {
    await who.compareCommitLogs();
    return (await who.snapshot(group)).fork;
  };
  await expect.poll(() => statusAfter(alice), { intervals: [200] }).toBe("healthy");
  await expect.poll(() => statusAfter(bob), { intervals: [200] }).toBe("healthy");
  await alice.updateName(group, "new");
  expect((await alice.snapshot(group)).fork, "after a new commit nothing is known").toBe("unknown");
});

test("installations are listed and revoked by id", async ({ client }) => {
  const signer = newSigner();
  const [first, second] = [await client({ signer }), await client({ signer })];
  expect(first.inboxId).toBe(second.inboxId);
  const ids = async (): Promise<string[]> => (await first.fetchInstallations()).map(({ id }) => id).sort();
  expect(await ids()).toEqual([first.installationId, second.installationId].sort());
  await first.revokeInstallations([second.installationId]);
  expect(await ids()).toEqual([first.installationId]);
  await expect(first.revokeInstallations(["ff"])).rejects.toMatchObject({ code: "INSTALLATION_UNKNOWN" });
});

test("a closed client holds no database file and no stream", async ({ client, node }, testInfo) => {
  test.skip(process.platform !== "linux", "open files are counted in /proc");
  const openFiles = (): number =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(testInfo.outputDir);
      } catch {
        return false; // The descriptor of this very listing.
      }
    }).length;
  const alice = await client();
  await alice.client.conversations.streamAllMessages();
  expect(openFiles()).toBeGreaterThan(0);
  await alice.close();
  await alice.close();
  await expect.poll(openFiles).toBe(0);
  await node.waitForSubscriptions(0, 2_000);
});
