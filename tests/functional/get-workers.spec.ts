import { existsSync } from "node:fs";
import { expect, getWorkers, typeofStream } from "playwright-xmtp";
import type { WorkerManager } from "playwright-xmtp";
import { needsEmbedded, test } from "../support/place.js";
import { dmOf, identifierOf } from "./support/sdk.js";

test.describe("in beforeAll", () => {
  test.describe.configure({ mode: "default" });
  let workers: WorkerManager;

  test.beforeAll(async ({}, testInfo) => {
    workers = await getWorkers(["alice", "bob"], testInfo.title);
  });
  test.afterAll(async () => {
    await workers.terminateAll();
  });

  test("workers are there", async () => {
    const [alice, bob] = [workers.get("alice"), workers.get("bob")];
    await bob.startStream(typeofStream.Message);
    const dm = await alice.client.conversations.createDm(bob.inboxId);
    await dm.sendText("from a hook");
    await expect(bob).toHaveReceivedExactlyOnce("from a hook");
    await bob.endStream();
  });

  test("and still work in the next test", async () => {
    const group = await workers.createGroupBetweenAll("second test");
    await expect(workers.getAll()).toHaveConverged(group.id);
  });
});

/** What XMTP_API_URL or XMTP_ENV names is for scripts too. */
const noNode = "elsewhere a script brings no node";

test("a script's workers bring their own node, and end with it", async ({ place }) => {
  needsEmbedded(place, noNode);
  let dbPath: string;
  let apiUrl: string;
  {
    await using workers = await getWorkers(2, "a script");
    const [alice, bob] = workers.getAll();
    if (!alice || !bob) throw new Error("two were asked for");
    ({ dbPath, apiUrl } = alice);
    expect(bob.apiUrl).toBe(apiUrl);
    await bob.startStream(typeofStream.Message);
    const dm = await alice.client.conversations.createDm(bob.inboxId);
    await dm.sendText("hello");
    await expect(bob).toHaveReceivedExactlyOnce("hello");
    expect(existsSync(dbPath)).toBe(true);
  }
  expect(existsSync(dbPath)).toBe(false);
  await expect(fetch(apiUrl)).rejects.toThrow();
});

test("two sets of workers live on two nodes and cannot reach each other", async ({ place }) => {
  needsEmbedded(place, noNode);
  await using here = await getWorkers(["alice"], "here");
  await using there = await getWorkers(["bob"], "there");
  const [alice, bob] = [here.get("alice"), there.get("bob")];
  expect(alice.apiUrl).not.toBe(bob.apiUrl);
  const asked = [identifierOf(bob)];
  expect((await alice.client.canMessage(asked)).get(bob.address)).toBe(false);
  expect((await bob.client.canMessage(asked)).get(bob.address)).toBe(true);
});

test("a map pins each worker to its endpoint; a URL takes the place of an environment", async ({
  place: { network },
  alice,
}) => {
  await using pinned = await getWorkers({ bob: network.url }, "pinned");
  await using given = await getWorkers(["carol"], "given", network.url);
  const [bob, carol] = [pinned.get("bob"), given.get("carol")];
  expect([bob.apiUrl, carol.apiUrl]).toEqual([network.url, network.url]);
  for (const worker of [bob, carol]) {
    const dm = await alice.client.conversations.createDm(worker.inboxId);
    await dm.sendText(`hello ${worker.name}`);
    expect((await (await dmOf(worker, dm.id)).lastMessage())?.content).toBe(`hello ${worker.name}`);
  }
});

test("an endpoint map mixes nodes in the fixture, too", async ({ getWorkers: make, place }) => {
  needsEmbedded(place, noNode);
  const { network } = place;
  await using elsewhere = await getWorkers(["carol"], "elsewhere");
  const carol = elsewhere.get("carol");
  const workers = await make({ alice: network.url, bob: carol.apiUrl });
  expect(workers.get("alice").apiUrl).toBe(network.url);
  const dm = await workers.get("bob").client.conversations.createDm(carol.inboxId);
  await dm.sendText("on the other node");
  expect((await (await dmOf(carol, dm.id)).lastMessage())?.content).toBe("on the other node");
});

test.describe("a shortcut of one's own", () => {
  const own = test.extend({
    bob: async ({ getWorkers: make, place: { network } }, use) =>
      use((await make({ bob: `${network.url}/` })).get("bob")),
  });

  own("takes the place of the worker made ahead of it", async ({ alice, bob, getWorkers: make }) => {
    const everybody = await make(["alice", "bob"]);
    expect(everybody.get("bob")).toBe(bob);
    const dm = await alice.client.conversations.createDm(bob.inboxId);
    await bob.startStream(typeofStream.Message);
    await dm.sendText("to the one that stayed");
    await expect(bob).toHaveReceivedExactlyOnce("to the one that stayed");
  });
});

test("a worker is not taken for one of another endpoint or version", async ({
  alice,
  place: { network },
  getWorkers: make,
}) => {
  expect((await make([`alice-a-${alice.sdkVersion}`])).get("alice")).toBe(alice);
  await expect(make({ alice: network.url })).rejects.toMatchObject({ code: "WORKER_CONFLICT" });
  // No version that these suites run on is older.
  await expect(make(["alice-a-4.0.3"])).rejects.toThrow(/"alice" already exists .* requested: SDK 4\.0\.3/);
});
