import { evmAddress } from "../account-id.js";
import { noVerifier, providerFailed } from "../errors.js";
import { jsonRpc } from "./chain-rpc.js";
import type { ChainRpc } from "./chain-rpc.js";
import { Lru } from "./lru.js";
import { hex } from "../../association/member.js";
import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
  SmartContractWalletVerifier,
} from "./smart-contract-wallet.js";

export interface ChainOptions {
  /** Milliseconds that one call of a chain may take. Default 10,000. */
  readonly timeoutMs?: number;
  /** How a chain is called. Default: JSON-RPC over HTTP. */
  readonly rpc?: ChainRpc;
}

const RPC_TIMEOUT_MS = 10_000;
/** Answers that are kept, the least recently used go first: the real validation service's own number. */
const CACHED_ANSWERS = 10_000;

/**
 * Asks a chain, as the real node does: an `eth_call` that runs viem's universal validator (ERC-6492, ERC-1271 and
 * plain keys) without deploying it.
 *
 * Answers are kept, as the real validation service keeps them: a question for the latest block too, so that the same
 * signature is not asked about again after the wallet was deployed, or changed its owner.
 *
 * @param chains RPC URL by CAIP-2 chain id, for example `{ "eip155:31337": "http://127.0.0.1:8545" }`.
 */
export class ChainVerifier implements SmartContractWalletVerifier {
  readonly #chains: ReadonlyMap<string, string>;
  readonly #rpc: ChainRpc;
  readonly #timeoutMs: number;
  readonly #answers = new Lru<SmartContractWalletAnswer>(CACHED_ANSWERS);

  constructor(chains: Readonly<Record<string, string>>, options: ChainOptions = {}) {
    this.#chains = new Map(Object.entries(chains));
    this.#rpc = options.rpc ?? jsonRpc;
    this.#timeoutMs = options.timeoutMs ?? RPC_TIMEOUT_MS;
  }

  async verify(question: SmartContractWalletQuestion): Promise<SmartContractWalletAnswer> {
    const chain = `eip155:${question.chainId}`;
    const url = this.#chains.get(chain);
    if (url === undefined) throw noVerifier(chain);
    const { address, hash, signature, blockNumber } = question;
    const key = [chain, address.toLowerCase(), hex(hash), hex(signature), blockNumber].join(" ");
    const known = this.#answers.get(key);
    if (known) return known;
    const answer = await this.#ask(chain, url, question);
    this.#answers.set(key, answer);
    return answer;
  }

  async #ask(
    chain: string,
    url: string,
    question: SmartContractWalletQuestion,
  ): Promise<SmartContractWalletAnswer> {
    const data = await validatorCall(question);
    const rpc = (method: string, params: readonly unknown[]) =>
      this.#rpc(url, method, params, this.#timeoutMs);
    try {
      const blockNumber = question.blockNumber ?? BigInt(String(await rpc("eth_blockNumber", [])));
      const result = await rpc("eth_call", [{ data }, `0x${blockNumber.toString(16)}`]);
      return { valid: result === "0x01", blockNumber };
    } catch (error) {
      throw providerFailed(chain, error);
    }
  }
}

async function validatorCall(question: SmartContractWalletQuestion): Promise<string> {
  const { hash, signature } = question;
  // Only here: viem takes a quarter of a second to load, and few networks have a chain.
  const { encodeDeployData, erc6492SignatureValidatorAbi, erc6492SignatureValidatorByteCode } =
    await import("viem");
  return encodeDeployData({
    abi: erc6492SignatureValidatorAbi,
    args: [evmAddress(question.address), `0x${hex(hash)}`, `0x${hex(signature)}`],
    bytecode: erc6492SignatureValidatorByteCode,
  });
}
