import {
  beforeAll,
  describe,
  expect,
  getFixedNames,
  getWorkers,
  getWorkersWithVersions,
  it,
} from "playwright-xmtp/compat";
import type { WorkerManager } from "playwright-xmtp/compat";

describe("people of a suite", () => {
  let workers: WorkerManager;

  beforeAll(async () => {
    workers = await getWorkers(2, { randomNames: false });
  });

  it("fixed names are bob and alice, and a number gives others each time", async () => {
    expect(workers.getAll().map(({ name }) => name)).toEqual(["bob", "alice"]);
    expect(getFixedNames(2)).toEqual(["bob", "alice"]);
    const [first, second] = [await getWorkers(1), await getWorkers(1)];
    const ids = [workers.mustGet("bob"), first.getCreator(), second.getCreator()].map((one) => one.inboxId);
    expect(new Set(ids).size).toBe(3);
  });

  it("any word names an installation, and the same name is the same person", async () => {
    const suffix = "m4x9qk2e";
    const again = await getWorkers([...getWorkersWithVersions(["eve ", "eve-desktop"]), `eve-${suffix}`]);
    const [eve, desktop, third] = again.getAll();

    expect([eve?.folder, desktop?.folder, third?.folder]).toEqual(["a", "desktop", suffix]);
    expect(new Set([eve?.inboxId, desktop?.inboxId, third?.inboxId]).size).toBe(1);
    expect(eve?.dbPath).not.toBe(desktop?.dbPath);
    expect(again.get("eve", "desktop")).toBe(desktop);
    expect(again.get("nobody")).toBeUndefined();
    expect(() => again.mustGet("nobody")).toThrow("eve-desktop");
    expect((await getWorkers(["eve"])).getCreator().installationId).toBe(eve?.installationId);
  });

  it("a client that was cut off has what it missed after its return", async () => {
    const group = await workers.createGroupBetweenAll("away");
    const alice = workers.mustGet("alice");
    await alice.client.conversations.sync();
    await alice.worker.terminate();
    await group.send("while you were out");
    const { client } = await alice.worker.initialize();
    alice.client = client;
    await alice.client.conversations.sync();
    const copy = await alice.client.conversations.getConversationById(group.id);
    await copy?.sync();

    expect((await copy?.messages())?.map(({ content }) => content)).toContain("while you were out");
  });

  it("a cleared database makes a new installation, and a further one leaves the worker's client as it is", async () => {
    const bob = workers.mustGet("bob");
    const { installationId, inboxId } = bob;
    await bob.worker.terminate();
    await bob.worker.clearDB();
    await bob.worker.initialize();
    expect(bob.inboxId).toBe(inboxId);
    expect(bob.installationId).not.toBe(installationId);

    const group = await workers.createGroupBetweenAll("two installations");
    const first = bob.client.installationId;
    await bob.worker.addNewInstallation();
    expect(bob.client.installationId).toBe(first);
    expect(bob.worker.installationId).not.toBe(first);
    expect((await bob.client.conversations.getConversationById(group.id))?.id).toBe(group.id);
    expect(await bob.worker.client.conversations.getConversationById(group.id)).toBeUndefined();
    expect((await bob.client.preferences.inboxState(true)).installations.length).toBeGreaterThan(2);
    expect((await bob.worker.getSQLiteFileSizes()).total).toBeGreaterThan(1_000);
    await bob.client.revokeAllOtherInstallations();
    expect((await bob.client.preferences.inboxState(true)).installations).toHaveLength(1);
  });

  it("what has no counterpart is refused by name", async () => {
    await expect(getWorkers(["eve"], { color: "red" } as never)).rejects.toThrow('"color"');
    expect(() => workers.getCreator().walletKey).toThrow("not given out");
    expect(() => workers.getCreator().worker.lockDB()).toThrow("goOffline");
  });
});
