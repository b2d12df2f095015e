/** Written as vitest suites of the on-demand framework are: an async describe whose workers live at its scope. */
import {
  calculateMessageStats,
  Client,
  ContentTypeAttachment,
  ContentTypeReaction,
  ContentTypeReadReceipt,
  ContentTypeRemoteAttachment,
  ContentTypeReply,
  ContentTypeText,
  ContentTypeTransactionReference,
  describe,
  expect,
  getInboxes,
  getInboxIds,
  getRandomInboxIds,
  getWorkers,
  IdentifierKind,
  it,
  setupDurationTracking,
  typeofStream,
  verifyAddMemberStream,
  verifyAgentMessageStream,
  verifyConsentStream,
  verifyConversationStream,
  verifyGroupConsentStream,
  verifyMembershipStream,
  verifyMessageStream,
  verifyMetadataStream,
  verifyNewConversationStream,
} from "playwright-xmtp/compat";

describe("a suite at describe scope", async () => {
  let took: number | undefined;
  setupDurationTracking({
    testName: "compat",
    getCustomDuration: () => took,
    setCustomDuration: (value) => {
      took = value;
    },
  });
  const workers = await getWorkers(4);
  workers.getAll().forEach((worker) => {
    void worker.worker.startStream(typeofStream.Message);
  });
  const group = await workers.createGroupBetweenAll();
  const others = workers.getAllButCreator();

  it("streamMessage-4:every text of a verification reaches everybody", async () => {
    const result = await verifyMessageStream(group, others, 3, "hello-{i}-{randomSuffix}", 20_000);

    took = result.averageEventTiming;
    expect(result).toMatchObject({ allReceived: true, receptionPercentage: 100, orderPercentage: 100 });
    expect(result.receiverCount).toBe(3);
    expect(result.averageEventTiming).toBeGreaterThan(0);
    expect(expect.getState().currentTestName).toContain("a suite at describe scope > streamMessage-4");
  });

  it("names and members of a group are seen with the time they took", async () => {
    const renamed = await verifyMetadataStream(group, others, 2);
    expect(renamed).toMatchObject({ allReceived: true, orderPercentage: 100 });
    expect(renamed.averageEventTiming).toBeGreaterThan(0);

    const joined = await verifyMembershipStream(group, others, getRandomInboxIds(1));
    expect(joined.receptionPercentage).toBe(100);
    expect(joined.averageEventTiming).toBeGreaterThan(0);
    const added = getRandomInboxIds(1);
    const came = await verifyAddMemberStream(group, others, added);
    expect(came.allReceived).toBe(true);
    expect(came.messages).toEqual(others.map(() => added));
  });

  it("conversations and consent are seen by those whom they are about", async () => {
    const made = await verifyConversationStream(workers.getCreator(), [workers.getReceiver()]);
    expect(made.receptionPercentage).toBe(100);
    expect((await verifyConsentStream(workers.getCreator(), workers.getReceiver())).allReceived).toBe(true);
    expect((await verifyGroupConsentStream(group, others)).almostAllReceived).toBe(true);

    const later = await workers.getCreator().client.conversations.newGroup(getInboxIds(2));
    expect((await verifyNewConversationStream(later, others)).allReceived).toBe(true);
  });

  it("somebody who left is not owed what is sent then", async () => {
    const [left] = others;
    await group.removeMembers([left?.inboxId ?? ""]);
    const result = await verifyMessageStream(group, others, 1);
    await group.addMembers([left?.inboxId ?? ""]);

    expect(result.receptionPercentage).toBe(100);
  });

  it("a message that nobody was told of counts as missing", async () => {
    const alone = await workers.getCreator().client.conversations.newGroup(getInboxIds(1));
    const answer = await verifyAgentMessageStream(
      alone,
      [workers.getCreator()],
      "anybody?",
      1,
      ["text"],
      500,
    );

    expect(answer).toMatchObject({
      allReceived: false,
      receptionPercentage: 0,
      averageEventTiming: undefined,
    });
    const stats = calculateMessageStats([["gm-1-x", "gm-1-x"], ["gm-2-x", "gm-1-x"], []], "gm-", 2, "x");
    expect(stats).toEqual({ receptionPercentage: 50, orderPercentage: 100 / 3 });
  });

  it("names of 4.x work on this version's client", async () => {
    const creator = workers.mustGetCreator();
    const [inbox] = getInboxes(1);
    const ethereum = { identifier: inbox?.accountAddress ?? "", identifierKind: IdentifierKind.Ethereum };
    const dm = await creator.client.conversations.newDmWithIdentifier(ethereum);

    expect(await dm.send("hi")).toBeTypeOf("string");
    expect([dm.constructor.name, group.constructor.name]).toEqual(["Dm", "Group"]);
    expect((await creator.client.preferences.inboxState(true)).installations).toHaveLength(1);
    expect(group.superAdmins).toEqual([creator.inboxId]);
    expect(group.admins).toEqual([]);
    expect(await creator.client.getInboxIdByIdentifier(ethereum)).toBe(inbox?.inboxId);
    const [state] = await creator.client.preferences.inboxStateFromInboxIds([inbox?.inboxId ?? ""], true);
    expect(state?.inboxId).toBe(inbox?.inboxId);
    const known = await Client.canMessage([ethereum], creator.env);
    expect(known.get(ethereum.identifier)).toBe(true);
  });

  // 4.x sends these by codecs that its suites register.
  it.runIf("sendReaction" in group)("what 4.x sends with a content type arrives as that type", async () => {
    const creator = workers.mustGetCreator();
    const [other] = others;
    const dm = await creator.client.conversations.newDm(other?.inboxId ?? "");
    const data = new TextEncoder().encode("a");
    const reference = await dm.send("look");
    await dm.send({ reference, action: "added", content: "+1", schema: "unicode" }, ContentTypeReaction);
    await dm.send({ reference, content: "I see", contentType: ContentTypeText }, ContentTypeReply);
    expect(await dm.send({}, ContentTypeReadReceipt)).toBeTypeOf("string");
    await dm.send({ filename: "a.txt", mimeType: "text/plain", data }, ContentTypeAttachment);
    await dm.send({ networkId: "1", reference: "0xabc" }, ContentTypeTransactionReference);
    const remote = { url: "https://example.org/a", contentDigest: "d", scheme: "https://", contentLength: 1 };
    const keys = { secret: data, salt: data, nonce: data, filename: "a" };
    await dm.send({ ...remote, ...keys }, ContentTypeRemoteAttachment);

    await other?.client.conversations.syncAll();
    const theirs = await other?.client.conversations.getConversationById(dm.id);
    const [looked, ...rest] = ((await theirs?.messages()) ?? []).filter(
      ({ contentType }) => contentType.typeId !== "group_updated",
    );
    expect(looked?.content).toBe("look");
    // The SDK lists neither receipts nor reactions: those are at the message that they are about.
    const { reactions } = looked as unknown as {
      readonly reactions: readonly { readonly content: unknown }[];
    };
    expect(reactions.map(({ content }) => content)).toEqual([
      expect.objectContaining({ reference, action: 1, content: "+1", schema: 1 }),
    ]);
    expect(rest.map(({ contentType }) => contentType.typeId)).toEqual([
      "reply",
      "attachment",
      "transactionReference",
      "remoteStaticAttachment",
    ]);
    expect(rest[0]?.content).toMatchObject({ content: "I see" });
    expect(rest[1]?.content).toMatchObject({ filename: "a.txt", mimeType: "text/plain", content: data });
  });

  it("an account of the public networks gets a stand-in", async () => {
    const { client } = workers.mustGetCreator();
    const stranger = { identifier: `0x${"5e".repeat(20)}`, identifierKind: IdentifierKind.Ethereum };
    const dm = await client.conversations.newDmWithIdentifier(stranger);

    expect(await dm.send("is it you?")).toBeTypeOf("string");
    expect(await (await client.conversations.newGroup(["5e".repeat(32)])).members()).toHaveLength(2);
  });
});
