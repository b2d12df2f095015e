import { expect } from "@playwright/test";
import { Client } from "@xmtp/node-sdk";
import type { Signer } from "@xmtp/node-sdk";
import { toBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { startNode } from "#src/network/index.js";
import { test } from "./fixtures.js";
import { ETHEREUM, newClient, newSigner } from "./sdk-client.js";

/** Contents of the first `count` messages of a stream. */
async function take(stream: AsyncIterable<{ content?: unknown }>, count: number): Promise<unknown[]> {
  const contents: unknown[] = [];
  for await (const { content } of stream) {
    contents.push(content);
    if (contents.length === count) break;
  }
  return contents;
}

test("real clients register, talk in a DM and a group, stream and sync", async ({ node }) => {
  const [alice, bob, carol] = [await newClient(node), await newClient(node), await newClient(node)];
  const stream = await bob.conversations.streamAllMessages();
  const dm = await alice.conversations.createDm(bob.inboxId);
  await dm.sendText("to bob");
  const group = await alice.conversations.createGroup([bob.inboxId, carol.inboxId], { groupName: "three" });
  await group.sendText("to all");
  expect(await take(stream, 2)).toEqual(["to bob", "to all"]);

  await carol.conversations.syncAll();
  const [joined] = carol.conversations.listGroups();
  expect(joined?.name).toBe("three");
  const texts = (await joined?.messages())?.map(({ content }) => content);
  expect(texts).toContain("to all");
  await node.waitForSubscriptions(0, 10_000);
  const stats = await node.stats();
  expect(stats).toMatchObject({ identityUpdates: 3, keyPackages: 3, openSubscriptions: 0 });
});

test("a group of five installations: one symmetric welcome and a pointer each", async ({ node }) => {
  const alice = await newClient(node);
  const members = await Promise.all(Array.from({ length: 4 }, () => newClient(node)));
  const before = (await node.stats()).welcomes;
  const group = await alice.conversations.createGroup(members.map(({ inboxId }) => inboxId));
  expect((await node.stats()).welcomes - before).toBe(5);
  await Promise.all(members.map((member) => member.conversations.sync()));
  await group.sendText("hello");
  for (const member of members) {
    await member.conversations.syncAll();
    const same = await member.conversations.getConversationById(group.id);
    expect((await same?.messages())?.at(-1)?.content).toBe("hello");
  }
});

test("a second installation of one inbox, and its revocation, pass the identity rules", async ({ node }) => {
  const signer = newSigner();
  const first = await newClient(node, { signer });
  const second = await newClient(node, { signer });
  expect(second.inboxId).toBe(first.inboxId);
  expect(second.installationId).not.toBe(first.installationId);
  await first.revokeAllOtherInstallations();
  const state = await first.preferences.fetchInboxState();
  expect(state.installations.map(({ id }) => id)).toEqual([first.installationId]);
  expect((await node.stats()).identityUpdates).toBe(3);
});

test("a restarted node: the same client goes on, and what it missed is there", async ({ node }) => {
  const [alice, bob] = [await newClient(node), await newClient(node)];
  const dm = await alice.conversations.createDm(bob.inboxId);
  await dm.sendText("before");
  await node.stop();
  await node.start();
  await dm.sendText("after");
  await bob.conversations.syncAll();
  const [his] = bob.conversations.listDms();
  const texts = (await his?.messages())?.map(({ content }) => content);
  expect(texts).toEqual(expect.arrayContaining(["before", "after"]));
});

test("a fault that lasts is an error of the SDK; one that passes is not", async ({ node }) => {
  const [alice, bob] = [await newClient(node), await newClient(node)];
  const dm = await alice.conversations.createDm(bob.inboxId);
  await node.failNext("SendGroupMessages", { code: 14, times: 2 });
  await dm.sendText("twice refused");
  await node.failNext("GetNewestGroupMessage", { code: 14, message: "out for lunch" });
  await expect(alice.conversations.syncAll()).rejects.toThrow("out for lunch");
});

function walletSigner(account: string, sign: (message: string) => Promise<Uint8Array>): Signer {
  return {
    type: "SCW",
    getIdentifier: () => ({ identifier: account, identifierKind: ETHEREUM }),
    signMessage: sign,
    getChainId: () => 8453n,
  };
}
const CONTRACT = "0x00000000000000000000000000000000000c0de1";

test("a smart contract wallet of a registered owner registers; a stranger's signature does not", async ({
  node,
}) => {
  const owner = privateKeyToAccount(generatePrivateKey());
  await node.addSmartContractWallet({ account: CONTRACT, owner: owner.address });
  const sign = async (message: string) => toBytes(await owner.signMessage({ message }));
  const client = await newClient(node, { signer: walletSigner(CONTRACT, sign) });
  expect(client.isRegistered).toBe(true);
  expect((await node.stats()).requests["VerifySmartContractWalletSignatures"]).toBeGreaterThan(0);
  const peer = await newClient(node);
  const dm = await peer.conversations.createDm(client.inboxId);
  await dm.sendText("hello wallet");
  await client.conversations.syncAll();
  expect(client.conversations.listDms()).toHaveLength(1);

  const stranger = privateKeyToAccount(generatePrivateKey());
  const forged = async (message: string) => toBytes(await stranger.signMessage({ message }));
  const other = CONTRACT.replace("de1", "de2");
  await node.addSmartContractWallet({ account: other, owner: owner.address });
  await expect(newClient(node, { signer: walletSigner(other, forged) })).rejects.toThrow();
});

test("a hook decides about wallets instead, from the test's own thread", async () => {
  const asked: string[] = [];
  await using node = await startNode({
    verifySmartContractWallet: ({ address, chainId, blockNumber }) => {
      asked.push(`${chainId} ${address.toLowerCase()}`);
      return { valid: true, blockNumber: blockNumber ?? 7n };
    },
  });
  const sign = () => Promise.resolve(new Uint8Array(65).fill(1));
  const client = await newClient(node, { signer: walletSigner(CONTRACT, sign) });
  expect(client.isRegistered).toBe(true);
  expect(new Set(asked)).toEqual(new Set([`8453 ${CONTRACT}`]));
});

test("the SDK's static look-ups reach the node", async ({ node }) => {
  const alice = await newClient(node);
  const env = `xmtp-test-${new URL(node.url).port}` as "local";
  const identifier = alice.accountIdentifier;
  if (!identifier) throw new Error("The client has no account.");
  const reachable = await Client.canMessage([identifier], env);
  expect(reachable.get(identifier.identifier)).toBe(true);
});

test("start-up: how long a node takes", async ({}, info) => {
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const began = performance.now();
    await using node = await startNode();
    times.push(performance.now() - began);
    expect(node.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  }
  const text = times.map((ms) => ms.toFixed(0)).join(", ");
  info.annotations.push({ type: "node start-up (ms)", description: text });
  console.log(`node start-up: ${text} ms`);
});
