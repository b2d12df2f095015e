import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** What a test may bend; everything else is what a client sends. */
export interface KeyPackageParts {
  version: number;
  ciphersuite: number;
  initKey: Uint8Array;
  encryptionKey: Uint8Array;
  credentialType: number;
  identity: Uint8Array;
  capabilities: number[];
  source: number;
  notBefore: number;
  notAfter: number;
  extensions: [type: number, data: string][];
  signatureKey: Uint8Array;
  leafSigner: KeyObject;
  packageSigner: KeyObject;
  leafLabel: string;
  trailing: string;
}

const NOW = 1_800_000_000;
export const VALID_AT = NOW;
export const INBOX_ID = "ab".repeat(32);

/** A key package signed by a fresh key; written without the product's code. */
export function makeKeyPackage(bent: Partial<KeyPackageParts> = {}): Uint8Array {
  const pair = generateKeyPairSync("ed25519");
  const parts: KeyPackageParts = {
    version: 1,
    ciphersuite: 3,
    initKey: randomBytes(32),
    encryptionKey: randomBytes(32),
    credentialType: 1,
    identity: Buffer.concat([Buffer.from([0x0a, INBOX_ID.length]), Buffer.from(INBOX_ID)]),
    capabilities: [0x000a, 0xff03],
    source: 1,
    notBefore: NOW - 3600,
    notAfter: NOW + 3600,
    extensions: [
      [0x000a, ""],
      [0xff03, "010203"],
    ],
    signatureKey: pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32),
    leafSigner: pair.privateKey,
    packageSigner: pair.privateKey,
    leafLabel: "LeafNodeTBS",
    trailing: "",
    ...bent,
  };
  const leafTbs = Buffer.concat([
    vector(parts.encryptionKey),
    vector(parts.signatureKey),
    u16(parts.credentialType),
    vector(parts.identity),
    vector(u16(1)),
    vector(u16(3)),
    vector(Buffer.concat(parts.capabilities.map(u16))),
    vector(Buffer.alloc(0)),
    vector(u16(1)),
    Buffer.from([parts.source]),
    sourceFields(parts),
    vector(Buffer.alloc(0)),
  ]);
  const leaf = Buffer.concat([leafTbs, vector(signed(parts.leafSigner, parts.leafLabel, leafTbs))]);
  const extensions = parts.extensions.map(([type, data]) =>
    Buffer.concat([u16(type), vector(Buffer.from(data, "hex"))]),
  );
  const tbs = Buffer.concat([
    u16(parts.version),
    u16(parts.ciphersuite),
    vector(parts.initKey),
    leaf,
    vector(Buffer.concat(extensions)),
  ]);
  const signature = vector(signed(parts.packageSigner, "KeyPackageTBS", tbs));
  return Buffer.concat([tbs, signature, Buffer.from(parts.trailing, "hex")]);
}

function sourceFields({ source, notBefore, notAfter }: KeyPackageParts): Uint8Array {
  if (source === 3) return vector(randomBytes(32));
  if (source !== 1) return Buffer.alloc(0);
  const lifetime = Buffer.alloc(16);
  lifetime.writeBigUInt64BE(BigInt(notBefore), 0);
  lifetime.writeBigUInt64BE(BigInt(notAfter), 8);
  return lifetime;
}

function signed(key: KeyObject, label: string, content: Uint8Array): Buffer {
  return sign(null, Buffer.concat([vector(Buffer.from(`MLS 1.0 ${label}`)), vector(content)]), key);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function vector(bytes: Uint8Array): Buffer {
  const length = bytes.length < 0x40 ? Buffer.from([bytes.length]) : u16(0x4000 | bytes.length);
  return Buffer.concat([length, bytes]);
}
