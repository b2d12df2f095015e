import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
  SmartContractWalletVerifier,
} from "../identity/signatures/smart-contract-wallet.js";
import type { TestWallet } from "../identity/signatures/test-wallets.js";

/** Who is asked about smart contract wallets. */
export interface WalletSources {
  /** Answers every question in place of all others. */
  readonly hook?: SmartContractWalletVerifier | undefined;
  /** Answers for accounts that no test wallet is registered for. */
  readonly chains?: SmartContractWalletVerifier | undefined;
}

/**
 * Who verifies signatures of smart contract wallets: a hook if there is one; else the registry of test wallets for the
 * accounts in it; else the chains if there are any, and the registry if not.
 * Used by the verify RPC and inside identity updates alike.
 */
export class Wallets implements SmartContractWalletVerifier {
  readonly #wallets: TestWallet[] = [];
  readonly #sources: WalletSources;

  constructor(sources: WalletSources = {}) {
    this.#sources = sources;
  }

  add(wallet: TestWallet): void {
    this.#wallets.push(wallet);
  }

  async verify(question: SmartContractWalletQuestion): Promise<SmartContractWalletAnswer> {
    const { hook, chains } = this.#sources;
    if (hook) return hook.verify(question);
    if (chains && !this.#registered(question.address)) return chains.verify(question);
    // Loaded on use: its curves cost a thread tens of milliseconds, and few tests have such wallets.
    const { TestWallets } = await import("../identity/signatures/test-wallets.js");
    return new TestWallets(this.#wallets).verify(question);
  }

  #registered(address: string): boolean {
    return this.#wallets.some(({ account }) => account.toLowerCase() === address.toLowerCase());
  }
}
