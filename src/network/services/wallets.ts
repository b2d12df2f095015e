import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
  SmartContractWalletVerifier,
} from "../identity/smart-contract-wallet.js";
import type { TestWallet } from "../identity/test-wallets.js";

/**
 * Who verifies signatures of smart contract wallets: a hook if there is one, else the registry of test wallets.
 * Used by the verify RPC and inside identity updates alike.
 */
export class Wallets implements SmartContractWalletVerifier {
  readonly #wallets: TestWallet[] = [];
  readonly #hook: SmartContractWalletVerifier | undefined;

  constructor(hook?: SmartContractWalletVerifier) {
    this.#hook = hook;
  }

  add(wallet: TestWallet): void {
    this.#wallets.push(wallet);
  }

  async verify(question: SmartContractWalletQuestion): Promise<SmartContractWalletAnswer> {
    if (this.#hook) return this.#hook.verify(question);
    // Loaded on use: its curves cost a thread tens of milliseconds, and few tests have such wallets.
    const { TestWallets } = await import("../identity/test-wallets.js");
    return new TestWallets(this.#wallets).verify(question);
  }
}
