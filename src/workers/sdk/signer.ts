import { randomBytes } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { XmtpTestError } from "../../errors.js";
import type { WorkerSigner } from "./types.js";

const keccak = (bytes: Uint8Array): Uint8Array => keccak_256(bytes);

/** A key in a private field: no log, JSON, `inspect` or spread shows it. */
class RandomWallet implements WorkerSigner {
  readonly #key: Uint8Array;
  readonly address: string;

  constructor(key: Uint8Array) {
    this.#key = key;
    const point = secp256k1.getPublicKey(key, false);
    this.address = `0x${Buffer.from(keccak(point.subarray(1)).subarray(12)).toString("hex")}`;
  }

  /** EIP-191 personal message: keccak of prefix, length and text; r, s and v = 27 + recovery bit. */
  async sign(text: string): Promise<Uint8Array> {
    const body = Buffer.from(text, "utf8");
    const prefix = Buffer.from(`\x19Ethereum Signed Message:\n${body.length}`, "utf8");
    const digest = keccak(Buffer.concat([prefix, body]));
    // Noble puts the recovery bit first, Ethereum last.
    const signed = secp256k1.sign(digest, this.#key, { prehash: false, format: "recovered" });
    const recovery = signed[0] ?? 0;
    return Promise.resolve(Uint8Array.from([...signed.subarray(1), 27 + recovery]));
  }
}

/** A fresh wallet with a random key, alive as long as the object. */
export function newSigner(): WorkerSigner {
  for (;;) {
    const key = new Uint8Array(randomBytes(32));
    if (secp256k1.utils.isValidSecretKey(key)) return new RandomWallet(key);
  }
}

/**
 * The wallet of a given key, 32 bytes in hex with or without `0x`.
 *
 * @throws XmtpTestError `BAD_KEY`; the key itself is not in the message
 */
export function signerOf(hex: string): WorkerSigner {
  const digits = hex.startsWith("0x") ? hex.slice(2) : hex;
  const key = /^[0-9a-fA-F]{64}$/.test(digits) ? Uint8Array.from(Buffer.from(digits, "hex")) : undefined;
  if (key && secp256k1.utils.isValidSecretKey(key)) return new RandomWallet(key);
  throw new XmtpTestError(
    "BAD_KEY",
    `A wallet key of ${hex.length} characters is not a secp256k1 key.`,
    "Give 32 bytes in hex, with or without 0x.",
  );
}
