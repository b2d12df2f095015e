import { ed25519, ed25519ph } from "@noble/curves/ed25519.js";
import { AssociationError } from "../errors.js";

const CONTEXT = new TextEncoder().encode("IDENTITY UPDATE SIGNATURE");
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/**
 * Whether bytes can be an installation's key at all. The texts are ed25519-dalek's, which clients of the real node see.
 *
 * @throws AssociationError for another length, or bytes that are not a point of the curve.
 */
export function checkInstallationKey(publicKey: Uint8Array): void {
  if (publicKey.length !== KEY_BYTES)
    throw new AssociationError(`signature error: VerifyingKey must be ${KEY_BYTES} bytes in length`);
  try {
    ed25519.Point.fromBytes(publicKey, true);
  } catch (error) {
    throw new AssociationError("signature error: Cannot decompress Edwards point", { cause: error });
  }
}

/**
 * Checks that an installation key signed the text: Ed25519ph with the protocol's context (node:crypto has no prehash).
 *
 * @throws AssociationError when it did not.
 */
export function checkInstallationSignature(text: string, signature: Uint8Array, publicKey: Uint8Array): void {
  if (signature.length !== SIGNATURE_BYTES) throw new AssociationError("could not convert slice to array");
  if (littleEndian(signature.subarray(KEY_BYTES)) >= ed25519.Point.Fn.ORDER)
    throw failed("Cannot use scalar with high-bit set");
  if (!ed25519ph.verify(signature, Buffer.from(text), publicKey, { context: CONTEXT, zip215: false }))
    throw failed("Verification equation was not satisfied");
}

function failed(why: string): AssociationError {
  return new AssociationError(`ed25519 Signature failed signature error: ${why}`);
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
