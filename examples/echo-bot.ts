import { randomBytes } from "node:crypto";
import { ApiUrls, Client } from "@xmtp/node-sdk";
import type { IdentifierKind } from "@xmtp/node-sdk";
import { toBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a const enum, which isolated modules cannot read
const ethereum = 0 as IdentifierKind;

/** The application under test: it answers each text with the same text. It knows the raw SDK only. */
export class EchoBot implements AsyncDisposable {
  readonly #client: Client<unknown>;
  readonly #end: () => Promise<unknown>;

  private constructor(client: Client<unknown>, end: () => Promise<unknown>) {
    this.#client = client;
    this.#end = end;
  }

  get inboxId(): string {
    return this.#client.inboxId;
  }

  /** Starts the bot with a fresh identity; resolves once it listens. `url` is the node's, `dbPath` a new file. */
  static async start(url: string, dbPath: string): Promise<EchoBot> {
    const account = privateKeyToAccount(generatePrivateKey());
    // Up to 5.5 the SDK finds its node by the name of an environment, whatever `apiUrl` says; its table of them is open.
    (ApiUrls as Record<string, string>)["local"] = url;
    const client = await Client.create(
      {
        type: "EOA",
        getIdentifier: () => ({ identifier: account.address.toLowerCase(), identifierKind: ethereum }),
        signMessage: async (message) => toBytes(await account.signMessage({ message })),
      },
      { env: "local", apiUrl: url, dbPath, dbEncryptionKey: randomBytes(32) },
    );
    const stream = await client.conversations.streamAllMessages();
    const echoing = (async () => {
      for await (const message of stream) {
        if (message.senderInboxId === client.inboxId || typeof message.content !== "string") continue;
        const conversation = await client.conversations.getConversationById(message.conversationId);
        await conversation?.sendText(message.content);
      }
    })();
    return new EchoBot(client, async () => {
      await stream.end();
      await echoing;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}
