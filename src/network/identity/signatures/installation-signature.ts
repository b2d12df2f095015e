import { ed25519ph } from "@noble/curves/ed25519.js";

const CONTEXT = new TextEncoder().encode("IDENTITY UPDATE SIGNATURE");
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Whether an installation key signed the text: Ed25519ph with the protocol's context (node:crypto has no prehash). */
export function signedByInstallation(text: string, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return ed25519ph.verify(signature, Buffer.from(text), publicKey, { context: CONTEXT, zip215: false });
}
