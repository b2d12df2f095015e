import { readFileSync } from "node:fs";

/** What a real SDK (5.5.0) sent, captured from its requests; all identities were made for the capture. */
export interface Vectors {
  "requests.json": Record<string, string[]>;
  "identity-updates.json": { name: string; update: string }[];
  "smart-contract-wallet.json": { account: string; owner: string };
  "signature-texts.json": string[];
  "key-packages.json": { installationKey: string; notBefore: number; notAfter: number; bytes: string }[];
  "group-messages.json": string[];
}

export function vectors<Name extends keyof Vectors>(name: Name): Vectors[Name] {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), "utf8")) as Vectors[Name];
}

export const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** A copy with one byte changed by xor. */
export function flipped(bytes: Uint8Array, at: number, by: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ by;
  return copy;
}
