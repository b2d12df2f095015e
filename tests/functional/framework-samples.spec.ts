/** The on-demand worker framework's own samples, in its own words: type-checked, and run. */
/* eslint-disable @typescript-eslint/no-floating-promises -- unawaited calls are how its samples are written */
import { expect, getWorkers as getWorkersOutside, typeofStream, typeOfSync } from "playwright-xmtp";
import { verifyMessageStream } from "playwright-xmtp";
import { needsEmbedded, test } from "../support/place.js";

const names = ["alice", "bob", "carol"];
const testName = "samples";

test("getWorkers(names, testName), and unawaited streams in getAll().forEach", async ({ getWorkers }) => {
  const workers = await getWorkers(names, testName);
  workers.getAll().forEach((worker) => {
    worker.worker.startStream(typeofStream.Message);
  });
  const group = await workers.createGroupBetweenAll("samples");
  const result = await verifyMessageStream(group, workers.getAllButCreator());
  expect(result.receptionPercent).toBe(100);

  workers.getAll().forEach((worker) => {
    worker.worker.endStream(typeofStream.Message);
  });
  for (const worker of workers) await expect.poll(() => worker.worker.activeStreamTypes.size).toBe(0);
});

test("getWorkers(names, testName, env) as a fixture, and endStream() of everything", async ({
  getWorkers,
  place,
}) => {
  needsEmbedded(place, 'its env is "embedded"');
  const workers = await getWorkers(names, testName, "embedded");
  const bob = workers.get("bob");
  bob.worker.startStream(typeofStream.Message);
  bob.worker.startStream(typeofStream.Conversation);
  const dm = await workers.getCreator().client.conversations.createDm(bob.client.inboxId);
  await dm.sendText("hello");
  await expect(bob).toHaveReceived("hello");
  await expect(bob).toHaveConversation(dm.id);

  await bob.worker.endStream();
  expect([...bob.worker.activeStreamTypes]).toEqual([]);
});

test("getWorkers(names, testName, env) as an import", async () => {
  const workers = await getWorkersOutside(names, testName, "embedded");
  try {
    expect(workers.getAll().map(({ name }) => name)).toEqual(names);
    expect(new Set(workers.getAll().map(({ env }) => env)).size).toBe(1);
  } finally {
    await workers.terminateAll();
  }
});

test("startSync(type, ms) brings what no stream was there for", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice", "bob"], testName);
  const [alice, bob] = workers.getAll();
  bob.worker.startSync(typeOfSync.Both, 500);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("by sync");
  const known = async (): Promise<unknown[]> => {
    const copy = await bob.client.conversations.getConversationById(dm.id);
    return ((await copy?.messages()) ?? []).map(({ content }) => content);
  };
  await expect.poll(known).toContain("by sync");
  await bob.worker.endSync(typeOfSync.Both);
});

test("forms that cannot mean anything here are refused by name", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice", "bob"], testName);
  const group = await workers.createGroupBetweenAll("refused");
  const bob = workers.get("bob");
  const odd = {
    getWorkers: getWorkers as (...args: unknown[]) => Promise<unknown>,
    verify: verifyMessageStream as (...args: unknown[]) => Promise<unknown>,
    collect: bob.collectMessages.bind(bob) as (...args: unknown[]) => Promise<unknown>,
  };
  await expect(odd.getWorkers(names, { nodeSDK: "4.6.0" })).rejects.toThrow(/INVALID_OPTION.*nodeSDK/);
  await expect(odd.verify(group, [bob], 10)).rejects.toThrow(/INVALID_OPTION.*10/);
  await expect(odd.collect(group.id, 1, ["reaction"])).rejects.toThrow(
    /INVALID_OPTION.*of the collector.*an array/,
  );
});
