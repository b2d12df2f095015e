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
const stream = await client.conversations.streamAllMessages({ retryDelay: 250 });
console.log(`listening as ${client.inboxId}`);
for await (const message of stream) {
  if (message.senderInboxId === client.inboxId || typeof message.content !== "string") continue;
  if (message.content === "die") process.exit(3);
  const conversation = await client.conversations.getConversationById(message.conversationId);
  await conversation.sendText(`echo ${message.content}`);
}
