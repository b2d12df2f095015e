import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeAbiParameters, parseAbiParameters, recoverAddress } from "viem";
import type { Hex } from "viem";

/** One JSON-RPC call that the chain was asked. */
export interface ChainCall {
  readonly method: string;
  /** Block that `eth_call` ran at. */
  readonly block?: string;
}

interface Request {
  readonly id: unknown;
  readonly method: string;
  /** alloy leaves out what is empty. */
  readonly params?: readonly unknown[];
}

/** What `eth_call` runs: viem calls it `data`, alloy `input`, and some clients send both. */
interface Call {
  readonly data?: Hex;
  readonly input?: Hex;
}

const BLOCK = "0x2a";
const METHOD_NOT_FOUND = -32601;

/**
 * A chain as far as the validator contract goes: JSON-RPC over HTTP, single and in batches, that knows contract wallets
 * and their owners. It serves this node, which asks as viem does, and libxmtp's validation service, which asks by alloy
 * and brings another build of the validator.
 */
export class FakeChain implements AsyncDisposable {
  readonly calls: ChainCall[] = [];
  /** Contract address in lower case, to the address of its owner. */
  readonly owners = new Map<string, string>();
  /** How calls are answered: as a chain does, with an error, by something that is no chain, not at all. */
  mood: "well" | "error" | "silent" | "nonsense" | "refusing" = "well";
  /** How many calls yet are answered with an error, whatever the mood. */
  failures = 0;
  readonly chainId: number;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void this.#answer(Buffer.concat(chunks).toString(), response));
  });

  constructor(chainId: number) {
    this.chainId = chainId;
  }

  static async start(chainId: number): Promise<FakeChain> {
    const chain = new FakeChain(chainId);
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
    const asked = JSON.parse(text) as Request | Request[];
    const requests = Array.isArray(asked) ? asked : [asked];
    for (const { method, params } of requests) {
      const block = params?.[1] as string | undefined;
      this.calls.push({ method, ...(block !== undefined && { block }) });
    }
    if (this.mood === "silent") return;
    if (this.mood === "nonsense") {
      response.end("<html>");
      return;
    }
    if (this.mood === "refusing") {
      response.writeHead(503).end("busy");
      return;
    }
    const answers: object[] = [];
    for (const request of requests) {
      answers.push({ jsonrpc: "2.0", id: request.id, ...(await this.#outcome(request)) });
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(Array.isArray(asked) ? answers : answers[0]));
  }

  async #outcome({ method, params }: Request): Promise<object> {
    const failing = this.mood === "error" || this.failures > 0;
    if (this.failures > 0) this.failures--;
    if (failing) return { error: { code: -32000, message: "execution reverted" } };
    switch (method) {
      case "eth_blockNumber":
        return { result: BLOCK };
      case "eth_chainId":
        return { result: `0x${this.chainId.toString(16)}` };
      case "eth_getBlockByNumber":
        return { result: { number: BLOCK, hash: `0x${"2a".repeat(32)}`, transactions: [] } };
      case "eth_call":
        return { result: await this.#run(params?.[0] as Call) };
      default:
        return { error: { code: METHOD_NOT_FOUND, message: `the method ${method} does not exist` } };
    }
  }

  /** What the validator's constructor returns: one byte. */
  async #run({ data, input }: Call): Promise<Hex> {
    const words = constructorArguments(input ?? data ?? "0x");
    if (words === undefined) return "0x";
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

const WORD = 64;

/**
 * What follows a contract's code, whichever compiler made it: three words, of which the last is the offset of the bytes
 * behind them, and those bytes up to the end.
 */
function constructorArguments(call: Hex): Hex | undefined {
  const digits = call.slice(2);
  for (let start = digits.length - 4 * WORD; start >= 0; start -= WORD) {
    const [account, , offset, length] = [0, 1, 2, 3].map((at) =>
      digits.slice(start + at * WORD).slice(0, WORD),
    );
    if (!account?.startsWith("0".repeat(24)) || BigInt(`0x${offset ?? ""}`) !== 0x60n) continue;
    const padded = Math.ceil((Number(`0x${length ?? ""}`) * 2) / WORD) * WORD;
    if (start + 4 * WORD + padded === digits.length) return `0x${digits.slice(start)}`;
  }
  return undefined;
}
