import { generateKeyPairSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyPackageError, validateKeyPackage } from "../../../../src/network/mls/index.js";
import { INBOX_ID, VALID_AT, makeKeyPackage } from "./key-package-maker.js";
import type { KeyPackageParts } from "./key-package-maker.js";
import { flipped, fromHex, vectors } from "./vectors.js";

const captured = vectors("key-packages.json");
const [first] = captured;
if (first === undefined) throw new Error("vectors/key-packages.json is empty");
const real = fromHex(first.bytes);

describe("key packages of a real SDK", () => {
  test.each(captured)(
    "installation $installationKey is valid",
    ({ bytes, installationKey, notBefore, notAfter }) => {
      const valid = validateKeyPackage(fromHex(bytes), notBefore + 3600);
      expect(Buffer.from(valid.installationKey).toString("hex")).toBe(installationKey);
      expect(valid.inboxId).toMatch(/^[0-9a-f]{64}$/);
      expect(notAfter - notBefore).toBe(84 * 24 * 3600 + 3600);
    },
  );

  test.each([
    ["at its first second", first.notBefore, true],
    ["a second before", first.notBefore - 1, false],
    ["in its last second", first.notAfter - 1, true],
    ["at its end", first.notAfter, false],
  ])("%s", (_, now, valid) => {
    const validate = () => validateKeyPackage(real, now);
    if (valid) expect(validate().inboxId).toHaveLength(64);
    else expect(validate).toThrow("mls validation: The lifetime of the leaf node is not valid.");
  });

  test("truncated at any byte it is an error, not a crash", () => {
    for (let length = 0; length < real.length; length++)
      expect(() => validateKeyPackage(real.subarray(0, length), first.notBefore)).toThrow(KeyPackageError);
  });

  // Over a thousand pairs of Ed25519 checks: about a second on a quiet machine.
  test("with any one byte changed it is refused: the signatures cover all of it", { timeout: 60_000 }, () => {
    const accepted = Array.from(real.keys()).filter((at) => {
      try {
        validateKeyPackage(flipped(real, at, 1 << (at % 8)), first.notBefore);
        return true;
      } catch (error) {
        if (error instanceof KeyPackageError) return false;
        throw error;
      }
    });
    expect(accepted).toEqual([]);
  });

  test("with several bytes changed it is refused", () => {
    const change = fc.tuple(fc.nat(real.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(change, { minLength: 1, maxLength: 4, selector: ([at]) => at }),
        (changes) => {
          const bytes = changes.reduce((copy, [at, by]) => flipped(copy, at, by), real);
          expect(() => validateKeyPackage(bytes, first.notBefore)).toThrow(KeyPackageError);
        },
      ),
    );
  });
});

