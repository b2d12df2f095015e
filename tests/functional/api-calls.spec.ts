import { expect } from "playwright-xmtp";
import { startNode } from "playwright-xmtp/network";
import { needsEmbedded, test } from "../support/place.js";

test("calls are counted per client and method, at its own port", async ({ chaos, alice, bob, place }) => {
  needsEmbedded(place, "only that node counts calls");
  expect(chaos).toBeDefined();
  const dm = await alice.createDm(bob);
  const hers = await alice.apiCalls();
  expect(hers).toMatchObject({ PublishIdentityUpdate: 1, UploadKeyPackage: 1 });

  for (const text of ["one", "two", "three"]) await alice.send(dm, text);
  const after = await alice.apiCalls();
  expect((after["SendGroupMessages"] ?? 0) - (hers["SendGroupMessages"] ?? 0)).toBeGreaterThanOrEqual(3);
  expect(after["SendWelcomeMessages"]).toBeGreaterThanOrEqual(1);
  // His SDK sends and asks by itself, at times of its own; a welcome is what only she has sent.
  const his = await bob.apiCalls();
  expect(his).toMatchObject({ PublishIdentityUpdate: 1, UploadKeyPackage: 1 });
  expect(his["SendWelcomeMessages"]).toBeUndefined();
});

test("a worker without a port of its own is told so, by name", async ({ alice }) => {
  await expect(alice.apiCalls()).rejects.toMatchObject({ code: "CALLS_NOT_COUNTED" });
  await expect(alice.apiCalls()).rejects.toThrow(/calls of alice .* fixture `chaos`/);
});

test("by URL nobody counts, with or without chaos", async ({ chaos, getWorkers }) => {
  expect(chaos).toBeDefined();
  await using node = await startNode();
  const workers = await getWorkers({ dora: node.url });
  await expect(workers.dora.apiCalls()).rejects.toThrow(/CALLS_NOT_COUNTED: The calls of dora/);
  await workers.dora.terminate();
});
