import { randomBytes } from "node:crypto";
import { expect, test as base } from "@playwright/test";
import { basename, dirname, join } from "node:path";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { startNode } from "#src/network/index.js";
import { installedSdks, loadSdk, newSigner, preflight } from "#src/workers/sdk/index.js";
import type { SdkClient, SdkCreateOptions } from "#src/workers/sdk/index.js";
import { installVersions, others } from "./installed.js";

const primary = "5.5.0";
const quiet: SdkCreateOptions["observer"] = {
  sendStarted: () => () => undefined,
  streamOpened: () => undefined,
};

type Open = (version: string, options: Pick<SdkCreateOptions, "signer" | "dbPath">) => Promise<SdkClient>;

const test = base.extend<{ open: Open }>({
  open: async ({}, use, testInfo) => {
    await using node = await startNode();
    const dbEncryptionKey = randomBytes(32);
    const clients: SdkClient[] = [];
    mkdirSync(testInfo.outputDir, { recursive: true });
    await use(async (version, options) => {
      const sdk = await loadSdk(version);
      const network = { env: "embedded", url: node.url, historyUrl: node.historyUrl };
      const client = await sdk.create({ ...options, network, dbEncryptionKey, observer: quiet });
      clients.push(client);
      return client;
    });
    for (const client of clients) await client.close();
  },
});

test.describe.configure({ mode: "default" });
test.beforeAll(() => {
  test.setTimeout(600_000);
  installVersions();
});

/**
 * Copies a database with all that belongs to it. Two versions carry an SQLite each, and two of those on one
 * file in one process break each other's locks and shared memory (https://www.sqlite.org/howtocorrupt.html,
 * section 2.2.1); in life the old version's process has ended before the new one opens the file.
 */
function moveDatabase(path: string, folder: string): string {
  mkdirSync(folder);
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));
  for (const name of names.filter((one) => !one.endsWith("-shm"))) {
    copyFileSync(join(dirname(path), name), join(folder, name));
  }
  return join(folder, basename(path));
}

function needs(version: string): void {
  const sdk = installedSdks().find((one) => one.version === version);
  const reasons = sdk === undefined ? ["it is not installed"] : preflight(sdk).reasons;
  test.skip(reasons.length > 0, `node-sdk ${version}: ${reasons.join("; ")}`);
}

/** Downgrades that the SDK itself cannot do (measured), by what it then says of its database. */
const broken: Readonly<Record<string, RegExp>> = {
  "5.5.0 to 4.4.0": /no such column/,
  "6.1.0-nightly.20260726.b649d1a to 5.5.0": /Error serializing value/,
};

/** Downgrades nobody has measured, for want of a machine that loads the version: either outcome, said plainly. */
const unmeasured = new Set(["6.0.0 to 5.5.0"]);

for (const other of others) {
  for (const [from, to] of [
    [other, primary],
    [primary, other],
  ] as const) {
    test(`one database from ${from} to ${to}`, async ({ open }, testInfo) => {
      needs(other);
      const signer = newSigner();
      const dbPath = join(testInfo.outputDir, "alice.db3");
      const peer = { signer: newSigner(), dbPath: join(testInfo.outputDir, "bob.db3") };
      const bob = await open(primary, peer);
      const before = await open(from, { signer, dbPath });
      const group = await before.createGroup([bob.inboxId], { name: "kept" });
      const id = await before.sendText(group, "written before");
      await before.close();

      const moved = moveDatabase(dbPath, join(testInfo.outputDir, "moved"));
      const after = await open(to, { signer, dbPath: moved });
      expect(after.inboxId).toBe(before.inboxId);
      expect(after.installationId, "the same installation, not a new one").toBe(before.installationId);
      const pair = `${from} to ${to}`;
      const message = broken[pair];
      const outcome = await after.listMessages(group).then(() => "works", String);
      testInfo.annotations.push({ type: "database", description: `${pair}: ${outcome}` });
      if (unmeasured.has(pair) && outcome.includes("cannot read its database")) return;
      if (message !== undefined) {
        await expect(after.listMessages(group)).rejects.toMatchObject({ code: "SDK_DATABASE" });
        await expect(after.snapshot(group)).rejects.toThrow(message);
        return;
      }
      expect((await after.listMessages(group)).map(({ id: known }) => known)).toContain(id);
      const next = await after.sendText(group, "written after");
      await bob.syncAll();
      expect((await bob.listMessages(group)).map(({ id: known }) => known)).toEqual(
        expect.arrayContaining([id, next]),
      );
      expect((await after.fetchInstallations()).length).toBe(1);
    });
  }
}
