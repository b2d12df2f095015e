import { join } from "node:path";
import { messageApi } from "#src/network/proto/index.js";
import { newSigner } from "#src/workers/sdk/index.js";
import type { SdkClient, SdkMessage } from "#src/workers/sdk/index.js";
import { RawClient } from "../network/grpc-client.js";
import { newSigner as accountSigner } from "../network/sdk-client.js";
import { expect, listen, quick, test } from "./clients.js";

const heard = (values: readonly SdkMessage[]): unknown[] =>
  values.filter(({ contentType }) => contentType.includes("text")).map(({ content }) => content);

test("v3 and d14n clients of one node share groups: streams, syncs, changes of members", async ({
  client,
  node,
}) => {
  const network = { env: "embedded", url: node.url, historyUrl: node.historyUrl, gateway: true };
  const [older, newer, third] = [await client(), await client({ network }), await client({ network })];
  const atOlder = listen();
  const atNewer = listen();
  await older.streamMessages(atOlder, quick);
  await newer.streamMessages(atNewer, quick);

  const group = await older.createGroup([newer.inboxId], { name: "mixed" });
  await newer.syncConversations();
  await older.sendText(group, "from v3");
  await newer.sendText(group, "from d14n");
  await expect.poll(() => heard(atNewer.values)).toEqual(["from v3", "from d14n"]);
  await expect.poll(() => heard(atOlder.values)).toEqual(["from v3", "from d14n"]);

  await newer.updateName(group, "renamed over d14n");
  await older.syncConversation(group);
  await older.addMembers(group, [third.inboxId]);
  await third.syncAll();
  await third.sendText(group, "from the newcomer");
  await expect.poll(() => heard(atOlder.values).at(-1)).toBe("from the newcomer");
  await expect.poll(() => heard(atNewer.values).at(-1)).toBe("from the newcomer");
  await older.removeMembers(group, [third.inboxId]);

  const all: SdkClient[] = [older, newer];
  for (const one of all) await one.syncAll();
  const [left, right] = await Promise.all(all.map(async (one) => shared(await one.snapshot(group))));
  expect(left).toEqual(right);
  expect(left).toMatchObject({ metadata: { name: "renamed over d14n" } });
});

/** What two installations of a group have in common; how it came about is each one's own. */
function shared(snapshot: Awaited<ReturnType<SdkClient["snapshot"]>>): unknown {
  const { epoch, epochAuthenticator, metadata, members, messages } = snapshot;
  const texts = messages.filter(({ contentType }) => contentType.includes("text"));
  return { epoch, epochAuthenticator, metadata, members, texts };
}

test("one database goes on over d14n where it stood on v3", async ({ client, node }, testInfo) => {
  const network = { env: "embedded", url: node.url, historyUrl: node.historyUrl };
  const identity = {
    signer: newSigner(),
    dbPath: join(testInfo.outputDir, "moving.db3"),
    dbEncryptionKey: new Uint8Array(32).fill(7),
  };
  const peer = await client();
  const before = await client(identity);
  const group = await peer.createGroup([before.inboxId]);
  await before.syncAll();
  await peer.sendText(group, "first");
  await before.syncAll();
  await before.close();
  await peer.sendText(group, "second");

  const after = await client({ ...identity, network: { ...network, gateway: true } });
  expect(after.installationId).toBe(before.installationId);
  await after.syncAll();
  await after.sendText(group, "third");
  await peer.syncAll();
  const texts = (await peer.listMessages(group)).map(({ content }) => content).slice(1);
  expect(heard(await after.listMessages(group))).toEqual(["first", "second", "third"]);
  expect(texts).toEqual(["first", "second", "third"]);
});

test("an address is found where it belongs now: added, moved, and gone", async ({ client, node }) => {
  const network = { env: "embedded", url: node.url, historyUrl: node.historyUrl, gateway: true };
  const [first, second] = [await client({ network }), await client({ network })];
  await using raw = new RawClient(node.url);
  const wallet = accountSigner();
  const identifier = await wallet.getIdentifier();
  const inbox = async () => {
    const request = { requests: [{ identifier: identifier.identifier }] };
    const { responses } = await raw.ok(messageApi.ReplicationApi.method.getInboxIds, request);
    return responses[0]?.inboxId;
  };
  expect(await inbox()).toBeUndefined();
  await first.client.unsafe_addAccount(wallet, true);
  expect(await inbox()).toBe(first.inboxId);
  await second.client.unsafe_addAccount(wallet, true);
  expect(await inbox()).toBe(second.inboxId);
  await second.client.removeAccount(identifier);
  expect(await inbox(), "the earlier inbox has it still").toBe(first.inboxId);
  await first.client.removeAccount(identifier);
  expect(await inbox()).toBeUndefined();
});
