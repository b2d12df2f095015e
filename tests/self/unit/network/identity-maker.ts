import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ed25519ph } from "@noble/curves/ed25519.js";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { actionsOf } from "../../../../src/network/identity/actions.js";
import { inboxIdOf } from "../../../../src/network/identity/index.js";
import { signatureText } from "../../../../src/network/identity/signatures/signature-text.js";
import { associations } from "../../../../src/network/proto/index.js";
import * as legacy from "../../../../src/network/proto/gen/legacy_pb.js";

type SignatureInit = MessageInitShape<typeof associations.SignatureSchema>;
type MemberInit = MessageInitShape<typeof associations.MemberIdentifierSchema>;

/** Someone who can sign an update. Its signatures are made without the product's code. */
export interface Signer {
  readonly member: MemberInit;
  /** As actions name it: an address, or the key as hex */
  readonly text: string;
  readonly kind: associations.IdentifierKind;
  sign(text: string): Promise<SignatureInit> | SignatureInit;
}

const { ETHEREUM, PASSKEY, UNSPECIFIED } = associations.IdentifierKind;

export function wallet(): Signer {
  const account = privateKeyToAccount(generatePrivateKey());
  const text = account.address.toLowerCase();
  return {
    member: { kind: { case: "ethereumAddress", value: text } },
    text,
    kind: ETHEREUM,
    sign: async (message) => ({
      signature: { case: "erc191", value: { bytes: hexToBytes(await account.signMessage({ message })) } },
    }),
  };
}

/** A key from before inboxes, for which its wallet has signed as clients of that time did. */
export function delegated(
  bent: {
    union?: "ecdsaCompact" | "walletEcdsaCompact" | "none";
    compactBytes?: number;
    keyBytes?: (key: Uint8Array) => Uint8Array;
    stranger?: boolean;
  } = {},
): Signer {
  const account = privateKeyToAccount(generatePrivateKey());
  const key = privateKeyToAccount(generatePrivateKey());
  const signing = bent.stranger ? privateKeyToAccount(generatePrivateKey()) : key;
  const text = account.address.toLowerCase();
  const unsigned = create(legacy.UnsignedPublicKeySchema, {
    createdNs: 5n,
    union: { case: "secp256k1Uncompressed", value: { bytes: hexToBytes(key.publicKey) } },
  });
  const whole = toBinary(legacy.UnsignedPublicKeySchema, unsigned);
  const keyBytes = bent.keyBytes?.(whole) ?? whole;
  return {
    member: { kind: { case: "ethereumAddress", value: text } },
    text,
    kind: ETHEREUM,
    sign: async (message) => {
      const consent = `XMTP : Create Identity\n${Buffer.from(keyBytes).toString("hex")}\n\nFor more info: https://xmtp.org/signatures/`;
      const compact = hexToBytes(await account.signMessage({ message: consent }));
      const value = {
        bytes: compact.subarray(0, bent.compactBytes ?? 64),
        recovery: (compact[64] ?? 27) - 27,
      };
      const { union = "walletEcdsaCompact" } = bent;
      const signature = union === "none" ? {} : { union: { case: union, value } };
      const bytes = hexToBytes(await signing.signMessage({ message }));
      return {
        signature: {
          case: "delegatedErc191",
          value: { signature: { bytes }, delegatedKey: { keyBytes, signature } },
        },
      };
    },
  };
}

export function installation(context = "IDENTITY UPDATE SIGNATURE"): Signer {
  const { secretKey, publicKey } = ed25519ph.keygen();
  return {
    member: { kind: { case: "installationPublicKey", value: publicKey } },
    text: Buffer.from(publicKey).toString("hex"),
    kind: UNSPECIFIED,
    sign: (message) => {
      const bytes = ed25519ph.sign(Buffer.from(message), secretKey, { context: Buffer.from(context) });
      return { signature: { case: "installationKey", value: { bytes, publicKey } } };
    },
  };
}

