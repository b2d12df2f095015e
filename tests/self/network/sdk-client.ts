import type { EmbeddedNode } from "#src/network/index.js";
import { ApiUrls, Client } from "@xmtp/node-sdk";
import type { ClientOptions, IdentifierKind, Signer } from "@xmtp/node-sdk";
import { toBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

/** The SDK's IdentifierKind.Ethereum: a const enum, which isolated modules cannot read. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the SDK's enum has no value at run time
export const ETHEREUM = 0 as IdentifierKind;

/** A wallet that signs with a fresh key. */
export function newSigner(): Signer {
  const account = privateKeyToAccount(generatePrivateKey());
  return {
    type: "EOA",
    getIdentifier: () => ({ identifier: account.address.toLowerCase(), identifierKind: ETHEREUM }),
    signMessage: async (message) => toBytes(await account.signMessage({ message })),
  };
}

/** A real SDK client with its database in memory, on the given node. */
export function newClient(
  node: Pick<EmbeddedNode, "url" | "historyUrl">,
  options: { signer?: Signer } & Partial<ClientOptions> = {},
) {
  const { signer = newSigner(), ...rest } = options;
  // The SDK's static look-ups know environments only, not URLs; its table of them is open.
  const env = `xmtp-test-${new URL(node.url).port}`;
  (ApiUrls as Record<string, string>)[env] = node.url;
  return Client.create(signer, {
    env: env as "local",
    apiUrl: node.url,
    historySyncUrl: node.historyUrl,
    dbPath: null,
    ...rest,
  });
}
