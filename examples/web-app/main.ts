/** The application under test: a page that shows what it hears and says what is typed. It knows the raw SDK only. */
import { Client, IdentifierKind } from "@xmtp/browser-sdk";
import type { ClientOptions } from "@xmtp/browser-sdk";
import { toBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

declare global {
  /** Which network to use; a test sets it before the page loads. */
  var xmtpOptions: Omit<ClientOptions, "codecs"> | undefined;
}

function the<Tag extends keyof HTMLElementTagNameMap>(tag: Tag): HTMLElementTagNameMap[Tag] {
  const found = document.querySelector(tag);
  if (!found) throw new Error(`The page has no <${tag}>.`);
  return found;
}

const inbox = the("output");
const messages = the("ul");
const form = the("form");
const input = the("input");

const account = privateKeyToAccount(generatePrivateKey());
const client = await Client.create(
  {
    type: "EOA",
    getIdentifier: () => ({
      identifier: account.address.toLowerCase(),
      identifierKind: IdentifierKind.Ethereum,
    }),
    signMessage: async (message) => toBytes(await account.signMessage({ message })),
  },
  globalThis.xmtpOptions ?? { env: "production" },
);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send(input.value);
});

async function send(text: string): Promise<void> {
  const [latest] = await client.conversations.list();
  await latest?.sendText(text);
  input.value = "";
}

const stream = await client.conversations.streamAllMessages();
inbox.textContent = client.inboxId ?? "";
for await (const { content, senderInboxId } of stream) {
  if (typeof content !== "string" || senderInboxId === client.inboxId) continue;
  const item = document.createElement("li");
  item.textContent = content;
  messages.append(item);
}
