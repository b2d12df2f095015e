import { expect, getWorkers as getWorkersOutside, typeofStream } from "playwright-xmtp";
import type { Worker } from "playwright-xmtp";
import { test } from "../support/place.js";

test("verbs stand on the worker, which its old name gives too", async ({ alice, bob, ledger }) => {
  expect(bob.worker).toBe(bob);
  await bob.startStream(typeofStream.Message);
  const dm = await alice.createDm(bob);
  await alice.send(dm, "hello");
  await expect(bob).toHaveReceived("hello");

  expect(bob.events.receives().map(({ payload }) => payload.text)).toEqual(["hello"]);
  expect(bob.events.sends()).toEqual([]);
  expect(alice.events.sends().map(({ payload }) => payload.text)).toEqual(["hello"]);
  expect(new Set([...bob.events].map(({ worker }) => worker))).toEqual(new Set(["bob"]));
  expect(bob.events).toHaveLength([...bob.events].length);
  expect(bob.events.streams().map(({ state }) => state)).toEqual(["starting", "live"]);

  expect(bob.events.ledger).toBe(ledger);
  expect(bob.events.events).toBe(ledger.events);
  expect(new Set([...ledger].map(({ worker }) => worker))).toEqual(new Set(["alice", "bob"]));
  expect(ledger.sends()).toEqual(alice.events.sends());
});

test("names are properties; those of methods are reached by get", async ({ getWorkers }) => {
  const workers = await getWorkers(["dora", "get", "then", "carl-b"]);
  const { dora, "carl-b": carl } = workers;
  expect(dora).toBe(workers.get("dora"));
  expect(carl.name).toBe("carl-b");
  expect(typeof workers.get).toBe("function");
  expect(workers.get("get").name).toBe("get");
  expect(workers.get("then").name).toBe("then");
  const [first, , , last]: [Worker, Worker, Worker, Worker] = workers.getAll();
  expect([first, last]).toEqual([dora, carl]);
});

test("a name with a version is a property under what was asked for", async ({ getWorkers, alice }) => {
  const asked = `alice-b-${alice.sdkVersion}`;
  const workers = await getWorkers([asked]);
  expect(Object.keys(workers)).toEqual(["alice-b", asked]);
});

test("arguments that mean nothing are refused by name", async ({ getWorkers, network }) => {
  const odd = getWorkers as (...args: unknown[]) => Promise<unknown>;
  const outside = getWorkersOutside as (...args: unknown[]) => Promise<unknown>;
  const refused = { code: "INVALID_OPTION" };
  await expect(odd(["alice"], { nodeSDK: "4.6.0" })).rejects.toMatchObject(refused);
  await expect(odd(["alice"], { nodeSDK: "4.6.0" })).rejects.toThrow(/nodeSDK.*for testName/);
  await expect(odd(["alice"], "a test", "production")).rejects.toThrow(/"production" for env.*embedded/);
  await expect(odd(["alice"], "a test", "embedded", 1)).rejects.toThrow(/\[1\] beyond its arguments/);
  await expect(outside(["alice"], 3)).rejects.toThrow(/3 for testName/);
  await expect(outside(["alice"], "a", "embedded", { sead: 1 })).rejects.toThrow(/no field "sead"/);
  for (const env of [undefined, "embedded", network.url])
    expect((await getWorkers(["alice"], "a test", env)).alice.name).toBe("alice");
});

test("a conversation is looked up, synced, or unknown by name", async ({ alice, bob, carol }) => {
  const group = await alice.createGroup([bob], { name: "two" });
  await alice.send(group, "before bob looks");
  const his = await bob.conversation(group);
  expect(his.id).toBe(group.id);
  expect((await bob.messages(group)).map(({ payload }) => payload.text)).toContain("before bob looks");
  expect((await bob.members(group)).map(({ inboxId, permission }) => [inboxId, permission])).toEqual(
    expect.arrayContaining([
      [alice.inboxId, "super_admin"],
      [bob.inboxId, "member"],
    ]),
  );
  await expect(carol.conversation(group.id)).rejects.toMatchObject({ code: "CONVERSATION_UNKNOWN" });
  await expect(bob.conversation(undefined as unknown as string)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("members come and go, names change, consent is kept", async ({ alice, bob, carol }) => {
  const group = await alice.createGroup([bob]);
  await alice.addMembers(group, [carol]);
  await expect(await carol.conversation(group)).toHaveMembers([alice, bob, carol]);
  await alice.removeMembers(group, [carol.inboxId]);
  await alice.updateName(group, "renamed");
  await bob.sync();
  await bob.sync(group);
  expect((await bob.conversation(group)).id).toBe((await bob.conversations())[0]?.id);
  expect((await bob.snapshot(group)).metadata["name"]).toBe("renamed");
  await bob.setConsent("conversation", group.id, "denied");
  expect(await bob.consent("conversation", group.id)).toBe("denied");
  expect(await bob.consent("inbox", carol.inboxId)).toBe("unknown");
  expect((await bob.fetchInstallations()).map(({ id }) => id)).toEqual([bob.installationId]);
  await expect(bob.createDm({} as { inboxId: string })).rejects.toThrow(
    /An object with no fields has no inbox/,
  );
});

test("asking gives the first answer of somebody else, of any content type", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.MessageandResponse);
  const dm = await alice.createDm(bob);
  const answer = await alice.ask(dm, "anybody there?");
  expect(answer).toMatchObject({ content: "gm", contentType: "text", sender: bob.inboxId });
  expect(answer.ms).toBeGreaterThan(0);
  expect(alice.activeStreamTypes.size).toBe(0);

  await alice.startStream(typeofStream.Message);
  await alice.ask(dm, "and again?");
  expect([...alice.activeStreamTypes]).toEqual([typeofStream.Message]);
});

test("a question that nobody answers says what came instead", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.MessageandResponse);
  const dm = await alice.createDm(bob);
  const asked = alice.ask(dm, "a reaction, please", { contentTypes: ["reaction"], timeout: 500 });
  await expect(asked).rejects.toMatchObject({ code: "NO_ANSWER" });
  await expect(asked).rejects.toThrow(/Nobody answered alice's "a reaction, please" within 500 ms/);
  await expect(alice.ask(dm, "x", { timeout: -1 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
});

test("disposing one manager ends its workers and no others", async ({ alice, getWorkers, place }) => {
  await alice.startStream(typeofStream.Message);
  {
    await using pair = await getWorkers(["dave", "eve"]);
    await pair.startStream(typeofStream.Message);
    await place.node?.waitForSubscriptions(6, 5_000);
  }
  await place.node?.waitForSubscriptions(2, 5_000);
  expect([...alice.activeStreamTypes]).toEqual([typeofStream.Message]);
  const { dave } = await getWorkers(["alice"]).then(async () => await getWorkers(["dave"]));
  await expect(dave.startStream(typeofStream.Message)).resolves.toBeUndefined();
});
