import * as sdk from "@xmtp/node-sdk";
import type { Attachment, RemoteAttachment, Reply } from "@xmtp/node-sdk";
import { expect, typeofStream } from "playwright-xmtp";
import type { ReceiveEvent, Worker } from "playwright-xmtp";
import { test } from "../support/place.js";
import { whereSdkHas } from "./support/features.js";
import { dmOf, reaction } from "./support/sdk.js";

type Dm = Awaited<ReturnType<typeof dmOf>>;

test("text keeps every character", async ({ alice, bob }) => {
  const dm = await listeningDm(alice, bob);
  const text = "🦊 grüße\n\t\u0000 \u202Ertl שלום 中文 'quoted' \"too\"";
  await dm.sendText(text);
  expect((await one(bob, dm, "text")).content).toBe(text);
});

test("a long text comes whole, although the ledger shows its beginning only", async ({ alice, bob }) => {
  const dm = await listeningDm(alice, bob);
  const text = "long ".repeat(20_000);
  await dm.sendText(text);
  const message = await one(bob, dm, "text");
  expect(message.content).toBe(text);
  expect(text.startsWith(message.payload.text)).toBe(true);
  expect(message.payload.text.length).toBeLessThan(text.length);
});

whereSdkHas("senders of content types", () => {
  test("markdown", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    await dm.sendMarkdown("# Title\n\n- **bold**");
    expect((await one(bob, dm, "markdown")).content).toBe("# Title\n\n- **bold**");
  });

  test("a reaction names its message, and is listed with it", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    const id = await dm.sendText("react to me");
    const theirs = await dmOf(bob, dm.id);
    await alice.startStream(typeofStream.Message);
    const content = {
      reference: id,
      referenceInboxId: alice.inboxId,
      action: reaction.added,
      content: "👍",
      schema: reaction.unicode,
    };
    await theirs.sendReaction(content);

    const event = await one(alice, dm, "reaction");
    expect(event.senderInboxId).toBe(bob.inboxId);
    expect(event.content).toEqual(content);
    const message = (await dm.messages()).find((each) => each.id === id);
    expect(message?.reactions.map((each) => [each.senderInboxId, each.content])).toEqual([
      [bob.inboxId, content],
    ]);
  });

  test("a reply names its message and brings its own content", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    const id = await dm.sendText("question?");
    const reply: Reply = {
      reference: id,
      referenceInboxId: alice.inboxId,
      content: sdk.encodeText("answer!"),
    };
    const replyId = await dm.sendReply(reply);

    const event = await one(bob, dm, "reply");
    expect(event.messageId).toBe(replyId);
    const stored = (await (await dmOf(bob, dm.id)).messages()).find((each) => each.id === replyId);
    expect(stored?.content).toMatchObject({
      referenceId: id,
      content: "answer!",
      inReplyTo: { id, content: "question?" },
    });
  });

  test("a reply may bring other content than text", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    const id = await dm.sendText("question?");
    await dm.sendReply({ reference: id, content: sdk.encodeMarkdown("**answer**") });
    const { content } = await one(bob, dm, "reply");
    expect(content).toMatchObject({ referenceId: id, content: "**answer**" });
  });

  test("a read receipt moves the reader's last read time", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    const id = await dm.sendText("have you read this?");
    const theirs = await dmOf(bob, dm.id);
    await alice.startStream(typeofStream.Message);
    await theirs.sendReadReceipt();

    const receipt = await one(alice, dm, "readReceipt");
    expect(receipt.senderInboxId).toBe(bob.inboxId);
    const sentAtNs = alice.client.conversations.getMessageById(id)?.sentAtNs ?? 0n;
    expect(BigInt((await dm.lastReadTimes())[bob.inboxId] ?? 0)).toBeGreaterThan(sentAtNs);
  });

  test("an attachment comes byte for byte", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    await dm.sendAttachment(picture());
    const received = (await one(bob, dm, "attachment")).content as Attachment;
    expect({ ...received, content: [...received.content] }).toEqual({
      ...picture(),
      content: [...picture().content],
    });
  });

  test("a remote attachment is fetched, checked and decrypted", async ({
    alice,
    bob,
    place: { network },
  }) => {
    const { historyUrl } = network;
    test.skip(
      historyUrl === null,
      "needs a history server, which takes uploads: XMTP_HISTORY_URL names none",
    );
    const dm = await listeningDm(alice, bob);
    const encrypted = sdk.encryptAttachment(picture());
    const upload = await fetch(`${historyUrl}/upload`, { method: "POST", body: encrypted.payload });
    expect(upload.status).toBe(200);
    const url = `${historyUrl}/files/${await upload.text()}`;
    const { contentDigest, secret, salt, nonce, contentLength } = encrypted;
    await dm.sendRemoteAttachment({
      url,
      contentDigest,
      secret,
      salt,
      nonce,
      contentLength,
      scheme: "http",
      filename: "picture.png",
    });

    const received = (await one(bob, dm, "remoteStaticAttachment")).content as RemoteAttachment;
    expect(received).toMatchObject({ url, contentDigest, contentLength, filename: "picture.png" });
    const bytes = new Uint8Array(await (await fetch(received.url)).arrayBuffer());
    const opened = sdk.decryptAttachment(bytes, received);
    expect([...opened.content]).toEqual([...picture().content]);
    expect(opened.mimeType).toBe("image/png");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    expect(() => sdk.decryptAttachment(bytes, received)).toThrow(/digest/i);
  });

  test("several remote attachments in one message keep their order", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    const attachments = ["first", "second"].map((name) => {
      const { contentDigest, secret, salt, nonce, contentLength } = sdk.encryptAttachment(picture());
      const url = `https://example.org/${name}`;
      return { url, contentDigest, secret, salt, nonce, contentLength, scheme: "https", filename: name };
    });
    await dm.sendMultiRemoteAttachment({ attachments });
    const { content } = await one(bob, dm, "multiRemoteStaticAttachment");
    const received = (content as { attachments: typeof attachments }).attachments;
    expect(received.map(({ url, contentDigest, filename }) => [url, contentDigest, filename])).toEqual(
      attachments.map(({ url, contentDigest, filename }) => [url, contentDigest, filename]),
    );
  });

  test("a transaction reference", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    const content = {
      namespace: "eip155",
      networkId: "8453",
      reference: `0x${"ab".repeat(32)}`,
      metadata: {
        transactionType: "transfer",
        currency: "USDC",
        amount: 12.5,
        decimals: 6,
        fromAddress: alice.address,
        toAddress: bob.address,
      },
    };
    await dm.sendTransactionReference(content);
    expect((await one(bob, dm, "transactionReference")).content).toEqual(content);
  });

  test("wallet send calls", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    const content = {
      version: "1.0",
      chainId: "0x2105",
      from: alice.address,
      calls: [
        { to: bob.address, value: "0x1", metadata: { description: "one wei", transactionType: "transfer" } },
      ],
    };
    await dm.sendWalletSendCalls(content);
    expect((await one(bob, dm, "walletSendCalls")).content).toMatchObject(content);
  });

  test("actions are offered, and an intent chooses one", async ({ alice, bob }) => {
    const dm = await listeningDm(alice, bob);
    await alice.startStream(typeofStream.Message);
    const actions = {
      id: "lunch",
      description: "What shall we eat?",
      actions: [
        { id: "soup", label: "Soup" },
        { id: "salad", label: "Salad" },
      ],
    };
    await dm.sendActions(actions);
    expect((await one(bob, dm, "actions")).content).toMatchObject(actions);

    const theirs = await dmOf(bob, dm.id);
    await theirs.sendIntent({ id: "lunch", actionId: "soup", metadata: { spicy: true } });
    const intent = await one(alice, dm, "intent");
    expect(intent.content).toMatchObject({ id: "lunch", actionId: "soup", metadata: { spicy: true } });
  });
});

const picture = (): Attachment => ({
  filename: "picture.png",
  mimeType: "image/png",
  content: Uint8Array.from({ length: 4_096 }, (_, at) => (at * 31) % 256),
});

/** A DM between two workers of which the second listens. */
async function listeningDm(from: Worker, to: Worker): Promise<Dm> {
  await to.startStream(typeofStream.Message);
  return await from.client.conversations.createDm(to.inboxId);
}

/** The one message of that type, which is also the only one by the other side. */
async function one(worker: Worker, dm: Dm, contentType: string): Promise<ReceiveEvent> {
  const [event] = await worker.collectMessages(dm.id, 1, { contentTypes: [contentType] });
  if (!event) throw new Error(`no ${contentType} came`);
  await expect(worker).toHaveReceivedExactlyOnce(({ messageId }) => messageId === event.messageId, {
    settle: 0,
  });
  return event;
}
