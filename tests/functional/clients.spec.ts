import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Client, generateInboxId } from "@xmtp/node-sdk";
import { expect } from "playwright-xmtp";
import { appVersionOf, inboxIdFor, placeOf } from "../support/sdk-differences.js";
import { test } from "../support/place.js";
import { identifierOf } from "./support/sdk.js";

const nobody = { address: `0x${"34".repeat(20)}` };

test("a worker is a registered client of its own, described by its fields", ({
  alice,
  place: { network },
}, testInfo) => {
  expect(alice.name).toBe("alice");
  expect(alice.client).toBeInstanceOf(Client);
  expect(alice.client.isRegistered).toBe(true);
  expect(alice.client.inboxId).toBe(alice.inboxId);
  expect(alice.client.installationId).toBe(alice.installationId);
  expect(alice.client.accountIdentifier).toEqual(identifierOf(alice));
  expect(alice.address).toMatch(/^0x[0-9a-f]{40}$/);
  expect(alice.inboxId).toBe(generateInboxId(identifierOf(alice)));
  expect(alice.env).toBe(network.env);
  expect(alice.apiUrl).toBe(network.url);
  const require = createRequire(import.meta.url);
  const entry = require.resolve("@xmtp/node-sdk").replace(/dist[/\\].*$/u, "package.json");
  expect(alice.sdkVersion).toBe((JSON.parse(readFileSync(entry, "utf8")) as { version: string }).version);
  expect(alice.dbPath.startsWith(testInfo.outputPath())).toBe(true);
  expect(existsSync(alice.dbPath)).toBe(true);
});

test("workers of one test are different people", ({ alice, bob, carol }) => {
  const all = [alice, bob, carol];
  for (const field of ["inboxId", "installationId", "address", "dbPath"] as const)
    expect(new Set(all.map((worker) => worker[field])).size).toBe(3);
});

test("asking twice for a name gives the same worker", async ({ alice, getWorkers }) => {
  expect((await getWorkers(["alice", "bob"])).get("alice")).toBe(alice);
});

test("an inbox id is found by address, with and without a client", async ({ alice, bob }) => {
  expect(await alice.client.fetchInboxIdByIdentifier(identifierOf(bob))).toBe(bob.inboxId);
  expect(await inboxIdFor(identifierOf(bob), placeOf(alice))).toBe(bob.inboxId);
  expect(await alice.client.fetchInboxIdByIdentifier(identifierOf(nobody))).toBeNull();
  expect(await inboxIdFor(identifierOf(nobody), placeOf(alice))).toBeNull();
});

test("canMessage tells who is on the network, by instance and statically", async ({ alice, bob }) => {
  const asked = [identifierOf(bob), identifierOf(nobody)];
  const expected = [
    [bob.address, true],
    [nobody.address, false],
  ];
  expect([...(await alice.client.canMessage(asked))].sort()).toEqual([...expected].sort());
  expect([...(await Client.canMessage(asked, placeOf(alice)))].sort()).toEqual([...expected].sort());
});

test("the inbox state names wallet, recovery wallet and installations", async ({ alice }) => {
  const state = await alice.client.preferences.fetchInboxState();
  expect(state.inboxId).toBe(alice.inboxId);
  expect(state.identifiers).toEqual([identifierOf(alice)]);
  expect(state.recoveryIdentifier).toEqual(identifierOf(alice));
  expect(state.installations.map(({ id }) => id)).toEqual([alice.installationId]);
  expect((await alice.client.preferences.inboxState()).installations).toEqual(state.installations);
});

test("another inbox's state is fetched by a client and statically", async ({ alice, bob }) => {
  const second = await bob.addNewInstallation();
  const states = [
    await alice.client.preferences.fetchInboxStates([bob.inboxId]),
    await Client.fetchInboxStates([bob.inboxId], placeOf(alice)),
  ];
  for (const [state] of states) {
    expect(state?.inboxId).toBe(bob.inboxId);
    expect(state?.identifiers).toEqual([identifierOf(bob)]);
    expect(state?.installations.map(({ id }) => id).sort()).toEqual(
      [bob.installationId, second.installationId].sort(),
    );
  }
});

test("a key package is valid now; an unknown installation has none", async ({ alice, bob }) => {
  const unknown = "ef".repeat(32);
  const statuses = await alice.client.fetchKeyPackageStatuses([bob.installationId, unknown]);
  const valid = statuses[bob.installationId];
  expect(valid?.validationError).toBeUndefined();
  const now = BigInt(Math.floor(Date.now() / 1_000));
  expect(valid?.lifetime?.notBefore).toBeLessThanOrEqual(now);
  expect(valid?.lifetime?.notAfter).toBeGreaterThan(now);
  expect(statuses[unknown]?.lifetime).toBeUndefined();
});

test("installation and address are authorized for their inbox only, until revoked", async ({
  alice,
  bob,
}) => {
  const place = placeOf(alice);
  const second = await alice.addNewInstallation();
  const bytes = second.client.installationIdBytes;
  expect(await Client.isInstallationAuthorized(alice.inboxId, bytes, place)).toBe(true);
  expect(await Client.isInstallationAuthorized(bob.inboxId, bytes, place)).toBe(false);
  expect(await Client.isAddressAuthorized(alice.inboxId, alice.address, place)).toBe(true);
  expect(await Client.isAddressAuthorized(alice.inboxId, bob.address, place)).toBe(false);

  await alice.revokeInstallations([second.installationId]);
  expect(await Client.isInstallationAuthorized(alice.inboxId, bytes, place)).toBe(false);
});

test("an installation's signature is its own", ({ alice, bob }) => {
  const text = "it was me";
  const signature = alice.client.signWithInstallationKey(text);
  const key = alice.client.installationIdBytes;
  expect(alice.client.verifySignedWithInstallationKey(text, signature)).toBe(true);
  expect(bob.client.verifySignedWithInstallationKey(text, signature)).toBe(false);
  expect(Client.verifySignedWithPublicKey(text, signature, key)).toBe(true);
  expect(Client.verifySignedWithPublicKey("it was you", signature, key)).toBe(false);
});

test.describe("with an app version", () => {
  test.use({ workerDefaults: { appVersion: "functional-test/1.2.3" } });

  test("the client carries it", ({ alice }) => {
    expect(alice.client.appVersion).toBe(appVersionOf("functional-test/1.2.3"));
  });
});

test("a terminated worker is gone: files, client and verbs", async ({ alice }) => {
  const { dbPath } = alice;
  await alice.terminate();
  await alice.terminate();
  expect(existsSync(dbPath)).toBe(false);
  expect(() => alice.client).toThrow(/alice has been terminated/);
  await expect(alice.endStream()).rejects.toMatchObject({ code: "WORKER_TERMINATED" });
});
