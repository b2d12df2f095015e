import type { ClientOptions } from "@xmtp/node-sdk";
import { expect, test, typeofStream } from "playwright-xmtp";
import { contentTypeId, sendsWithoutCodec, sendWith } from "../support/sdk-differences.js";
import { dmOf } from "./support/sdk.js";

type Codec = NonNullable<ClientOptions["codecs"]>[number];

interface Move {
  readonly from: string;
  readonly to: string;
}

const chessMove: Codec = {
  contentType: contentTypeId({
    authorityId: "example.org",
    typeId: "chessMove",
    versionMajor: 1,
    versionMinor: 0,
  }),
  encode: (content) => ({
    type: chessMove.contentType,
    parameters: {},
    fallback: chessMove.fallback(content),
    content: new TextEncoder().encode(JSON.stringify(content)),
  }),
  decode: ({ content }) => JSON.parse(new TextDecoder().decode(content)) as Move,
  fallback: (content) => `moves to ${(content as Move).to}`,
  shouldPush: () => true,
};
const move: Move = { from: "e2", to: "e4" };

test.describe("with a codec on both sides", () => {
  test.use({ workerDefaults: { codecs: [chessMove] } });

  test("a custom type is decoded by the receiver, live and stored", async ({ alice, bob }) => {
    await bob.startStream(typeofStream.Message);
    const dm = await alice.client.conversations.createDm(bob.inboxId);
    const id = await sendWith(dm, chessMove, move);

    const [event] = await bob.collectMessages(dm.id, 1, { contentTypes: ["chessMove"] });
    expect(event).toMatchObject({ messageId: id, content: move, senderInboxId: alice.inboxId });
    const stored = (await (await dmOf(bob, dm.id)).messages()).find((message) => message.id === id);
    expect(stored?.content).toEqual(move);
    expect(stored?.contentType).toEqual(chessMove.contentType);
    const [sent] = [...alice.events].filter((each) => each.kind === "send");
    expect(sent?.payload).toEqual(event?.payload);
  });
});

test("without a codec the message comes undecoded, with its fallback", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  if (!sendsWithoutCodec) {
    await expect(sendWith(dm, chessMove, move)).rejects.toThrow(/Codec not found/);
    return;
  }
  const id = await sendWith(dm, chessMove, move);

  const [event] = await bob.collectMessages(dm.id, 1, { contentTypes: ["chessMove"] });
  expect(event).toMatchObject({ messageId: id, content: undefined });
  const stored = (await (await dmOf(bob, dm.id)).messages()).find((message) => message.id === id);
  expect(stored?.contentType).toEqual(chessMove.contentType);
  expect(stored?.content).toBeUndefined();
  expect(stored?.fallback).toBe("moves to e4");
});

test("content without a type is refused before anything is sent", async ({ alice, bob }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const untyped = { parameters: {}, content: new Uint8Array([1, 2, 3]) };
  await expect(dm.send(untyped)).rejects.toThrow(/content type/i);
  await dm.sendText("the only message");
  const types = (await (await dmOf(bob, dm.id)).messages()).map(({ contentType }) => contentType.typeId);
  expect(types).toEqual(["group_updated", "text"]);
});
