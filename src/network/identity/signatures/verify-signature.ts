import type { Signature, SmartContractWalletSignature } from "../../proto/gen/associations_pb.js";
import { evmChainId, parseAccountId } from "../account-id.js";
import { AssociationError, missingField } from "../errors.js";
import { loadCurves } from "./curves.js";
import { hex } from "../../association/member.js";
import type { MemberIdentifier } from "../../association/member.js";
import type { SmartContractWalletVerifier } from "./smart-contract-wallet.js";

/** A signature that holds, and who made it. */
export interface VerifiedSignature {
  readonly signer: MemberIdentifier;
  /** Canonical bytes as hex: what replay is measured by. */
  readonly id: string;
  /** Chain of a smart contract wallet. */
  readonly chainId: bigint | undefined;
  /** Whether a key from before inboxes signed, for which the signer's wallet has signed. */
  readonly delegated: boolean;
}

/**
 * Checks one signature of an update against the update's text.
 *
 * @throws AssociationError when it does not hold; UNAVAILABLE when a wallet's chain cannot be asked.
 */
export async function verifySignature(
  text: string,
  { signature }: Signature,
  wallets: SmartContractWalletVerifier,
): Promise<VerifiedSignature> {
  switch (signature.case) {
    case "erc191": {
      const { erc191 } = await loadCurves();
      const { address, canonical } = erc191.recoverSigner(erc191.eip191Hash(text), signature.value.bytes);
      return verified({ kind: "ethereum", value: address }, canonical);
    }
    case "installationKey": {
      const { bytes, publicKey } = signature.value;
      const { installation } = await loadCurves();
      installation.checkInstallationSignature(text, bytes, publicKey);
      return verified({ kind: "installation", value: hex(publicKey) }, bytes);
    }
    case "erc6492":
      return verifyWallet(text, signature.value, wallets);
    case "passkey": {
      const { checkPasskeySignature } = await import("./passkey-signature.js");
      const canonical = checkPasskeySignature(text, signature.value);
      const signer = { kind: "passkey", value: hex(signature.value.publicKey) } as const;
      return verified(signer, canonical);
    }
    case "delegatedErc191": {
      const { checkDelegatedSignature } = await import("./delegated-signature.js");
      const { address, canonical } = checkDelegatedSignature(text, signature.value);
      return { ...verified({ kind: "ethereum", value: address }, canonical), delegated: true };
    }
    default:
      throw missingField("signature", "identity::associations::signature::Signature");
  }
}

async function verifyWallet(
  text: string,
  { accountId, blockNumber, signature }: SmartContractWalletSignature,
  wallets: SmartContractWalletVerifier,
): Promise<VerifiedSignature> {
  const account = parseAccountId(accountId);
  const chainId = evmChainId(account);
  const { erc191 } = await loadCurves();
  const hash = erc191.eip191Hash(text);
  const { valid } = await wallets.verify({ chainId, address: account.address, hash, signature, blockNumber });
  if (!valid) throw new AssociationError("Signature validation failed");
  return verified({ kind: "ethereum", value: account.address.toLowerCase() }, signature, chainId);
}

function verified(signer: MemberIdentifier, bytes: Uint8Array, chainId?: bigint): VerifiedSignature {
  return { signer, id: hex(bytes), chainId, delegated: false };
}
