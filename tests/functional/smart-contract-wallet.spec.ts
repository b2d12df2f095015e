import { randomBytes } from "node:crypto";
import { Client } from "@xmtp/node-sdk";
import { toBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { expect, test, typeofStream } from "playwright-xmtp";
import { identifierOf, textsOf } from "./support/sdk.js";

test("a smart contract wallet talks with a worker; a forged signature gets no inbox", async ({
  alice,
  network,
}, testInfo) => {
  const owner = privateKeyToAccount(generatePrivateKey());
  const create = async (signing: typeof owner): Promise<{ client: Client; account: string }> => {
    const account = `0x${randomBytes(20).toString("hex")}`;
    await network.addSmartContractWallet({ account, owner: owner.address, chainId: 8453n });
    const signer = {
      type: "SCW" as const,
      getIdentifier: () => identifierOf({ address: account }),
      signMessage: async (message: string) => toBytes(await signing.signMessage({ message })),
      getChainId: () => 8453n,
    };
    const client = await Client.create(signer, {
      ...alice.client.options,
      dbPath: testInfo.outputPath(`${account}.db3`),
      dbEncryptionKey: randomBytes(32),
      disableDeviceSync: true,
    });
    return { client: client as Client, account };
  };

  const wallet = await create(owner);
  expect(wallet.client.isRegistered).toBe(true);
  expect(await alice.client.fetchInboxIdByIdentifier(identifierOf({ address: wallet.account }))).toBe(
    wallet.client.inboxId,
  );
  await alice.startStream(typeofStream.Message);
  const dm = await wallet.client.conversations.createDm(alice.inboxId);
  await dm.sendText("signed by a contract");
  await expect(alice).toHaveReceivedExactlyOnce("signed by a contract", { from: wallet.client });
  const theirs = await alice.client.conversations.getConversationById(dm.id);
  await theirs?.sendText("welcome, contract");
  await dm.sync();
  expect(textsOf(await dm.messages())).toEqual(["signed by a contract", "welcome, contract"]);

  await expect(create(privateKeyToAccount(generatePrivateKey()))).rejects.toThrow(/signature/i);
});
