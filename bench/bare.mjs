/** Clients as a test without this package makes them: only the SDK's own calls. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ApiUrls, Client, HistorySyncUrls } from "@xmtp/node-sdk";
import { newSigner } from "../dist/src/workers/sdk/index.js";

/** A registered client with a fresh key. */
export async function bareClient(node, folder, name) {
  const wallet = newSigner();
  const signer = {
    type: "EOA",
    getIdentifier: () => ({ identifier: wallet.address, identifierKind: 0 }),
    signMessage: (text) => wallet.sign(text),
  };
  // Up to 5.5 registration looks an inbox up by environment alone, whatever the URL: give the node's a name.
  Object.assign(ApiUrls, { [node.url]: node.url });
  Object.assign(HistorySyncUrls, { [node.url]: node.historyUrl });
  return await Client.create(signer, {
    env: node.url,
    apiUrl: node.url,
    historySyncUrl: node.historyUrl,
    dbPath: join(folder, `${name}.db3`),
    dbEncryptionKey: randomBytes(32),
  });
}

/** A stream of all messages, with a promise for the time its `count`-th text is in. */
export async function bareStream(client) {
  let texts = 0;
  const waiting = [];
  const stream = await client.conversations.streamAllMessages({
    onValue: (message) => {
      if (message.contentType.typeId !== "text") return;
      texts += 1;
      for (const { count, resolve } of waiting) if (texts >= count) resolve();
    },
  });
  const received = (count) =>
    texts >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }));
  return { received, end: () => stream.end() };
}
