import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { AssociationError } from "../errors.js";
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
 * signature then recovers a stranger.
 *
 * @throws AssociationError for bytes that are no recoverable signature.
 */
export function recoverSigner(hash: Uint8Array, signature: Uint8Array): RecoveredSignature {
  const v = signature[SIGNATURE_BYTES - 1];
  if (signature.length !== SIGNATURE_BYTES || v === undefined)
    throw new AssociationError(`Signature validation failed: ${signature.length} bytes, 65 are needed`);
  try {
    const parsed = secp256k1.Signature.fromBytes(signature.slice(0, SIGNATURE_BYTES - 1), "compact");
    const low = parsed.hasHighS()
      ? new secp256k1.Signature(parsed.r, secp256k1.Point.Fn.neg(parsed.s))
      : parsed;
    const publicKey = low.addRecoveryBit(parity(v)).recoverPublicKey(hash).toBytes(false);
    const address = `0x${hex(keccak_256(publicKey.subarray(1)).subarray(12))}`;
    return { address, canonical: Buffer.concat([low.toBytes("compact"), Buffer.from([parity(v)])]) };
  } catch (error) {
    throw new AssociationError("Signature validation failed", { cause: error });
  }
}

/** v is 0 or 1, 27 or 28: `personal_sign` knows no others. */
function parity(v: number): number {
  if (v <= 1) return v;
  if (v === 27 || v === 28) return v - 27;
  throw new RangeError(`no recovery id: ${v}`);
}
