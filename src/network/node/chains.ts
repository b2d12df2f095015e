import { createRequire } from "node:module";
import { XmtpTestError } from "../../errors.js";

const CAIP2 = /^eip155:(0|[1-9]\d{0,19})$/u;

/** What of a node's options says who answers for smart contract wallets. */
export interface ChainOptions {
  readonly chainRpcUrls?: Readonly<Record<string, string>>;
  readonly chainTimeoutMs?: number;
  readonly verifySmartContractWallet?: unknown;
}

/**
 * @throws XmtpTestError `BAD_CHAIN` for a chain id, a URL or a time that cannot be meant; with a hook, for any chain; and
 * where viem is missing, which asks the chains and is an optional peer: few networks have a chain, and it is 75 MB
 */
export function checkChains({
  chainRpcUrls,
  chainTimeoutMs,
  verifySmartContractWallet,
}: ChainOptions): ChainOptions["chainRpcUrls"] {
  if (chainTimeoutMs !== undefined && !(chainTimeoutMs > 0 && chainTimeoutMs < Infinity)) {
    throw bad(`A chain cannot be given ${chainTimeoutMs} ms to answer.`, "Give a time in ms above 0.");
  }
  if (chainRpcUrls === undefined) return undefined;
  if (verifySmartContractWallet) {
    throw bad(
      "chainRpcUrls and verifySmartContractWallet were both given.",
      "The hook answers for every wallet, so no chain would ever be asked: give one of them.",
    );
  }
  for (const [chain, url] of Object.entries(chainRpcUrls)) {
    if (!CAIP2.test(chain)) {
      throw bad(`This is not an EVM chain id ("${chain}").`, 'Give CAIP-2 ids, for example "eip155:31337".');
    }
    const protocol = URL.canParse(url) ? new URL(url).protocol : "";
    if (protocol !== "http:" && protocol !== "https:") {
      throw bad(
        `This is not an RPC URL of ${chain} ("${url}").`,
        'Give one such as "http://127.0.0.1:8545".',
      );
    }
  }
  if (Object.keys(chainRpcUrls).length > 0 && !isInstalled("viem")) {
    throw bad("chainRpcUrls needs the package viem, which is not installed.", "npm install --save-dev viem");
  }
  return chainRpcUrls;
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function bad(what: string, hint: string): XmtpTestError {
  return new XmtpTestError("BAD_CHAIN", what, hint);
}