export function passkey(
  bent: { challenge?: string; publicKey?: Uint8Array; clientDataJson?: string } = {},
): Signer {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = pair.publicKey.export({ format: "der", type: "spki" });
  const publicKey = bent.publicKey ?? Uint8Array.from(spki.subarray(-65));
  return {
    member: { kind: { case: "passkey", value: { key: publicKey } } },
    text: Buffer.from(publicKey).toString("hex"),
    kind: PASSKEY,
    sign: (message) => {
      const challenge = bent.challenge ?? Buffer.from(message).toString("base64url");
      const clientDataJson = Buffer.from(
        bent.clientDataJson ??
          JSON.stringify({ type: "webauthn.get", challenge, origin: "https://app.example" }),
      );
      const authenticatorData = Buffer.alloc(37, 5);
      const hash = createHash("sha256").update(clientDataJson).digest();
      const signature = sign("sha256", Buffer.concat([authenticatorData, hash]), pair.privateKey);
      return {
        signature: { case: "passkey", value: { publicKey, signature, authenticatorData, clientDataJson } },
      };
    },
  };
}

/** A smart contract wallet on a chain: `owner` signs for `address`. */
export function contract(owner: Signer, address: string, chainId: number): Signer {
  return {
    member: { kind: { case: "ethereumAddress", value: address } },
    text: address,
    kind: ETHEREUM,
    sign: async (message) => {
      const { signature } = await owner.sign(message);
      if (signature?.case !== "erc191") throw new Error("a contract's owner is a wallet");
      const value = {
        accountId: `eip155:${chainId}:${address}`,
        blockNumber: 1n,
        signature: signature.value.bytes,
      };
      return { signature: { case: "erc6492", value } };
    },
  };
}

/** One action, and who signs it; `as` claims an identifier other than the signer's. */
export type Draft =
  | { create: Signer; nonce?: bigint; as?: Signer }
  | { add: Signer; by: Signer; as?: Signer }
  | { revoke: Signer; by: Signer }
  | { recovery: Signer; by: Signer };

let clock = 1_800_000_000_000_000_000n;

/** An update whose actions are all signed over its text. Each call is a second later than the one before. */
export async function makeUpdate(inboxId: string, drafts: Draft[]): Promise<associations.IdentityUpdate> {
  clock += 1_000_000_000n;
  const unsigned = await build(inboxId, drafts, () => ({ signature: { case: "erc191", value: {} } }));
  const text = signatureText(inboxId, clock, await actionsOf(unsigned));
  return build(inboxId, drafts, (signer) => signer.sign(text));
}

export const inboxOf = (owner: Signer, nonce = 1n): string =>
  inboxIdOf({ kind: owner.kind === PASSKEY ? "passkey" : "ethereum", value: owner.text }, nonce);

type Sign = (signer: Signer) => Promise<SignatureInit> | SignatureInit;

async function build(inboxId: string, drafts: Draft[], by: Sign): Promise<associations.IdentityUpdate> {
  const actions: MessageInitShape<typeof associations.IdentityActionSchema>[] = [];
  for (const draft of drafts) actions.push({ kind: await action(draft, by) });
  return create(associations.IdentityUpdateSchema, { inboxId, clientTimestampNs: clock, actions });
}

type ActionInit = NonNullable<MessageInitShape<typeof associations.IdentityActionSchema>["kind"]>;

async function action(draft: Draft, by: Sign): Promise<ActionInit> {
  if ("create" in draft) {
    const { text, kind } = draft.as ?? draft.create;
    const value = {
      initialIdentifier: text,
      initialIdentifierKind: kind,
      nonce: draft.nonce ?? 1n,
      initialIdentifierSignature: await by(draft.create),
    };
    return { case: "createInbox", value };
  }
  if ("add" in draft) {
    const value = {
      newMemberIdentifier: (draft.as ?? draft.add).member,
      newMemberSignature: await by(draft.add),
      existingMemberSignature: await by(draft.by),
    };
    return { case: "add", value };
  }
  if ("revoke" in draft) {
    const value = { memberToRevoke: draft.revoke.member, recoveryIdentifierSignature: await by(draft.by) };
    return { case: "revoke", value };
  }
  const value = {
    newRecoveryIdentifier: draft.recovery.text,
    newRecoveryIdentifierKind: draft.recovery.kind,
    existingRecoveryIdentifierSignature: await by(draft.by),
  };
  return { case: "changeRecoveryAddress", value };
}
