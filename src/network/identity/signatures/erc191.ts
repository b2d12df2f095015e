import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { AssociationError, signatureLibraryFailed } from "../errors.js";
import { hex } from "../../association/member.js";

/** A signature in its canonical form, and the account that made it. */
export interface RecoveredSignature {
  /** `0x` and 40 lower-case hex digits */
  readonly address: string;
  /** r, the lower s, and v as 0 or 1: what replay is measured by, so that no other form of it is a new signature. */
  readonly canonical: Uint8Array;
}

const SIGNATURE_BYTES = 65;

/** The hash that `personal_sign` signs (EIP-191 version 0x45), 32 bytes. */
export function eip191Hash(text: string): Uint8Array {
  const message = Buffer.from(text);
  return keccak_256(Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${message.length}`), message]));
}

/**
 * Recovers who signed a 32-byte hash. A high s is lowered while v stays as it is, as the real node does: such a
 * signature then recovers a stranger. The checks come in the real node's order, with its texts.
 *
 * @throws AssociationError for bytes that are not a recoverable signature.
 */
export function recoverSigner(hash: Uint8Array, signature: Uint8Array): RecoveredSignature {
  if (signature.length !== SIGNATURE_BYTES && signature.length !== SIGNATURE_BYTES - 1)
    throw new AssociationError("Signature validation failed");
  const low = lowS(signature.slice(0, SIGNATURE_BYTES - 1));
  const v = signature[SIGNATURE_BYTES - 1];
  if (v === undefined) throw new AssociationError("expected exactly 65 bytes");
  const bit = parity(v);
  try {
    const address = addressOf(low.addRecoveryBit(bit).recoverPublicKey(hash));
    return { address, canonical: Buffer.concat([low.toBytes("compact"), Buffer.from([bit])]) };
  } catch (error) {
    throw new AssociationError("signature error", { cause: error });
  }
}

/** The account of a public key: `0x` and 40 lower-case hex digits. */
export function addressOf(publicKey: InstanceType<typeof secp256k1.Point>): string {
  return `0x${hex(keccak_256(publicKey.toBytes(false).subarray(1)).subarray(12))}`;
}

function lowS(compact: Uint8Array): InstanceType<typeof secp256k1.Signature> {
  try {
    const parsed = secp256k1.Signature.fromBytes(compact, "compact");
    return parsed.hasHighS() ? new secp256k1.Signature(parsed.r, secp256k1.Point.Fn.neg(parsed.s)) : parsed;
  } catch (error) {
    throw signatureLibraryFailed(error);
  }
}

/** v is 0 or 1, 27 or 28; from 35 on it is a transaction's, with a chain in it (EIP-155), which alloy reads too. */
function parity(v: number): 0 | 1 {
  if (v === 0 || v === 27) return 0;
  if (v === 1 || v === 28) return 1;
  if (v >= 35) return (v - 35) % 2 === 0 ? 0 : 1;
  throw new AssociationError(`invalid parity: ${v}`);
}
