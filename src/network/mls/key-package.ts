import { createPublicKey, verify } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { MlsCredentialSchema } from "../proto/gen/credential_pb.js";
import { ED25519_CIPHERSUITES } from "./ciphersuites.js";
import { LEAF_SOURCE_KEY_PACKAGE, parseKeyPackage } from "./key-package-format.js";
import type { KeyPackage } from "./key-package-format.js";
import { MlsFormatError } from "./tls-reader.js";

/** A key package that the node must refuse. The text is the one that clients of the real node see. */
export class KeyPackageError extends Error {
  override readonly name = "KeyPackageError";

  constructor(why: string, options?: ErrorOptions) {
    super(`XMTP Key Package failed ${why}`, options);
  }
}

export interface ValidKeyPackage {
  /** Ed25519 public key, 32 bytes: the installation id. A view of the input. */
  readonly installationKey: Uint8Array;
  /** As the credential claims it; the real node does not compare it with the identity log either. */
  readonly inboxId: string;
}

const MLS_10 = 1;
const BASIC_CREDENTIAL = 1;
/** Extension types up to this one need not be listed in the capabilities (RFC 9420 section 7.2). */
const LAST_DEFAULT_EXTENSION = 5;

/**
 * Checks a bare KeyPackage as OpenMLS does for the real node, in its order: leaf signature, leaf source, protocol
 * version, distinct keys, key package signature, extensions within the capabilities, lifetime; then the credential.
 *
 * @param nowSeconds Unix time; the lifetime includes its first second and excludes its last, as in OpenMLS.
 * @throws KeyPackageError, and nothing else, whatever the bytes.
 */
export function validateKeyPackage(bytes: Uint8Array, nowSeconds: number): ValidKeyPackage {
  const keyPackage = parse(bytes);
  const { leaf } = keyPackage;
  if (leaf.source !== LEAF_SOURCE_KEY_PACKAGE) throw invalid("Invalid LeafNode source type");
  // A suite that signs with another scheme cannot have made this Ed25519 signature.
  const ed25519 = ED25519_CIPHERSUITES.has(keyPackage.ciphersuite);
  if (!ed25519 || !signedBy(leaf.signatureKey, "LeafNodeTBS", leaf.tbs, leaf.signature))
    throw invalid("The leaf node signature is not valid.");
  if (keyPackage.version !== MLS_10) throw invalid("The protocol version is not valid.");
  if (Buffer.compare(keyPackage.initKey, leaf.encryptionKey) === 0)
    throw invalid("The init key and the encryption key are equal.");
  if (!signedBy(leaf.signatureKey, "KeyPackageTBS", keyPackage.tbs, keyPackage.signature))
    throw invalid("The key package signature is not valid.");
  for (const { type } of keyPackage.extensions) {
    if (type > LAST_DEFAULT_EXTENSION && !leaf.supportedExtensions.has(type))
      throw invalid("A key package extension is not supported in the leaf's capabilities.");
  }
  checkLifetime(keyPackage, nowSeconds);
  return { installationKey: leaf.signatureKey, inboxId: inboxIdOf(keyPackage) };
}

function parse(bytes: Uint8Array): KeyPackage {
  try {
    return parseKeyPackage(bytes);
  } catch (error) {
    if (error instanceof MlsFormatError)
      throw new KeyPackageError(`TLS Codec error: ${error.message}`, { cause: error });
    throw error;
  }
}

function invalid(why: string): KeyPackageError {
  return new KeyPackageError(`mls validation: ${why}`);
}

function checkLifetime({ leaf }: KeyPackage, nowSeconds: number): void {
  const now = BigInt(Math.floor(nowSeconds));
  if (leaf.lifetime === undefined) throw invalid("The lifetime of the leaf node is missing.");
  if (now < leaf.lifetime.notBefore || now >= leaf.lifetime.notAfter)
    throw invalid("The lifetime of the leaf node is not valid.");
}

function inboxIdOf({ leaf }: KeyPackage): string {
  if (leaf.credential.type !== BASIC_CREDENTIAL) throw new KeyPackageError("wrong credential type");
  try {
    return fromBinary(MlsCredentialSchema, leaf.credential.identity).inboxId;
  } catch (error) {
    throw new KeyPackageError("the credential is not an MlsCredential", { cause: error });
  }
}

/** DER of an Ed25519 SubjectPublicKeyInfo up to the key itself (RFC 8410). */
const ED25519_SPKI = Buffer.from("302a300506032b6570032100", "hex");
const ED25519_KEY_BYTES = 32;

/** VerifyWithLabel of RFC 9420 section 5.1.2. */
function signedBy(publicKey: Uint8Array, label: string, content: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== ED25519_KEY_BYTES) return false;
  const key = createPublicKey({ key: Buffer.concat([ED25519_SPKI, publicKey]), format: "der", type: "spki" });
  const signed = Buffer.concat([opaque(Buffer.from(`MLS 1.0 ${label}`)), opaque(content)]);
  return verify(null, signed, key, signature);
}

/** An opaque vector with its length in the smallest encoding. */
function opaque(bytes: Uint8Array): Buffer {
  const length = bytes.length;
  if (length < 0x40) return Buffer.concat([Buffer.from([length]), bytes]);
  if (length < 0x4000) return Buffer.concat([Buffer.from([0x40 | (length >> 8), length & 0xff]), bytes]);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(0x80000000 + length);
  return Buffer.concat([header, bytes]);
}
