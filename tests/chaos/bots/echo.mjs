// A bot on node-sdk as people write it: it knows no test, and finds the network by XMTP_ENV.
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { Client } from "@xmtp/node-sdk";
import { toBytes } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const account = privateKeyToAccount(process.env.XMTP_WALLET_KEY);
const signer = {
  type: "EOA",
  getIdentifier: () => ({ identifier: account.address.toLowerCase(), identifierKind: 0 }),
  signMessage: async (message) => toBytes(await account.signMessage({ message })),
};
const client = await Client.create(signer, {
  env: process.env.XMTP_ENV,
  dbPath: join(process.env.XMTP_DB_DIRECTORY, "bot.db3"),
  dbEncryptionKey: Buffer.from(process.env.XMTP_DB_ENCRYPTION_KEY, "hex"),
});
// Without the variable, the SDK's own delay before it subscribes again.
const delay = process.env.RETRY_DELAY_MS;
const stream = await client.conversations.streamAllMessages(
  delay === undefined ? {} : { retryDelay: Number(delay) },
);
console.log(`listening as ${client.inboxId}`);

const answered = new Set();
async function answer(message) {
  if (message.senderInboxId === client.inboxId || typeof message.content !== "string") return;
  if (answered.has(message.id)) return;
  answered.add(message.id);
  if (message.content === "die") process.exit(3);
  const conversation = await client.conversations.getConversationById(message.conversationId);
  try {
    // sendText is new in 5.0: before, send takes a text.
    await (conversation.sendText ?? conversation.send).call(conversation, `echo ${message.content}`);
  } catch (error) {
    console.error(`could not answer: ${error.message}`);
  }
}

if (process.env.CATCH_UP === "1") {
  // What a careful bot does after a restart: it answers what came since its own last word.
  await client.conversations.syncAll();
  for (const conversation of await client.conversations.list()) {
    const messages = await conversation.messages();
    const last = messages.findLastIndex(({ senderInboxId }) => senderInboxId === client.inboxId);
    for (const message of messages.slice(last + 1)) await answer(message);
  }
}
for await (const message of stream) await answer(message);
