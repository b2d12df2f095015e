import { generateKeyPairSync } from "node:crypto";
import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { makeKeyPackage } from "../../unit/network/key-package-maker.js";
import type { KeyPackageParts } from "../../unit/network/key-package-maker.js";
import { newKey, refusals } from "../target.js";
import type { Case, Rig } from "../target.js";

const { method } = mls.MlsApi;
const HOUR = 3_600;
const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A key package that is valid now, or bent; and the key that it is uploaded under. */
function newKeyPackage(bent: Partial<KeyPackageParts> = {}) {
  const pair = generateKeyPairSync("ed25519");
  const key = Uint8Array.from(pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  const now = nowSeconds();
  const bytes = makeKeyPackage({
    signatureKey: key,
    leafSigner: pair.privateKey,
    packageSigner: pair.privateKey,
    notBefore: now - HOUR,
    notAfter: now + 84 * 24 * HOUR,
    ...bent,
  });
  return { key, bytes, pair };
}

const upload = (keyPackageTlsSerialized: Uint8Array) => ({ keyPackage: { keyPackageTlsSerialized } });

async function fetchKeyPackages({ raw }: Rig, ...installationKeys: Uint8Array[]): Promise<Buffer[]> {
  const { keyPackages: found } = await raw.ok(method.fetchKeyPackages, { installationKeys });
  return found.map(({ keyPackageTlsSerialized }) => Buffer.from(keyPackageTlsSerialized));
}

const stranger = generateKeyPairSync("ed25519").privateKey;
const same = Uint8Array.from(newKey());
const LEAF = "mls validation: The leaf node signature is not valid.";
const SOURCE = "mls validation: Invalid LeafNode source type";
/** Each with the text of the library that refuses it, where that does not depend on the library's version. */
const bends: readonly (readonly [string, () => Partial<KeyPackageParts>, string?])[] = [
  ["protocol version 2", () => ({ version: 2 }), "mls validation: The protocol version is not valid."],
  ["a ciphersuite that nobody has", () => ({ ciphersuite: 0x7777 }), "TLS Codec error: UnknownValue(30583)"],
  ["a leaf that a stranger signed", () => ({ leafSigner: stranger }), LEAF],
  ["a leaf signed under another label", () => ({ leafLabel: "KeyPackageTBS" }), LEAF],
  [
    "a key package that a stranger signed",
    () => ({ packageSigner: stranger }),
    "mls validation: The key package signature is not valid.",
  ],
  ["a leaf of a commit", () => ({ source: 3 }), SOURCE],
  ["a leaf of an update", () => ({ source: 2 }), SOURCE],
  ["a leaf from nowhere", () => ({ source: 9 }), "TLS Codec error: UnknownValue(9)"],
  [
    "one key for both ends",
    () => ({ initKey: same, encryptionKey: same }),
    "mls validation: The init key and the encryption key are equal.",
  ],
  [
    "an extension that the leaf does not support",
    () => ({ extensions: [[0xff77, "00"]] }),
    "mls validation: A key package extension is not supported in the leaf's capabilities.",
  ],
  ["one that has run out", () => ({ notBefore: nowSeconds() - 3 * HOUR, notAfter: nowSeconds() - 2 * HOUR })],
  [
    "one that does not hold yet",
    () => ({ notBefore: nowSeconds() + HOUR, notAfter: nowSeconds() + 2 * HOUR }),
  ],
  ["an X.509 credential", () => ({ credentialType: 2 }), "wrong credential type"],
  ["a credential that is not an MlsCredential", () => ({ identity: Buffer.from([0x0a, 0x7f, 0x41]) })],
  ["a signature key of another kind", () => ({ signatureKey: new Uint8Array(65) }), LEAF],
  ["an extension whose data is cut", () => ({ extensions: [[2, ""]] }), "TLS Codec error: EndOfStream"],
  ["a byte too many", () => ({ trailing: "00" }), "TLS Codec error: TrailingData"],
];
const REFUSED = "invalid identity: validation failed with error XMTP Key Package failed";
const refusedBytes = new RegExp(`^${REFUSED} .`, "u");

/** The key of the last bent package, to look for it afterwards. */
let bentKey = newKey();
const bytesOf = (bent: Partial<KeyPackageParts>): Uint8Array => {
  const { key, bytes } = newKeyPackage(bent);
  bentKey = Buffer.from(key);
  return bytes;
};
const absent = async (rig: Rig) => (await fetchKeyPackages(rig, bentKey))[0]?.length;

const tables = [method.uploadKeyPackage, method.registerInstallation].flatMap((rpc): Case[] =>
  refusals<typeof rpc.input, typeof rpc.output>(rpc, [
    {
      name: `${rpc.name}: no key package`,
      request: () => ({}),
      code: Code.INVALID_ARGUMENT,
      text: "no key package",
    },
    {
      name: `${rpc.name}: no bytes`,
      request: () => upload(new Uint8Array()),
      code: Code.INVALID_ARGUMENT,
      text: `${REFUSED} TLS Codec error: EndOfStream`,
    },
    {
      name: `${rpc.name}: garbage`,
      request: () => upload(Buffer.from("garbage")),
      code: Code.INVALID_ARGUMENT,
      text: refusedBytes,
    },
    ...bends.map(([name, bent, text]) => ({
      name: `${rpc.name}: ${name}`,
      request: () => upload(bytesOf(bent())),
      code: Code.INVALID_ARGUMENT,
      text: text === undefined ? refusedBytes : `${REFUSED} ${text}`,
      absent,
    })),
  ]),
);

export const keyPackages: readonly Case[] = [
  ...tables,
  {
    name: "an upload is stored under the key in its leaf, and is never used up; the last one wins",
    run: async (rig) => {
      const first = newKeyPackage();
      await rig.raw.ok(method.uploadKeyPackage, upload(first.bytes));
      for (let round = 0; round < 2; round++) {
        expect(await fetchKeyPackages(rig, first.key)).toEqual([Buffer.from(first.bytes)]);
      }
      const { privateKey } = first.pair;
      const next = newKeyPackage({
        signatureKey: first.key,
        leafSigner: privateKey,
        packageSigner: privateKey,
      });
      await rig.raw.ok(method.uploadKeyPackage, upload(next.bytes));
      expect(await fetchKeyPackages(rig, first.key)).toEqual([Buffer.from(next.bytes)]);
      await rig.raw.ok(method.uploadKeyPackage, upload(first.bytes));
      expect(await fetchKeyPackages(rig, first.key), "an old one again").toEqual([Buffer.from(first.bytes)]);
    },
  },
  {
    name: "RegisterInstallation stores too, and names the installation",
    run: async (rig) => {
      const { key, bytes } = newKeyPackage();
      const { installationKey } = await rig.raw.ok(method.registerInstallation, upload(bytes));
      expect(Buffer.from(installationKey)).toEqual(Buffer.from(key));
      expect(await fetchKeyPackages(rig, key)).toEqual([Buffer.from(bytes)]);
    },
  },
  {
    name: "the flag is_inbox_id_credential is ignored, and no inbox need know the installation",
    run: async (rig) => {
      for (const isInboxIdCredential of [true, false]) {
        const { key, bytes } = newKeyPackage();
        await rig.raw.ok(method.uploadKeyPackage, { ...upload(bytes), isInboxIdCredential });
        expect(await fetchKeyPackages(rig, key)).toEqual([Buffer.from(bytes)]);
      }
    },
  },
  {
    name: "what is fetched comes in the order asked, missing ones empty; a key asked twice fills its last place",
    run: async (rig) => {
      const [a, b] = [newKeyPackage(), newKeyPackage()];
      for (const { bytes } of [a, b]) await rig.raw.ok(method.uploadKeyPackage, upload(bytes));
      const found = await fetchKeyPackages(rig, b.key, newKey(), a.key, b.key, Buffer.alloc(0));
      const none = Buffer.alloc(0);
      expect(found).toEqual([none, none, Buffer.from(a.bytes), Buffer.from(b.bytes), none]);
      expect(await fetchKeyPackages(rig)).toEqual([]);
    },
  },
];
