import {
  expect,
  test,
  typeofStream,
  verifyConsentStream,
  verifyConversationStream,
  verifyMembershipStream,
  verifyMessageStream,
  verifyMetadataStream,
  verifyResponseStream,
} from "playwright-xmtp";

test("messages: every receiver got each, once and in order", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const group = await workers.createGroupBetweenAll("verified");
  const result = await verifyMessageStream(group, workers.getAllButCreator(), {
    count: 5,
    template: "message {i}",
  });
  expect(result).toMatchObject({ verdict: { status: "pass" }, receptionPercent: 100, orderPercent: 100 });
  const latencies = result.receivers.flatMap((receiver) => receiver.latencies);
  expect(latencies).toHaveLength(10);
  for (const { ms } of latencies) expect(ms).toBeGreaterThan(0);
  for (const worker of workers)
    expect(worker.activeStreamTypes.size, "its own streams are ended again").toBe(0);
});

test("messages: a receiver that is not a member is named, with what it missed", async ({
  alice,
  bob,
  carol,
}) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const { verdict, receivers, receptionPercent } = await verifyMessageStream(group, [bob, carol], {
    count: 2,
    timeout: 1_500,
  });
  expect(verdict.status).toBe("fail");
  expect(receptionPercent).toBe(50);
  expect(receivers.map(({ worker, missing }) => [worker, missing])).toEqual([
    ["bob", []],
    ["carol", ['"gm-1"', '"gm-2"']],
  ]);
});

test("metadata: each new name is seen, and a wrong one is not taken for it", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const result = await verifyMetadataStream(group, [bob], ["first", "second"]);
  expect(result.verdict).toMatchObject({ status: "pass" });

  const lying = {
    id: group.id,
    updateName: () => group.updateName("something else"),
    addMembers: () => Promise.resolve(),
  };
  const wrong = await verifyMetadataStream(lying, [bob], ["third"], { timeout: 1_500 });
  expect(wrong.verdict.status).toBe("fail");
  expect(wrong.receivers[0]).toMatchObject({
    missing: ['group_name="third"'],
    foreign: ['group_name="something else"'],
  });
});

test("membership: who was added, by inbox", async ({ alice, bob, carol, getWorkers }) => {
  const dave = (await getWorkers(["dave"])).get("dave");
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const result = await verifyMembershipStream(group, [bob], [carol.inboxId]);
  expect(result.verdict).toMatchObject({ status: "pass" });

  const lying = {
    id: group.id,
    updateName: () => Promise.resolve(),
    addMembers: () => group.addMembers([dave.inboxId]),
  };
  const wrong = await verifyMembershipStream(lying, [bob], [carol.inboxId], { timeout: 1_500 });
  expect(wrong.verdict.status).toBe("fail");
  expect(wrong.receivers[0]?.foreign).toEqual([`added ${dave.inboxId}`]);
});

test("conversations: exactly the one that was made, by its maker", async ({ alice, bob, carol }) => {
  const result = await verifyConversationStream(alice, [bob, carol]);
  expect(result).toMatchObject({ verdict: { status: "pass" }, receptionPercent: 100 });
});

test("conversations: a receiver whose stream is down is named", async ({ alice, bob, network }) => {
  await bob.startStream(typeofStream.Conversation);
  await network.failNext("SubscribeWelcomeMessages", { code: 14, times: 1_000 });
  await network.endStreams(14);
  const { verdict, receivers } = await verifyConversationStream(alice, [bob], { timeout: 1_000 });
  expect(verdict.status).toBe("fail");
  expect(receivers[0]?.missing).toHaveLength(1);
});

test("consent: the entity and the state", async ({ alice, bob }) => {
  const change = { entityType: "inbox", entity: alice.inboxId, state: "denied" } as const;
  expect((await verifyConsentStream(bob, change)).verdict).toMatchObject({ status: "pass" });
});

test("responses: one answer to each question, and silence is seen", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.MessageandResponse);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const answered = await verifyResponseStream(dm, alice, bob.inboxId, {
    questions: ["one?", "two?"],
    text: "gm",
  });
  expect(answered).toMatchObject({ verdict: { status: "pass" }, receptionPercent: 100 });

  await bob.endStream();
  const silent = await verifyResponseStream(dm, alice, bob.inboxId, {
    questions: ["three?"],
    timeout: 1_000,
  });
  expect(silent.verdict).toMatchObject({ status: "fail" });
  expect(silent.receivers[0]?.missing).toEqual(['answer 1 to "three?"']);
});

test("a conversation that is not a worker's is refused, not judged", async ({ alice, bob }) => {
  const talk = { id: "00", sendText: () => Promise.resolve("") };
  await expect(verifyMessageStream(talk, [alice, bob])).rejects.toMatchObject({ code: "NOT_RECORDED" });
});

test("a stream that is still starting is waited for, and stays active", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  void bob.startStream(typeofStream.Message);
  const result = await verifyMessageStream(dm, [bob]);

  expect(result).toMatchObject({ verdict: { status: "pass" }, receptionPercent: 100 });
  expect(bob.activeStreamTypes).toContain(typeofStream.Message);
});

test("every verification of a change says how long it took", async ({ alice, bob, carol }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const results = [
    await verifyMetadataStream(group, [bob], ["spring"]),
    await verifyMembershipStream(group, [bob], [carol.inboxId]),
    await verifyConversationStream(alice, [bob]),
    await verifyConsentStream(bob, { entityType: "inbox", entity: alice.inboxId, state: "allowed" }),
  ];
  for (const { receivers } of results) {
    expect(receivers[0]?.latencies).toHaveLength(1);
    expect(receivers[0]?.latencies[0]?.ms).toBeGreaterThanOrEqual(0);
  }
});

test("arguments in the places of another framework are refused, not ignored", async ({ alice, bob }) => {
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const refused = { code: "INVALID_OPTION" };
  await expect(verifyMessageStream(group, [bob], 10 as never)).rejects.toMatchObject(refused);
  await expect(verifyMetadataStream(group, [bob], undefined as never)).rejects.toMatchObject(refused);
  await expect(verifyConsentStream(bob, alice as never)).rejects.toMatchObject(refused);
  await expect(verifyMessageStream(group, [bob], { tries: 3 } as never)).rejects.toThrow('"tries"');
});
