import { AssociationError, noVerifier } from "../errors.js";
import { Lru } from "./lru.js";
import { hex } from "../../association/member.js";
import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
  SmartContractWalletVerifier,
} from "./smart-contract-wallet.js";

/** One JSON-RPC call; it rejects when the chain cannot be reached, answers with an error, or takes too long. */
export type ChainRpc = (
  url: string,
  method: string,
  params: readonly unknown[],
  timeoutMs: number,
) => Promise<unknown>;

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
 * An answer at a given block stays as it is, and is kept. One at the latest block is asked for anew: the wallet may be
 * deployed, or change its owner, from one call to the next.
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
    if (blockNumber !== undefined) this.#answers.set(key, answer);
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
      throw new AssociationError(`the chain ${chain} did not answer`, { code: "UNAVAILABLE", cause: error });
    }
  }
}

async function validatorCall(question: SmartContractWalletQuestion): Promise<string> {
  const { hash, signature } = question;
  // Only here: viem takes a quarter of a second to load, and few networks have a chain.
  const { encodeDeployData, isAddress, erc6492SignatureValidatorAbi, erc6492SignatureValidatorByteCode } =
    await import("viem");
  // Lower case, because viem insists on the checksum of mixed case, and clients need not send one.
  const address = question.address.toLowerCase();
  if (!isAddress(address)) throw new AssociationError(`Invalid account address: ${question.address}`);
  return encodeDeployData({
    abi: erc6492SignatureValidatorAbi,
    args: [address, `0x${hex(hash)}`, `0x${hex(signature)}`],
    bytecode: erc6492SignatureValidatorByteCode,
  });
}

const jsonRpc: ChainRpc = async (url, method, params, timeoutMs) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = (await response.json()) as { result?: unknown; error?: { message?: string } } | null;
  if (body?.error !== undefined)
    throw new Error(`${method}: ${body.error.message ?? JSON.stringify(body.error)}`);
  return body?.result;
};
