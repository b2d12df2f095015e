import { isUtf8 } from "node:buffer";
import { createHash, createPublicKey, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import type { RecoverablePasskeySignature } from "../../proto/gen/associations_pb.js";
import { AssociationError, signatureLibraryFailed } from "../errors.js";

/**
 * Checks a WebAuthn assertion over the text: the challenge is the text, and the P-256 signature covers the
 * authenticator's data and the client data. Origin, type, flags and counter are not checked, as on the real node.
 *
 * @returns r and the lower s: what replay is measured by, for with either s the signature holds
 * @throws AssociationError for client data, a public key or a signature that does not hold.
 */
export function checkPasskeySignature(text: string, signature: RecoverablePasskeySignature): Uint8Array {
  const { challenge } = clientData(signature.clientDataJson);
  if (challenge !== Buffer.from(text).toString("base64url"))
    throw new AssociationError("client_data is invalid");
  const key = p256Key(signature.publicKey);
  const clientDataHash = createHash("sha256").update(signature.clientDataJson).digest();
  const signed = Buffer.concat([signature.authenticatorData, clientDataHash]);
  const replayKey = canonical(signature.signature);
  if (!verify("sha256", signed, key, signature.signature)) throw signatureLibraryFailed();
  return replayKey;
}

function canonical(der: Uint8Array): Uint8Array {
  try {
    const { r, s } = p256.Signature.fromBytes(der, "der");
    const low = s > p256.Point.Fn.ORDER / 2n ? p256.Point.Fn.neg(s) : s;
    return new p256.Signature(r, low).toBytes("compact");
  } catch (error) {
    throw new AssociationError("Signature validation failed", { cause: error });
  }
}

function clientData(json: Uint8Array): { challenge: string } {
  let data: unknown;
  try {
    data = JSON.parse(isUtf8(json) ? Buffer.from(json).toString() : asciiNames(json));
  } catch (error) {
    throw new AssociationError("client_data is invalid", { cause: error });
  }
  const { origin, challenge } = (data ?? {}) as { origin?: unknown; challenge?: unknown };
  if (typeof origin !== "string" || typeof challenge !== "string")
    throw new AssociationError("client_data is invalid");
  return { challenge };
}

/**
 * Bytes that are not UTF-8, each as a character: serde, which the real node reads client data with, looks into the names
 * and into what it asks for, and lets any byte through elsewhere.
 *
 * @throws Error for such a byte in a name, or in the origin. One in the challenge makes it another challenge.
 */
function asciiNames(json: Uint8Array): string {
  const text = Buffer.from(json).toString("latin1");
  const { origin, ...others } = JSON.parse(text) as Record<string, unknown>;
  if ([origin, ...Object.keys(others)].some((part) => /[^\0-\x7f]/u.test(String(part))))
    throw new Error("the client data's names are not UTF-8");
  return text;
}

/** DER of a P-256 SubjectPublicKeyInfo up to the point (RFC 5480), by the point's first byte. */
const COMPRESSED_SPKI = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
const UNCOMPRESSED_SPKI = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");

function p256Key(point: Uint8Array): KeyObject {
  const compressed = point.length === 33 && (point[0] === 2 || point[0] === 3);
  const uncompressed = point.length === 65 && point[0] === 4;
  if (!compressed && !uncompressed) throw new AssociationError("Invalid public key");
  try {
    const der = Buffer.concat([compressed ? COMPRESSED_SPKI : UNCOMPRESSED_SPKI, point]);
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch (error) {
    throw new AssociationError("Invalid public key", { cause: error });
  }
}
