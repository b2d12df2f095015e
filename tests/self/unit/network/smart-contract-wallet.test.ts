import { create } from "@bufbuild/protobuf";
import { bytesToHex, erc6492SignatureValidatorByteCode, hashMessage, hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  AssociationError,
  ChainVerifier,
  TestWallets,
  answerSignatureRequest,
  inboxIdOf,
} from "../../../../src/network/identity/index.js";
import type { ChainRpc } from "../../../../src/network/identity/signatures/chain-rpc.js";
import { Lru } from "../../../../src/network/identity/signatures/lru.js";
import { identity } from "../../../../src/network/proto/index.js";

const owner = privateKeyToAccount(generatePrivateKey());
const account = `0x${"Ab".repeat(20)}`;
const hash = hexToBytes(hashMessage("text"));
const signature = hexToBytes(await owner.signMessage({ message: "text" }));
const question = { chainId: 1n, address: account, hash, signature, blockNumber: undefined };

describe("test wallets", () => {
  const wallets = new TestWallets([{ account, owner: owner.address }]);

  test("accept what the owner signed, for any spelling of the address", async () => {
    expect(await wallets.verify(question)).toEqual({ valid: true, blockNumber: 1n });
    const lower = { ...question, address: account.toLowerCase(), blockNumber: 77n };
    expect(await wallets.verify(lower)).toEqual({ valid: true, blockNumber: 77n });
  });

  test.each([
    ["another text", { hash: hexToBytes(hashMessage("other")) }],
    ["no signature of a key", { signature: new Uint8Array(65).fill(7) }],
    ["an empty signature", { signature: new Uint8Array() }],
    ["an account that is not registered", { address: `0x${"cd".repeat(20)}` }],
  ])("refuse %s", async (_, bent) => {
    expect((await wallets.verify({ ...question, ...bent })).valid).toBe(false);
  });

  test("an account that is not registered is its own key", async () => {
    expect((await wallets.verify({ ...question, address: owner.address })).valid).toBe(true);
  });

  test("a wallet of one chain is refused on another", async () => {
    const local = new TestWallets([{ account, owner: owner.address, chainId: 31337n }]);
    expect((await local.verify(question)).valid).toBe(false);
    expect((await local.verify({ ...question, chainId: 31337n })).valid).toBe(true);
  });
});

describe("answers to VerifySmartContractWalletSignatures", () => {
  const wallets = new TestWallets([{ account, owner: owner.address }]);
  const ask = (bent: object) =>
    answerSignatureRequest(
      create(identity.VerifySmartContractWalletSignatureRequestSignatureSchema, {
        accountId: `eip155:1:${account}`,
        hash,
        signature,
        ...bent,
      }),
      wallets,
    );

  test("name the block that was used", async () => {
    expect(await ask({})).toEqual({ isValid: true, blockNumber: 1n });
    expect(await ask({ blockNumber: 5n })).toEqual({ isValid: true, blockNumber: 5n });
  });

  test.each([
    [{ accountId: "eip155:1" }, "Deserialization(InvalidAccountId)"],
    [{ accountId: "eip155:1:0x:0" }, "Deserialization(InvalidAccountId)"],
    [{ accountId: "EIP155:1:0x0" }, "Deserialization(InvalidAccountId)"],
    [{ accountId: "sol:1:0x0" }, 'Signature(VerifierError(NoVerifier("sol:1")))'],
    [{ accountId: "eip155:x:0x0" }, 'Signature(VerifierError(NoVerifier("eip155:x")))'],
    [{ accountId: `eip155:${2n ** 64n}:0x0` }, `Signature(VerifierError(NoVerifier("eip155:${2n ** 64n}")))`],
    [{ hash: new Uint8Array(31) }, "Deserialization(InvalidHash)"],
  ])("%j is told in the entry", async (bent, error) => {
    expect(await ask(bent)).toEqual({ isValid: false, error });
  });
});

