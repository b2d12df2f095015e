import { fromBinary } from "@bufbuild/protobuf";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { LegacyDelegatedSignature } from "../../proto/gen/associations_pb.js";
import { UnsignedPublicKeySchema } from "../../proto/gen/legacy_pb.js";
import type { SignedPublicKey } from "../../proto/gen/legacy_pb.js";
import { hex } from "../../association/member.js";
import { AssociationError, signatureLibraryFailed } from "../errors.js";
import { addressOf, eip191Hash, recoverSigner } from "./erc191.js";
import type { RecoveredSignature } from "./erc191.js";

/**
 * Checks a signature by a key from before inboxes, for which a wallet has signed: of both the wallet's counts, as the
 * account and as what replay is measured by. The checks come in libxmtp's order.
 *
 * @throws AssociationError when one of the two does not hold.
 */
export function checkDelegatedSignature(
  text: string,
  { delegatedKey, signature }: LegacyDelegatedSignature,
): RecoveredSignature {
  const signer = recoverSigner(eip191Hash(text), signature?.bytes ?? new Uint8Array());
  if (delegatedKey === undefined) throw invalid();
  const wallet = walletOf(delegatedKey);
  if (addressOf(publicKeyIn(delegatedKey)) !== signer.address) throw invalid();
  return wallet;
}

/** Who has signed for the key. */
function walletOf({ keyBytes, signature }: SignedPublicKey): RecoveredSignature {
  const compact = signature?.union.value;
  if (compact?.bytes.length !== 64) throw invalid();
  const text = `XMTP : Create Identity\n${hex(keyBytes)}\n\nFor more info: https://xmtp.org/signatures/`;
  return recoverSigner(
    eip191Hash(text),
    Buffer.concat([compact.bytes, Buffer.from([compact.recovery & 0xff])]),
  );
}

function publicKeyIn({ keyBytes }: SignedPublicKey): InstanceType<typeof secp256k1.Point> {
  const point = pointIn(keyBytes);
  if (point === undefined) throw invalid();
  try {
    return secp256k1.Point.fromBytes(point);
  } catch (error) {
    throw signatureLibraryFailed(error);
  }
}

function pointIn(keyBytes: Uint8Array): Uint8Array | undefined {
  try {
    return fromBinary(UnsignedPublicKeySchema, keyBytes).union.value?.bytes;
  } catch (error) {
    throw invalid(error);
  }
}

function invalid(cause?: unknown): AssociationError {
  return new AssociationError("Signature validation failed", { cause });
}