describe("the checks of OpenMLS", () => {
  test("a package made by hand passes, so that the refusals below have one cause each", () => {
    const installation = generateKeyPairSync("ed25519");
    const signatureKey = installation.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    const { privateKey } = installation;
    const bytes = makeKeyPackage({ signatureKey, leafSigner: privateKey, packageSigner: privateKey });
    expect(validateKeyPackage(bytes, VALID_AT)).toEqual({ installationKey: signatureKey, inboxId: INBOX_ID });
  });

  const stranger = generateKeyPairSync("ed25519").privateKey;
  const sameKey = randomBytes(32);
  test.each<[string, Partial<KeyPackageParts>, string]>([
    [
      "a leaf signed by another key",
      { leafSigner: stranger },
      "mls validation: The leaf node signature is not valid.",
    ],
    [
      "a leaf signed under another label",
      { leafLabel: "KeyPackageTBS" },
      "mls validation: The leaf node signature is not valid.",
    ],
    ["a leaf of an update", { source: 2 }, "mls validation: Invalid LeafNode source type"],
    ["a leaf of a commit", { source: 3 }, "mls validation: Invalid LeafNode source type"],
    ["an unknown leaf source", { source: 4 }, "TLS Codec error: UnknownValue(4)"],
    ["another protocol version", { version: 2 }, "mls validation: The protocol version is not valid."],
    ["another signature scheme", { ciphersuite: 2 }, "mls validation: The leaf node signature is not valid."],
    [
      "one key for two purposes",
      { initKey: sameKey, encryptionKey: sameKey },
      "mls validation: The init key and the encryption key are equal.",
    ],
    [
      "a package signed by another key",
      { packageSigner: stranger },
      "mls validation: The key package signature is not valid.",
    ],
    [
      "an extension outside the capabilities",
      { capabilities: [0x000a] },
      "mls validation: A key package extension is not supported in the leaf's capabilities.",
    ],
    [
      "an extension twice",
      {
        extensions: [
          [10, ""],
          [10, ""],
        ],
      },
      'TLS Codec error: DecodingError("Found duplicate extensions")',
    ],
    ["an application id that is cut", { extensions: [[1, "05"]] }, "TLS Codec error: EndOfStream"],
    ["a ratchet tree of no bytes", { extensions: [[2, ""]] }, "TLS Codec error: EndOfStream"],
    ["required capabilities with two lists", { extensions: [[3, "0000"]] }, "TLS Codec error: EndOfStream"],
    ["an external key that is cut", { extensions: [[4, "02ff"]] }, "TLS Codec error: EndOfStream"],
    ["an external sender that is cut", { extensions: [[5, "0200"]] }, "TLS Codec error: EndOfStream"],
    [
      "a lifetime that is over",
      { notAfter: VALID_AT },
      "mls validation: The lifetime of the leaf node is not valid.",
    ],
    [
      "a lifetime to come",
      { notBefore: VALID_AT + 1 },
      "mls validation: The lifetime of the leaf node is not valid.",
    ],
    ["an X.509 credential", { credentialType: 2 }, "wrong credential type"],
    [
      "an identity that is not a message",
      { identity: fromHex("0aff") },
      "the credential is not an MlsCredential",
    ],
    [
      "a signature key of 31 bytes",
      { signatureKey: randomBytes(31) },
      "The leaf node signature is not valid.",
    ],
    ["bytes after the package", { trailing: "00" }, "TLS Codec error: TrailingData"],
  ])("%s is refused", (_, bent, text) => {
    const validate = () => validateKeyPackage(makeKeyPackage(bent), VALID_AT);
    expect(validate).toThrow(KeyPackageError);
    expect(validate).toThrow(/^XMTP Key Package failed /);
    expect(validate).toThrow(text);
  });

  test.each([
    ["shorter than what is in it", 8],
    ["longer than what is in it", 10],
  ])("a list of extensions whose length is %s is not read past its end", (_, length) => {
    const bytes = Buffer.from(makeKeyPackage());
    const list = bytes.indexOf(Buffer.from("09000a00ff0303010203", "hex"));
    bytes[list] = length;
    expect(() => validateKeyPackage(bytes, VALID_AT)).toThrow("TLS Codec error: EndOfStream");
  });

  test("the first check that fails names the error", () => {
    const bytes = makeKeyPackage({
      leafSigner: stranger,
      packageSigner: stranger,
      notAfter: 1,
      credentialType: 2,
    });
    expect(() => validateKeyPackage(bytes, VALID_AT)).toThrow("The leaf node signature is not valid.");
  });

  test("extensions of RFC 9420 itself need no capability; ciphersuite 1 signs with Ed25519 too", () => {
    const bytes = makeKeyPackage({ extensions: [[1, "00"]], capabilities: [], ciphersuite: 1 });
    expect(validateKeyPackage(bytes, VALID_AT).inboxId).toBe(INBOX_ID);
  });

  test("a credential without an inbox id passes, as on the real node", () => {
    expect(validateKeyPackage(makeKeyPackage({ identity: new Uint8Array() }), VALID_AT).inboxId).toBe("");
  });
});

test("random bytes are refused by name", () => {
  const anything = fc.uint8Array({ maxLength: 400 });
  const plausible = anything.map((bytes) => Buffer.concat([real.subarray(0, 80), bytes]));
  fc.assert(
    fc.property(fc.oneof(anything, plausible), (bytes) => {
      expect(() => validateKeyPackage(bytes, VALID_AT)).toThrow(KeyPackageError);
    }),
  );
});
