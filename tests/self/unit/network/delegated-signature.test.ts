import { describe, expect, test } from "vitest";
import { TestWallets, applyIdentityUpdate } from "../../../../src/network/identity/index.js";
import type { AssociationState } from "../../../../src/network/identity/index.js";
import { delegated, inboxOf, installation, makeUpdate, wallet } from "./identity-maker.js";
import type { Draft, Signer } from "./identity-maker.js";

const wallets = new TestWallets();
const apply = async (before: AssociationState | undefined, inboxId: string, ...drafts: Draft[]) =>
  applyIdentityUpdate(before, await makeUpdate(inboxId, drafts), wallets);
/** The first inbox of a wallet, created by a key that it signed for before there were inboxes. */
const first = (key: Signer) => {
  const id = inboxOf(key, 0n);
  return { id, create: { create: key, nonce: 0n } };
};

const ELSEWHERE = "Legacy key is only allowed to be associated using a legacy signature with nonce 0";

describe("a key from before inboxes", () => {
  test.each(["ecdsaCompact", "walletEcdsaCompact"] as const)(
    "signs for its wallet's first inbox (%s)",
    async (union) => {
      const key = delegated({ union });
      const { id, create } = first(key);
      const made = await apply(undefined, id, create, { add: installation(), by: key });
      expect([...made.members.keys()][0]).toBe(`ethereum:${key.text}`);
      expect(made.members.size).toBe(2);
    },
  );

  test("signs once: its wallet's signature for it is what is remembered", async () => {
    const key = delegated();
    const { id, create } = first(key);
    const made = await apply(undefined, id, create);
    await expect(apply(made, id, { add: installation(), by: key })).rejects.toThrow("Replay detected");
  });

  test("creates no other inbox", async () => {
    const key = delegated();
    await expect(apply(undefined, inboxOf(key), { create: key })).rejects.toThrow(ELSEWHERE);
  });

  test("joins no inbox of another account, nor brings anyone into one", async () => {
    const [owner, key] = [wallet(), delegated()];
    const id = inboxOf(owner);
    const made = await apply(undefined, id, { create: owner });
    await expect(apply(made, id, { add: key, by: owner })).rejects.toThrow(ELSEWHERE);
    await expect(apply(made, id, { add: installation(), by: key })).rejects.toThrow(ELSEWHERE);
  });

  test("revokes nobody, and changes no recovery", async () => {
    const [key, phone] = [delegated(), installation()];
    const { id, create } = first(key);
    const text = 'Signature not allowed for role "ethereum" "legacy-delegated"';
    for (const draft of [
      { revoke: phone, by: key },
      { recovery: wallet(), by: key },
    ])
      await expect(apply(undefined, id, create, draft)).rejects.toThrow(text);
  });

  test.each<[string, Parameters<typeof delegated>[0], string]>([
    ["another key signed the text", { stranger: true }, "Signature validation failed"],
    ["no wallet signed for it", { union: "none" }, "Signature validation failed"],
    ["the wallet's signature is cut", { compactBytes: 63 }, "Signature validation failed"],
    [
      "its bytes are not a message",
      { keyBytes: () => Uint8Array.of(0x1a, 9) },
      "Signature validation failed",
    ],
    ["its bytes hold no key", { keyBytes: () => Uint8Array.of(8, 1) }, "Signature validation failed"],
    [
      "its key is not a point",
      { keyBytes: () => Uint8Array.of(0x1a, 3, 0x0a, 1, 4) },
      "ed25519 Signature failed signature error",
    ],
  ])("is refused when %s", async (_, bent, text) => {
    const { id, create } = first(delegated(bent));
    await expect(apply(undefined, id, create)).rejects.toThrow(text);
  });
});