describe("a chain", () => {
  /** A chain that records what it is asked. */
  function chain(answers: Record<string, unknown>) {
    const calls: unknown[][] = [];
    const verifier = new ChainVerifier(
      { "eip155:1": "http://chain" },
      {
        rpc: (url, method, params) => {
          calls.push([url, method, params[1]]);
          return method in answers ? Promise.resolve(answers[method]) : Promise.reject(new Error("refused"));
        },
      },
    );
    return { calls, verifier };
  }

  test("is asked for its latest block, then at that block", async () => {
    const { calls, verifier } = chain({ eth_blockNumber: "0x10", eth_call: "0x01" });
    expect(await verifier.verify(question)).toEqual({ valid: true, blockNumber: 16n });
    expect(calls).toEqual([
      ["http://chain", "eth_blockNumber", undefined],
      ["http://chain", "eth_call", "0x10"],
    ]);
  });

  test("only 0x01 is valid, and a block that is given is used", async () => {
    const { calls, verifier } = chain({ eth_call: "0x00" });
    expect(await verifier.verify({ ...question, blockNumber: 255n })).toEqual({
      valid: false,
      blockNumber: 255n,
    });
    expect(calls).toEqual([["http://chain", "eth_call", "0xff"]]);
  });

  test("is asked once about one block, and once about the latest; a failure is not kept", async () => {
    const answers: Record<string, unknown> = { eth_blockNumber: "0x10" };
    const { calls, verifier } = chain(answers);
    const at = { ...question, blockNumber: 5n };
    await expect(verifier.verify(at)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    answers["eth_call"] = "0x01";
    for (let round = 0; round < 2; round++) expect((await verifier.verify(at)).valid).toBe(true);
    expect((await verifier.verify({ ...at, address: account.toLowerCase() })).valid).toBe(true);
    expect(calls).toHaveLength(2);
    for (let round = 0; round < 2; round++) await verifier.verify(question);
    expect(calls, "the latest block is looked for once").toHaveLength(4);
    await verifier.verify({ ...at, signature: new Uint8Array(1) });
    await verifier.verify({ ...at, hash: new Uint8Array(32) });
    await verifier.verify({ ...at, blockNumber: 6n });
    expect(calls, "each is another question").toHaveLength(7);
  });

  test("that does not answer, or is not configured, is worth a retry", async () => {
    const { verifier } = chain({});
    await expect(verifier.verify(question)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: "the chain eip155:1 did not answer",
    });
    await expect(verifier.verify({ ...question, chainId: 5n })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: "verifier not present for chain ID eip155:5",
    });
  });

  test("runs the universal validator on the account, the hash and the signature", async () => {
    let data = "";
    const rpc: ChainRpc = (_, __, [call]) => {
      data = (call as { data: string }).data;
      return Promise.resolve("0x01");
    };
    const verifier = new ChainVerifier({ "eip155:1": "http://chain" }, { rpc });
    await verifier.verify({ ...question, blockNumber: 1n });
    expect(data.startsWith(erc6492SignatureValidatorByteCode)).toBe(true);
    const words = data.slice(erc6492SignatureValidatorByteCode.length);
    const signed = bytesToHex(signature).slice(2);
    const word = (value: string) => value.padStart(64, "0");
    expect(words).toBe(
      [
        word(account.slice(2).toLowerCase()),
        bytesToHex(hash).slice(2),
        word("60"),
        word("41"),
        signed.padEnd(3 * 64, "0"),
      ].join(""),
    );
  });

  test("is asked by JSON-RPC, and its error is the cause", async () => {
    const requests: unknown[] = [];
    const answers = [{ result: "0x2" }, { error: { code: -32000, message: "execution reverted" } }];
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      requests.push([url, (JSON.parse(init.body as string) as { method: string }).method]);
      return Promise.resolve(Response.json(answers.shift()));
    });
    const outcome = new ChainVerifier({ "eip155:1": "http://chain" }).verify(question);
    await expect(outcome).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: "server returned an error response: error code -32000: execution reverted",
    });
    expect(requests).toEqual([
      ["http://chain", "eth_blockNumber"],
      ["http://chain", "eth_call"],
    ]);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("is not asked about an address that is none", async () => {
    const { calls, verifier } = chain({ eth_call: "0x01" });
    await expect(verifier.verify({ ...question, address: "0x1" })).rejects.toBeInstanceOf(AssociationError);
    expect(calls).toEqual([]);
  });
});

test("the cache forgets what was used longest ago", () => {
  const cache = new Lru<number>(2);
  cache.set("a", 1);
  cache.set("b", 2);
  expect(cache.get("a")).toBe(1);
  cache.set("c", 3);
  expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([1, undefined, 3]);
});

test.each(["0x12", "ab".repeat(21), `0x${"zz".repeat(20)}`, ""])("%j has no inbox id", (value) => {
  expect(() => inboxIdOf({ kind: "ethereum", value }, 1n)).toThrow(
    "Invalid account address: Must be 42 hex characters, starting with '0x'.",
  );
});
