import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
  SmartContractWalletVerifier,
} from "../identity/signatures/smart-contract-wallet.js";
import { errorText } from "../../errors.js";
import { AssociationError } from "../identity/errors.js";

/** A question on its way from the node's thread to the hook of whoever started the node. */
export interface WalletQuestion {
  readonly id: number;
  readonly question: SmartContractWalletQuestion;
}

/** What the hook said; an error text means it could not tell. */
export type WalletVerdict = SmartContractWalletAnswer | { readonly error: string };

/** The thread's side of the hook: functions do not cross threads, so questions go out and answers come back. */
export class RemoteWalletHook implements SmartContractWalletVerifier {
  readonly #waiting = new Map<number, (verdict: WalletVerdict) => void>();
  readonly #ask: (question: WalletQuestion) => void;
  #nextId = 1;

  constructor(ask: (question: WalletQuestion) => void) {
    this.#ask = ask;
  }

  async verify(question: SmartContractWalletQuestion): Promise<SmartContractWalletAnswer> {
    const id = this.#nextId++;
    const verdict = await new Promise<WalletVerdict>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#ask({ id, question });
    });
    if ("error" in verdict) throw new AssociationError(verdict.error, { code: "UNAVAILABLE" });
    return verdict;
  }

  answer(id: number, verdict: WalletVerdict): void {
    this.#waiting.get(id)?.(verdict);
    this.#waiting.delete(id);
  }
}

/** The parent's side of the hook: asks it, and turns what it throws into "cannot tell". */
export async function verdictOf(
  ask:
    | ((
        question: SmartContractWalletQuestion,
      ) => SmartContractWalletAnswer | Promise<SmartContractWalletAnswer>)
    | undefined,
  question: SmartContractWalletQuestion,
): Promise<WalletVerdict> {
  try {
    return ask ? await ask(question) : { error: "no verifier" };
  } catch (error) {
    return { error: errorText(error) };
  }
}
