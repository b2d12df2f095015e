import { expect } from "@playwright/test";
import { Code, startNode } from "#src/network/index.js";
import { associations, identity, mls } from "#src/network/proto/index.js";
import { clone } from "@bufbuild/protobuf";
import { test } from "./fixtures.js";
import { RawClient } from "./grpc-client.js";
import { newClient } from "./sdk-client.js";

const { method } = identity.IdentityApi;
const keyPackageMethods = mls.MlsApi.method;

/** A real registration: what an SDK client left in the node's identity log. */
async function registered(raw: RawClient, node: Parameters<typeof newClient>[0]) {
  const client = await newClient(node);
  const { responses } = await raw.ok(method.getIdentityUpdates, { requests: [{ inboxId: client.inboxId }] });
  const update = responses[0]?.updates[0]?.update;
  if (!update) throw new Error("The client's registration is not in the log.");
  const address = client.accountIdentifier?.identifier ?? "";
  return { client, update, address, updates: responses[0]?.updates ?? [] };
}

test("a registration is in the log, and its account resolves by exact match", async ({ raw, node }) => {
  const { client, address, updates } = await registered(raw, node);
  expect(updates).toHaveLength(1);
  expect(updates[0]).toMatchObject({ sequenceId: 1n, update: { inboxId: client.inboxId } });
  expect(updates[0]?.serverTimestampNs).toBeGreaterThan(BigInt(Date.now() - 60_000) * 1_000_000n);

  const found = await raw.ok(method.getInboxIds, {
    requests: [
      { identifier: address, identifierKind: associations.IdentifierKind.ETHEREUM },
      { identifier: address.toUpperCase() },
      { identifier: "0x0" },
    ],
  });
  expect(
    found.responses.map(({ identifier, inboxId, identifierKind }) => [identifier, inboxId, identifierKind]),
  ).toEqual([
    [address, client.inboxId, associations.IdentifierKind.UNSPECIFIED],
    [address.toUpperCase(), undefined, associations.IdentifierKind.UNSPECIFIED],
    ["0x0", undefined, associations.IdentifierKind.UNSPECIFIED],
  ]);
});

test("updates after a sequence id, per request; an inbox asked twice gets both answers' rows", async ({
  raw,
  node,
}) => {
  const { client } = await registered(raw, node);
  const ask = (sequenceId: bigint) => ({ inboxId: client.inboxId, sequenceId });
  const counts = async (...requests: { inboxId: string; sequenceId?: bigint }[]) => {
    const { responses } = await raw.ok(method.getIdentityUpdates, { requests });
    return responses.map(({ updates }) => updates.length);
  };
  expect(await counts(ask(0n), { inboxId: "ab".repeat(32) })).toEqual([1, 0]);
  expect(await counts(ask(1n))).toEqual([0]);
  expect(await counts(ask(1n), ask(0n))).toEqual([1, 1]);
});

test("an update is refused with the real node's texts, and leaves the log as it was", async ({
  raw,
  node,
}) => {
  const { client, update } = await registered(raw, node);
  expect(await raw.call(method.publishIdentityUpdate, {})).toMatchObject({
    status: Code.UNKNOWN,
    message: "IdentityUpdate is required",
  });
  expect(
    await raw.call(method.publishIdentityUpdate, { identityUpdate: update }),
    "the same again",
  ).toMatchObject({ status: Code.INVALID_ARGUMENT, message: "Multiple create operations detected" });
  const odd = await raw.call(method.publishIdentityUpdate, { identityUpdate: { inboxId: "zz" } });
  expect(odd).toMatchObject({ status: Code.UNKNOWN });
  expect(odd.message).toContain('invalid hexadecimal digit: "z"');
  const after = await raw.ok(method.getIdentityUpdates, { requests: [{ inboxId: client.inboxId }] });
  expect(after.responses[0]?.updates).toHaveLength(1);
  expect((await node.stats()).identityUpdates).toBe(1);
});

test("a registration is accepted by a second node, but not once a byte of it has changed", async ({
  raw,
  node,
}) => {
  const { update, address, client } = await registered(raw, node);
  await using second = await startNode();
  await using other = new RawClient(second.url);
  const changed = clone(associations.IdentityUpdateSchema, update);
  changed.clientTimestampNs += 1_000_000_000n;
  const refused = await other.call(method.publishIdentityUpdate, { identityUpdate: changed });
  expect(refused.status, refused.message).toBe(Code.INVALID_ARGUMENT);
  await other.ok(method.publishIdentityUpdate, { identityUpdate: update });
  const { responses } = await other.ok(method.getInboxIds, { requests: [{ identifier: address }] });
  expect(responses[0]?.inboxId).toBe(client.inboxId);
});

test("of two registrations of one inbox at once, one wins", async ({ raw, node }) => {
  const { update } = await registered(raw, node);
  await using second = await startNode();
  await using other = new RawClient(second.url);
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => other.call(method.publishIdentityUpdate, { identityUpdate: update })),
  );
  expect(outcomes.map(({ status }) => status).sort((a, b) => a - b)).toEqual([0, 3, 3, 3, 3]);
  expect((await second.stats()).identityUpdates).toBe(1);
});

test("key packages: last one wins, missing ones are empty, asked twice the last place is filled", async ({
  raw,
  node,
}) => {
  const client = await newClient(node);
  const key = Buffer.from(client.installationId, "hex");
  const fetch = async (...installationKeys: Uint8Array[]) => {
    const { keyPackages } = await raw.ok(keyPackageMethods.fetchKeyPackages, { installationKeys });
    return keyPackages.map(({ keyPackageTlsSerialized }) => Buffer.from(keyPackageTlsSerialized));
  };
  const nobody = Buffer.alloc(32, 1);
  const [missing, keyPackage] = await fetch(nobody, key);
  expect(missing).toHaveLength(0);
  expect(keyPackage?.length).toBeGreaterThan(1_000);
  expect((await fetch(key, nobody, key)).map(({ length }) => length > 0)).toEqual([false, false, true]);
  expect(await fetch()).toEqual([]);

  const upload = { keyPackage: { keyPackageTlsSerialized: keyPackage } };
  const { installationKey } = await raw.ok(keyPackageMethods.registerInstallation, upload);
  expect(Buffer.from(installationKey)).toEqual(key);
  await raw.ok(keyPackageMethods.uploadKeyPackage, upload);
  expect((await node.stats()).keyPackages).toBe(1);

  expect(await raw.call(keyPackageMethods.uploadKeyPackage, {})).toMatchObject({
    status: Code.INVALID_ARGUMENT,
    message: "no key package",
  });
  const broken = Buffer.from(keyPackage ?? []);
  broken.writeUInt8(broken.readUInt8(broken.length - 1) ^ 1, broken.length - 1);
  const refused = await raw.call(keyPackageMethods.uploadKeyPackage, {
    keyPackage: { keyPackageTlsSerialized: broken },
  });
  expect(refused.status).toBe(Code.INVALID_ARGUMENT);
  expect(refused.message).toMatch(
    /^invalid identity: validation failed with error XMTP Key Package failed ./,
  );
});
