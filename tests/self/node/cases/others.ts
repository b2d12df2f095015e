import { expect } from "@playwright/test";
import { hashMessage, hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { Code } from "#src/network/index.js";
import { health, identity, mls } from "#src/network/proto/index.js";
import { frame, pathOf } from "../../network/grpc-client.js";
import { refusals } from "../target.js";
import type { Case, Rig } from "../target.js";

const { verifySmartContractWalletSignatures } = identity.IdentityApi.method;
const { revokeInstallation, getIdentityUpdates } = mls.MlsApi.method;

const verify = async ({ raw }: Rig, ...signatures: object[]) =>
  (await raw.ok(verifySmartContractWalletSignatures, { signatures })).responses;
const ACCOUNT = `0x${"5c".repeat(20)}`;
const question = {
  accountId: `eip155:1:${ACCOUNT}`,
  hash: Buffer.alloc(32, 1),
  signature: Buffer.alloc(65, 1),
};

const unserved: readonly unknown[] = [revokeInstallation, getIdentityUpdates];

export const others: readonly Case[] = [
  ...[revokeInstallation, getIdentityUpdates].flatMap((rpc): Case[] =>
    refusals<typeof rpc.input, typeof rpc.output>(rpc, [
      {
        name: `MlsApi/${rpc.name}, which nobody serves`,
        request: () => ({}),
        code: Code.UNIMPLEMENTED,
        text: "unimplemented",
      },
    ]),
  ),
  {
    name: "what cannot be asked about a contract wallet is told in its entry, beside the others'",
    run: async (rig) => {
      const answers = await verify(
        rig,
        { ...question, hash: Buffer.alloc(31) },
        { ...question, accountId: "no account" },
        { ...question, accountId: `eip155:${2n ** 64n}:${ACCOUNT}` },
        { ...question, accountId: `solana:1:${ACCOUNT}` },
      );
      expect(answers.map(({ isValid }) => isValid)).toEqual([false, false, false, false]);
      expect(answers.map(({ error }) => error)).toEqual([
        "Deserialization(InvalidHash)",
        "Deserialization(InvalidAccountId)",
        `Signature(VerifierError(NoVerifier("eip155:${2n ** 64n}")))`,
        'Signature(VerifierError(NoVerifier("solana:1")))',
      ]);
      for (const { blockNumber } of answers) expect(blockNumber).toBeUndefined();
      expect(await verify(rig)).toEqual([]);
    },
  },
  {
    name: "a plain key counts as its own wallet, at the block asked for",
    embeddedOnly: "a real node asks a chain, which a local one may not reach",
    run: async (rig) => {
      const account = privateKeyToAccount(generatePrivateKey());
      const hash = hexToBytes(hashMessage("text"));
      const signature = hexToBytes(await account.signMessage({ message: "text" }));
      const good = { accountId: `eip155:1:${account.address}`, hash, signature };
      const answers = await verify(
        rig,
        good,
        { ...good, blockNumber: 77n },
        { ...good, hash: Buffer.alloc(32) },
      );
      expect(answers).toMatchObject([
        { isValid: true },
        { isValid: true, blockNumber: 77n },
        { isValid: false },
      ]);
    },
  },
  {
    name: "health: the server is serving; of its services, named one by one, it knows nothing",
    run: async ({ raw }) => {
      const { check } = health.Health.method;
      const { SERVING } = health.HealthCheckResponse_ServingStatus;
      expect(await raw.ok(check, {})).toMatchObject({ status: SERVING });
      for (const service of [mls.MlsApi.typeName, identity.IdentityApi.typeName, "no.such.Service"]) {
        expect(await raw.call(check, { service })).toMatchObject({
          status: Code.NOT_FOUND,
          message: "unknown service",
        });
      }
    },
  },
  ...[...mls.MlsApi.methods, ...identity.IdentityApi.methods]
    .filter((rpc) => rpc.methodKind !== "bidi_streaming" && !unserved.includes(rpc))
    .map((rpc): Case => ({
      name: `${rpc.parent.name}/${rpc.name}: a request that is not protobuf is INTERNAL`,
      run: async ({ raw }) => {
        const outcome = await raw.raw(pathOf(rpc), frame(Buffer.from("0affff", "hex")));
        expect(outcome.status).toBe(Code.INTERNAL);
        expect(outcome.message).toContain("unmarshal");
      },
    })),
  {
    name: "unknown methods and services are UNIMPLEMENTED",
    run: async ({ raw }) => {
      const empty = frame(new Uint8Array());
      expect(await raw.raw("/no.such.Service/Get", empty)).toMatchObject({
        status: Code.UNIMPLEMENTED,
        message: "unknown service no.such.Service",
      });
      expect(await raw.raw("/xmtp.mls.api.v1.MlsApi/Get", empty)).toMatchObject({
        status: Code.UNIMPLEMENTED,
        message: "unknown method Get for service xmtp.mls.api.v1.MlsApi",
      });
    },
  },
];
