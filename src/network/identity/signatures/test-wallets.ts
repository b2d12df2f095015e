import { evmAddress } from "../account-id.js";
import { AssociationError } from "../errors.js";
import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
  SmartContractWalletVerifier,
} from "./smart-contract-wallet.js";

/** A smart contract wallet that exists only in a test: it accepts what its owner signs. */
export interface TestWallet {
  /** Address of the contract */
  readonly account: string;
  /** Address of the key that signs for it */
  readonly owner: string;
  /** Accepts on this chain only; on every chain by default. */
  readonly chainId?: bigint;
}

/** The block that answers name when the client asked for the latest. */
const BLOCK = 1n;

/**
 * The default verifier: a registry in place of a chain.
 *
 * An owner signs with `personal_sign`, 65 bytes; signatures wrapped for an undeployed wallet (ERC-6492) need a chain.
 * An account that is not registered counts as a plain key, which is what the real node's validator contract falls
 * back to.
 */
export class TestWallets implements SmartContractWalletVerifier {
  readonly #wallets: TestWallet[] = [];

  constructor(wallets: Iterable<TestWallet> = []) {
    for (const wallet of wallets) this.add(wallet);
  }

  /** Accept signatures of `owner` for `account`; an account may have several owners. */
  add(wallet: TestWallet): void {
    this.#wallets.push({
      ...wallet,
      account: wallet.account.toLowerCase(),
      owner: wallet.owner.toLowerCase(),
    });
  }

  async verify(question: SmartContractWalletQuestion): Promise<SmartContractWalletAnswer> {
    const { chainId, address, hash, signature, blockNumber } = question;
    const account = evmAddress(address);
    const signer = await signerOf(hash, signature);
    const owners = this.#wallets.filter((wallet) => wallet.account === account);
    const valid =
      owners.length === 0
        ? signer === account
        : owners.some((wallet) => wallet.owner === signer && (wallet.chainId ?? chainId) === chainId);
    return { valid, blockNumber: blockNumber ?? BLOCK };
  }
}

/** Undefined where the bytes are not a signature of a key: a wallet may be asked about anything. */
async function signerOf(hash: Uint8Array, signature: Uint8Array): Promise<string | undefined> {
  const { recoverSigner } = await import("./erc191.js");
  try {
    return recoverSigner(hash, signature).address;
  } catch (error) {
    if (error instanceof AssociationError) return undefined;
    throw error;
  }
}
