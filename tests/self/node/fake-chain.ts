import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  decodeAbiParameters,
  erc6492SignatureValidatorByteCode,
  parseAbiParameters,
  recoverAddress,
} from "viem";
import type { Hex } from "viem";

/** One JSON-RPC call that the chain was asked. */
export interface ChainCall {
  readonly method: string;
  /** Block that `eth_call` ran at. */
  readonly block?: string;
}

/**
 * A chain as far as the validator contract goes: JSON-RPC over HTTP that knows contract wallets and their owners, and
 * answers `eth_blockNumber` and `eth_call`.
 */
export class FakeChain implements AsyncDisposable {
  readonly calls: ChainCall[] = [];
  /** Contract address in lower case, to the address of its owner. */
  readonly owners = new Map<string, string>();
  /** How calls are answered: as a chain does, with an error, or never. */
  mood: "well" | "error" | "silent" | "nonsense" = "well";
  /** How many calls yet are answered with an error, whatever the mood. */
  failures = 0;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void this.#answer(Buffer.concat(chunks).toString(), response));
  });

  static async start(): Promise<FakeChain> {
    const chain = new FakeChain();
    await new Promise<void>((resolve) => chain.#server.listen(0, "127.0.0.1", resolve));
    return chain;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(text: string, response: ServerResponse): Promise<void> {
    const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: unknown[] };
    const block = params[1] as string | undefined;
    this.calls.push({ method, ...(block !== undefined && { block }) });
    if (this.mood === "silent") return;
    if (this.mood === "nonsense") {
      response.end("<html>");
      return;
    }
    const failing = this.mood === "error" || this.failures > 0;
    if (this.failures > 0) this.failures--;
    const outcome = failing
      ? { error: { code: -32000, message: "execution reverted" } }
      : { result: method === "eth_blockNumber" ? "0x2a" : await this.#run(params[0] as { data: Hex }) };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...outcome }));
  }

  /** What the validator's constructor returns: one byte. */
  async #run({ data }: { data: Hex }): Promise<Hex> {
    if (!data.startsWith(erc6492SignatureValidatorByteCode)) return "0x";
    const words: Hex = `0x${data.slice(erc6492SignatureValidatorByteCode.length)}`;
    const [account, hash, signature] = decodeAbiParameters(
      parseAbiParameters("address, bytes32, bytes"),
      words,
    );
    const owner = this.owners.get(account.toLowerCase());
    if (owner === undefined || signature.length !== 132) return "0x00";
    const signer = await recoverAddress({ hash, signature });
    return signer.toLowerCase() === owner.toLowerCase() ? "0x01" : "0x00";
  }
}
