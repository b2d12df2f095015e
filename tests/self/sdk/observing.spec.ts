import { encodeText } from "@xmtp/node-sdk";
import type { Reaction } from "@xmtp/node-sdk";
import { expect, listen, observe, quick, test } from "./clients.js";

const contentType = { authorityId: "example.org", typeId: "score", versionMajor: 1, versionMinor: 0 };
const scoreCodec = {
  contentType,
  encode: (content: { points: number }) => ({
    type: contentType,
    parameters: {},
    content: new TextEncoder().encode(JSON.stringify(content)),
  }),
  decode: (encoded: { content: Uint8Array }) =>
    JSON.parse(new TextDecoder().decode(encoded.content)) as unknown,
  fallback: () => undefined,
  shouldPush: () => false,
};

test("sender and receiver know one message by one payload, whatever its type", async ({ client }) => {
  const sent = observe();
  const codecs = [scoreCodec];
  const alice = await client({ observer: sent.observer, codecs });
  const bob = await client({ codecs });
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const heard = listen();
  const stream = await bob.streamMessages(heard, quick);
  const id = await group.sendText("hello");
  await group.sendMarkdown("# hello");
  // Added, as Unicode: the SDK's const enums have no values at run time.
  const kind = { action: 1, schema: 1 };
  const reaction = { reference: id, referenceInboxId: alice.inboxId, content: "👍", ...kind };
  await group.sendReaction(Object.assign({} as Reaction, reaction));
  await group.sendReply({ content: encodeText("and you"), reference: id, referenceInboxId: alice.inboxId });
  await group.sendReadReceipt();
  await group.send(encodeText("encoded"));
  await group.send(scoreCodec.encode({ points: 7 }));
  await alice.sendText(group.id, "gm", { automatic: true });
  const applications = () => heard.values.filter(({ kind }) => kind === "application");
  await expect.poll(() => applications().length).toBe(8);
  const received = new Map(applications().map((message) => [message.id, message]));
  expect(sent.sends.map(({ contentType: type, automatic }) => [type, automatic])).toEqual([
    ["text", false],
    ["markdown", false],
    ["reaction", false],
    ["reply", false],
    ["readReceipt", false],
    ["text", false],
    ["score", false],
    ["text", true],
  ]);
  for (const { contentType: type, hash, result } of sent.sends) {
    const messageId = result !== undefined && "messageId" in result ? result.messageId : "none";
    expect({ type, hash }).toEqual({
      type: received.get(messageId)?.contentType,
      hash: received.get(messageId)?.payload.hash,
    });
  }
  const listed = await bob.listMessages(group.id);
  expect(new Set(listed.map((message) => message.id))).toEqual(
    new Set([
      ...heard.values.map((message) => message.id),
      ...listed.slice(0, 1).map(({ id: first }) => first),
    ]),
  );
  await stream.end();
});

test("conversations from lists, look-ups, streams and DMs report alike", async ({ client }) => {
  const heard = observe();
  const [alice, bob] = [await client(), await client({ observer: heard.observer })];
  const fromStream: { sendText(text: string): Promise<string> }[] = [];
  const stream = await bob.client.conversations.stream({
    onValue: (one) => {
      if (one !== undefined) fromStream.push(one);
    },
  });
  const dm = await alice.createDm(bob.inboxId);
  await alice.sendText(dm, "hi");
  await bob.syncAll();
  await expect.poll(() => fromStream.length).toBe(1);
  const { conversations } = bob.client;
  await fromStream[0]?.sendText("1");
  for (const one of await conversations.list()) await one.sendText("2");
  for (const one of conversations.listDms()) await one.sendText("3");
  await (await conversations.getConversationById(dm))?.sendText("4");
  await conversations.getDmByInboxId(alice.inboxId)?.sendText("5");
  expect(heard.sends.length).toBe(5);
  await stream.end();
});

test("a failed send is reported, and an optimistic one settles when it is published", async ({
  client,
  node,
}) => {
  const heard = observe();
  const alice = await client({ observer: heard.observer });
  const bob = await client();
  const group = await alice.client.conversations.createGroup([bob.inboxId]);
  const id = await group.sendText("later", true);
  expect(heard.sends[0]?.result).toBeUndefined();
  await group.publishMessages();
  expect(heard.sends[0]?.result).toEqual({ messageId: id });
  await node.failNext("SendGroupMessages", { code: 14, times: 100 });
  await expect(group.sendText("lost")).rejects.toThrow();
  expect(heard.sends[1]?.result).toMatchObject({ error: expect.any(Error) });
});

test("streams the test opens itself are handed over once each, and end for good", async ({
  client,
  node,
}) => {
  const heard = observe();
  const [alice, bob] = [await client(), await client({ observer: heard.observer })];
  const group = await alice.createGroup([bob.inboxId]);
  await bob.syncAll();
  const { conversations, preferences } = bob.client;
  await conversations.streamAllGroupMessages();
  await conversations.streamDms();
  await preferences.streamConsent();
  await (await conversations.getConversationById(group))?.stream();
  expect(heard.streams.length).toBe(4);
  expect((await node.stats()).openSubscriptions).toBeGreaterThan(0);
  await Promise.all(heard.streams.map((stream) => stream.end()));
  await node.waitForSubscriptions(0, 2_000);
});
