import { randomBytes } from "node:crypto";
import { expect, test } from "@playwright/test";
import { encodeAbiParameters, hashMessage, hexToBytes, parseAbiParameters, toBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { Signer } from "@xmtp/node-sdk";
import { Code, startNode } from "#src/network/index.js";
import { identity } from "#src/network/proto/index.js";
import { RawClient } from "../network/grpc-client.js";
import { ETHEREUM, newClient } from "../network/sdk-client.js";
import { contract, inboxOf, makeUpdate, wallet } from "../unit/network/identity-maker.js";
import { FakeChain } from "./fake-chain.js";

const { method } = identity.IdentityApi;
const CHAIN = 31_337;
const CHAIN_ID = `eip155:${CHAIN}`;
const newAddress = () => `0x${randomBytes(20).toString("hex")}`;

/** A node that asks a fake chain, with a contract wallet on it. */
async function onChain(options: { chainTimeoutMs?: number } = {}) {
  const chain = await FakeChain.start(CHAIN);
  const node = await startNode({ chainRpcUrls: { [CHAIN_ID]: chain.url }, ...options });
  const raw = new RawClient(node.url);
  const owner = privateKeyToAccount(generatePrivateKey());
  const account = newAddress();
  chain.owners.set(account, owner.address);
  const hash = hexToBytes(hashMessage("text"));
  const signature = hexToBytes(await owner.signMessage({ message: "text" }));
  const ask = async (bent: object = {}) => {
    const question = { accountId: `${CHAIN_ID}:${account}`, hash, signature, ...bent };
    const { responses } = await raw.ok(method.verifySmartContractWalletSignatures, {
      signatures: [question],
    });
    return responses[0];
  };
  const close = async (): Promise<void> => {
    await raw[Symbol.asyncDispose]();
    await node.close();
    await chain[Symbol.asyncDispose]();
  };
  return { chain, node, raw, owner, account, ask, [Symbol.asyncDispose]: close };
}

test("a real SDK client registers with a contract wallet that only the chain knows, and is messaged", async () => {
  await using rig = await onChain();
  const signer: Signer = {
    type: "SCW",
    getIdentifier: () => ({ identifier: rig.account, identifierKind: ETHEREUM }),
    signMessage: async (message) => toBytes(await rig.owner.signMessage({ message })),
    getChainId: () => BigInt(CHAIN),
  };
  const client = await newClient(rig.node, { signer });
  expect(client.isRegistered).toBe(true);
  const peer = await newClient(rig.node);
  const dm = await peer.conversations.createDm(client.inboxId);
  await dm.sendText("hello contract");
  await client.conversations.syncAll();
  expect(client.conversations.listDms()).toHaveLength(1);
  expect(new Set(rig.chain.calls.map((call) => call.method))).toEqual(
    new Set(["eth_blockNumber", "eth_call"]),
  );
  const stranger = privateKeyToAccount(generatePrivateKey());
  const forged: Signer = {
    ...signer,
    signMessage: async (message) => toBytes(await stranger.signMessage({ message })),
  };
  const before = (await rig.node.stats()).identityUpdates;
  await expect(newClient(rig.node, { signer: { ...forged, getIdentifier: other } })).rejects.toThrow();
  expect((await rig.node.stats()).identityUpdates).toBe(before);
  function other() {
    const identifier = newAddress();
    rig.chain.owners.set(identifier, rig.owner.address);
    return { identifier, identifierKind: ETHEREUM };
  }
});

test("the latest block is asked for and named; a given one is used, and its answer kept", async () => {
  await using rig = await onChain();
  expect(await rig.ask()).toMatchObject({ isValid: true, blockNumber: 42n });
  expect(rig.chain.calls).toEqual([{ method: "eth_blockNumber" }, { method: "eth_call", block: "0x2a" }]);
  rig.chain.calls.length = 0;
  for (let round = 0; round < 3; round++) {
    expect(await rig.ask({ blockNumber: 7n })).toMatchObject({ isValid: true, blockNumber: 7n });
  }
  expect(rig.chain.calls).toEqual([{ method: "eth_call", block: "0x7" }]);
  expect(await rig.ask({ hash: randomBytes(32) })).toMatchObject({ isValid: false, blockNumber: 42n });
});

const REVERTED = "server returned an error response: error code -32000: execution reverted";

/** How a chain fails: what an update is told, and the entry of a wallet's question. */
const FAILURES = [
  {
    mood: "error",
    text: REVERTED,
    debug: 'ErrorResp(ErrorPayload { code: -32000, message: "execution reverted", data: None })',
  },
  {
    mood: "refusing",
    text: "HTTP error 503 with body: busy",
    debug: 'Transport(HttpError(HttpError { status: 503, body: "busy" }))',
  },
  {
    mood: "nonsense",
    text: "deserialization error: expected value at line 1 column 1\n<html>",
    debug: 'DeserError { err: Error("expected value", line: 1, column: 1), text: "<html>" }',
  },
] as const;

test("an unknown chain, an address that is none, one that never answers: told in the entry, in time", async () => {
  await using rig = await onChain({ chainTimeoutMs: 200 });
  for (const chain of ["eip155:5", "eip155:031337", "solana:101"]) {
    expect(await rig.ask({ accountId: `${chain}:${rig.account}` })).toMatchObject({
      isValid: false,
      error: `Signature(VerifierError(NoVerifier("${chain}")))`,
    });
  }
  expect(await rig.ask({ accountId: `${CHAIN_ID}:0x12` })).toMatchObject({
    isValid: false,
    error: "Signature(VerifierError(FromHex(InvalidStringLength)))",
  });
  expect(rig.chain.calls).toEqual([]);
  rig.chain.mood = "silent";
  expect(await rig.ask()).toMatchObject({ isValid: false, error: `the chain ${CHAIN_ID} did not answer` });
  rig.chain.mood = "well";
  expect(await rig.ask(), "a failure is not kept").toMatchObject({ isValid: true });
});

for (const { mood, text, debug } of FAILURES) {
  test(`a chain that is ${mood}: what its client says, in an entry and in an update`, async () => {
    await using rig = await onChain();
    rig.chain.mood = mood;
    expect(await rig.ask()).toMatchObject({
      isValid: false,
      error: `Signature(VerifierError(Provider(${debug})))`,
    });
    const owner = wallet();
    const here = contract(owner, rig.account, CHAIN);
    const identityUpdate = await makeUpdate(inboxOf(here), [{ create: here }]);
    expect(await rig.raw.call(method.publishIdentityUpdate, { identityUpdate })).toMatchObject({
      status: Code.UNAVAILABLE,
      message: text,
    });
  });
}

test("the fake chain answers what viem and alloy ask, one by one and in a batch", async () => {
  await using rig = await onChain();
  const ask = async (body: unknown): Promise<unknown> => {
    const response = await fetch(rig.chain.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const hash = `0x${randomBytes(32).toString("hex")}` as const;
  const [v, w] = [
    await rig.owner.sign({ hash }),
    await privateKeyToAccount(generatePrivateKey()).sign({ hash }),
  ];
  const call = (signature: `0x${string}`): string =>
    `0x${"60".repeat(700)}${encodeAbiParameters(parseAbiParameters("address, bytes32, bytes"), [
      rig.account as `0x${string}`,
      hash,
      signature,
    ]).slice(2)}`;
  // alloy: ids from 0, no params where there are none, and the code as `input`.
  expect(await ask({ method: "eth_blockNumber", id: 0, jsonrpc: "2.0" })).toEqual({
    jsonrpc: "2.0",
    id: 0,
    result: "0x2a",
  });
  const alloy = { method: "eth_call", params: [{ input: call(v) }, "0x2a"], id: 1, jsonrpc: "2.0" };
  expect(await ask(alloy)).toEqual({ jsonrpc: "2.0", id: 1, result: "0x01" });
  // viem: the code as `data`.
  const viem = { jsonrpc: "2.0", id: 7, method: "eth_call", params: [{ data: call(w) }, "0x2a"] };
  expect(await ask(viem)).toEqual({ jsonrpc: "2.0", id: 7, result: "0x00" });
  expect(
    await ask([
      { jsonrpc: "2.0", id: "a", method: "eth_chainId" },
      { jsonrpc: "2.0", id: "b", method: "eth_getBlockByNumber", params: ["latest", false] },
      { jsonrpc: "2.0", id: "c", method: "eth_mine" },
    ]),
  ).toMatchObject([
    { id: "a", result: "0x7a69" },
    { id: "b", result: { number: "0x2a" } },
    { id: "c", error: { code: -32601 } },
  ]);
});

test("in an identity update both are UNAVAILABLE, and nothing is stored; later the same update passes", async () => {
  await using rig = await onChain({ chainTimeoutMs: 200 });
  const owner = wallet();
  rig.chain.owners.set(rig.account, owner.text);
  const here = contract(owner, rig.account, CHAIN);
  const there = contract(owner, rig.account, 5);
  const publish = async (identityUpdate: Awaited<ReturnType<typeof makeUpdate>>) =>
    rig.raw.call(method.publishIdentityUpdate, { identityUpdate });
  const update = await makeUpdate(inboxOf(here), [{ create: here }]);
  rig.chain.mood = "silent";
  expect(await publish(update)).toMatchObject({
    status: Code.UNAVAILABLE,
    message: `the chain ${CHAIN_ID} did not answer`,
  });
  expect(await publish(await makeUpdate(inboxOf(there), [{ create: there }]))).toMatchObject({
    status: Code.UNAVAILABLE,
    message: "verifier not present for chain ID eip155:5",
  });
  expect((await rig.node.stats()).identityUpdates).toBe(0);
  rig.chain.mood = "well";
  expect(await publish(update)).toMatchObject({ status: Code.OK });
  rig.chain.owners.set(rig.account, newAddress());
  const stolen = await makeUpdate(inboxOf(here, 2n), [{ create: here, nonce: 2n }]);
  expect(await publish(stolen)).toMatchObject({
    status: Code.INVALID_ARGUMENT,
    message: "Signature validation failed",
  });
  expect((await rig.node.stats()).identityUpdates).toBe(1);
});

test("a chain that fails is asked three times for one update; one that fails twice and recovers is believed", async () => {
  await using rig = await onChain();
  const owner = wallet();
  rig.chain.owners.set(rig.account, owner.text);
  const here = contract(owner, rig.account, CHAIN);
  const identityUpdate = await makeUpdate(inboxOf(here), [{ create: here }]);
  const publish = () => rig.raw.call(method.publishIdentityUpdate, { identityUpdate });
  rig.chain.mood = "error";
  expect(await publish()).toMatchObject({ status: Code.UNAVAILABLE, message: REVERTED });
  expect(rig.chain.calls).toHaveLength(3);
  rig.chain.calls.length = 0;
  rig.chain.failures = 2;
  rig.chain.mood = "well";
  expect(await publish()).toMatchObject({ status: Code.OK });
  expect(rig.chain.calls.length).toBeGreaterThanOrEqual(3);
});

test("accounts of the registry stay with it, whatever the chain says", async () => {
  await using rig = await onChain();
  const account = newAddress();
  await rig.node.addSmartContractWallet({
    account: account.toUpperCase().replace("0X", "0x"),
    owner: rig.owner.address,
  });
  expect(await rig.ask({ accountId: `eip155:5:${account}` })).toMatchObject({ isValid: true });
  expect(rig.chain.calls).toEqual([]);
});

for (const [what, options, text] of [
  ["no CAIP-2 id", { chainRpcUrls: { "31337": "http://127.0.0.1:1" } }, '("31337")'],
  ["another namespace", { chainRpcUrls: { "solana:101": "http://127.0.0.1:1" } }, '("solana:101")'],
  ["no URL", { chainRpcUrls: { "eip155:1": "chain" } }, '("chain")'],
  ["no web URL", { chainRpcUrls: { "eip155:1": "ws://127.0.0.1:1" } }, '("ws://127.0.0.1:1")'],
  ["no time", { chainTimeoutMs: 0 }, "0 ms"],
  [
    "a hook beside it",
    { chainRpcUrls: {}, verifySmartContractWallet: () => ({ valid: true, blockNumber: 1n }) },
    "both",
  ],
] as const) {
  test(`refused by name: ${what}`, async () => {
    await expect(startNode(options)).rejects.toMatchObject({
      code: "BAD_CHAIN",
      message: expect.stringContaining(text),
    });
  });
}
