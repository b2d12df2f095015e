import { AssociationError } from "./errors.js";
import { hex } from "./member.js";
import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
  SmartContractWalletVerifier,
} from "./smart-contract-wallet.js";

/** One JSON-RPC call; it rejects when the chain cannot be reached or answers with an error. */
export type ChainRpc = (url: string, method: string, params: readonly unknown[]) => Promise<unknown>;

/**
 * Asks a chain, as the real node does: an `eth_call` that runs viem's universal validator (ERC-6492, ERC-1271 and
 * plain keys) without deploying it.
 *
 * @param chains RPC URL by chain number, for example `{ 31337: "http://127.0.0.1:8545" }`.
 */
export class ChainVerifier implements SmartContractWalletVerifier {
  readonly #chains: ReadonlyMap<string, string>;
  readonly #rpc: ChainRpc;

  constructor(chains: Readonly<Record<string, string>>, rpc: ChainRpc = jsonRpc) {
    this.#chains = new Map(Object.entries(chains));
    this.#rpc = rpc;
  }

  async verify(question: SmartContractWalletQuestion): Promise<SmartContractWalletAnswer> {
    const url = this.#chains.get(String(question.chainId));
    if (url === undefined)
      throw new AssociationError(`verifier not present for chain ID eip155:${question.chainId}`, {
        code: "UNAVAILABLE",
      });
    const data = await validatorCall(question);
    try {
      const blockNumber = question.blockNumber ?? BigInt(String(await this.#rpc(url, "eth_blockNumber", [])));
      const result = await this.#rpc(url, "eth_call", [{ data }, `0x${blockNumber.toString(16)}`]);
      return { valid: result === "0x01", blockNumber };
    } catch (error) {
      throw new AssociationError(`the chain eip155:${question.chainId} did not answer`, {
        code: "UNAVAILABLE",
        cause: error,
      });
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

/** Milliseconds that a chain may take to answer. */
const RPC_TIMEOUT_MS = 10_000;

const jsonRpc: ChainRpc = async (url, method, params) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(RPC_TIMEOUT_MS),
  });
  const body = (await response.json()) as { result?: unknown; error?: { message?: string } };
  if (body.error !== undefined)
    throw new Error(`${method}: ${body.error.message ?? JSON.stringify(body.error)}`);
  return body.result;
};
