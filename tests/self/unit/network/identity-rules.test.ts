import { ed25519 } from "@noble/curves/ed25519.js";
import { clone, create } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { p256 } from "@noble/curves/nist.js";
import { beforeEach, describe, expect, test } from "vitest";
import {
  AssociationError,
  TestWallets,
  accountChanges,
  applyIdentityUpdate,
} from "../../../../src/network/identity/index.js";
import type { AssociationState } from "../../../../src/network/identity/index.js";
import { associations } from "../../../../src/network/proto/index.js";
import { contract, inboxOf, installation, makeUpdate, passkey, wallet } from "./identity-maker.js";
import type { Draft, Signer } from "./identity-maker.js";

const wallets = new TestWallets();
const owner = wallet();
const phone = installation();
const inboxId = inboxOf(owner);
let state: AssociationState;

/** Signs and applies an update to the owner's inbox. */
const apply = async (before: AssociationState | undefined, ...drafts: Draft[]) =>
  applyIdentityUpdate(before, await makeUpdate(inboxId, drafts), wallets);
const member = (signer: Signer) =>
  `${signer.member.kind?.case === "installationPublicKey" ? "installation" : "ethereum"}:${signer.text}`;

beforeEach(async () => {
  state = await apply(undefined, { create: owner }, { add: phone, by: owner });
});

const SIGNATURE = "identity::associations::Signature";
const signed = { signature: { case: "erc191", value: {} } } as const;

/** libxmtp's words for a field that is not there. */
const missing = (item: string, type: string): string =>
  `missing field ${item} of type xmtp_proto::generated::xmtp::${type} during conversion from protobuf`;

/** An installation key's signature with a key that is a point of the curve, unless told otherwise. */
const installationKey = (
  bent: MessageInitShape<typeof associations.RecoverableEd25519SignatureSchema>,
): associations.Signature["signature"] => ({
  case: "installationKey",
  value: create(associations.RecoverableEd25519SignatureSchema, {
    bytes: new Uint8Array(64),
    publicKey: ed25519.getPublicKey(new Uint8Array(32).fill(7)),
    ...bent,
  }),
});

describe("create", () => {
  test("makes the owner the first member and the recovery", () => {
    expect(state.inboxId).toBe(inboxId);
    expect([...state.members.keys()]).toEqual([member(owner), member(phone)]);
    expect(state.recovery).toEqual({ kind: "ethereum", value: owner.text });
  });

  test("a second one is refused, also within one update", async () => {
    await expect(apply(state, { create: owner })).rejects.toThrow("Multiple create operations detected");
    await expect(apply(undefined, { create: owner }, { create: owner })).rejects.toThrow(
      "Multiple create operations detected",
    );
  });

  test("must come first", async () => {
    await expect(apply(undefined, { add: phone, by: owner })).rejects.toThrow("XID not yet created");
    await expect(apply(undefined, { revoke: phone, by: owner })).rejects.toThrow("XID not yet created");
    await expect(apply(undefined, { recovery: phone, by: owner })).rejects.toThrow("XID not yet created");
    await expect(apply(undefined)).rejects.toThrow("XID not yet created");
  });

  test("by someone else is refused", async () => {
    const claim = { create: wallet(), as: owner };
    await expect(apply(undefined, claim)).rejects.toThrow("Missing existing member");
    await expect(apply(undefined, { create: phone, as: owner })).rejects.toThrow("Missing existing member");
  });

  test("with another nonce is another inbox", async () => {
    await expect(apply(undefined, { create: owner, nonce: 2n })).rejects.toThrow(
      "Wrong inbox_id specified on association",
    );
  });

  test("an address in capitals is not its signer", async () => {
    const shouting = { ...owner, text: `0x${owner.text.slice(2).toUpperCase()}` };
    const update = await makeUpdate(inboxOf(shouting), [{ create: owner, as: shouting }]);
    await expect(applyIdentityUpdate(undefined, update, wallets)).rejects.toThrow("Missing existing member");
  });

  test("a passkey may create, and an unspecified identifier kind is Ethereum", async () => {
    const key = passkey();
    const update = await makeUpdate(inboxOf(key), [{ create: key }]);
    const made = await applyIdentityUpdate(undefined, update, wallets);
    expect([...made.members.keys()]).toEqual([`passkey:${key.text}`]);
    const old = { ...owner, kind: associations.IdentifierKind.UNSPECIFIED };
    expect((await apply(undefined, { create: owner, as: old })).inboxId).toBe(inboxId);
  });
});

describe("add", () => {
  test("remembers who let the member in", async () => {
    const laptop = installation();
    const next = await apply(state, { add: laptop, by: owner });
    expect(next.members.get(member(laptop))?.addedBy).toEqual({ kind: "ethereum", value: owner.text });
  });

  test("an installation may add an account, but no installation", async () => {
    const account = wallet();
    expect((await apply(state, { add: account, by: phone })).members.has(member(account))).toBe(true);
    await expect(apply(state, { add: installation(), by: phone })).rejects.toThrow(
      "Member of kind installation not allowed to add installation",
    );
  });

  test("by a stranger is refused", async () => {
    await expect(apply(state, { add: installation(), by: wallet() })).rejects.toThrow(
      "Missing existing member",
    );
  });

  test("of someone who did not sign is refused", async () => {
    await expect(apply(state, { add: installation(), as: installation(), by: owner })).rejects.toThrow(
      "The new member identifier does not match the signer",
    );
  });

  test("of oneself is refused", async () => {
    await expect(apply(state, { add: owner, by: owner })).rejects.toThrow(
      "Error creating association tried to add self",
    );
  });

  test("by a member revoked before, or earlier in the same update, is refused", async () => {
    const account = wallet();
    const linked = await apply(state, { add: account, by: owner });
    const revoked = await apply(linked, { revoke: account, by: owner });
    await expect(apply(revoked, { add: installation(), by: account })).rejects.toThrow(
      "Missing existing member",
    );
    await expect(
      apply(linked, { revoke: account, by: owner }, { add: installation(), by: account }),
    ).rejects.toThrow("Missing existing member");
  });

  test("by the recovery identifier is allowed, though it is not a member", async () => {
    const safe = wallet();
    const laptop = installation();
    const moved = await apply(state, { recovery: safe, by: owner });
    expect((await apply(moved, { add: laptop, by: safe })).members.has(member(laptop))).toBe(true);
  });
});

describe("revoke and recovery", () => {
  test("a member goes with the installations that it let in; accounts that it let in stay", async () => {
    const [account, friend, laptop] = [wallet(), wallet(), installation()];
    let grown = await apply(state, { add: account, by: owner });
    grown = await apply(grown, { add: laptop, by: account }, { add: friend, by: account });
    const left = await apply(grown, { revoke: account, by: owner });
    expect([...left.members.keys()]).toEqual([member(owner), member(phone), member(friend)]);
  });

  test("of a stranger changes nothing and is not an error", async () => {
    const next = await apply(state, { revoke: wallet(), by: owner });
    expect(next.members).toEqual(state.members);
  });

  test("only the recovery identifier may do either", async () => {
    const account = wallet();
    const linked = await apply(state, { add: account, by: owner });
    for (const by of [account, phone, wallet()]) {
      await expect(apply(linked, { revoke: phone, by })).rejects.toThrow("Missing existing member");
      await expect(apply(linked, { recovery: account, by })).rejects.toThrow("Missing existing member");
    }
  });

  test("after a change the new recovery may revoke, the old may not", async () => {
    const safe = wallet();
    const moved = await apply(state, { recovery: safe, by: owner });
    await expect(apply(moved, { revoke: phone, by: owner })).rejects.toThrow("Missing existing member");
    expect((await apply(moved, { revoke: phone, by: safe })).members.has(member(phone))).toBe(false);
  });
});

describe("signatures", () => {
  test.each<[string, () => Draft]>([
    ["add", () => ({ add: installation(), by: owner })],
    ["revoke", () => ({ revoke: phone, by: owner })],
    ["recovery", () => ({ recovery: owner, by: owner })],
  ])("an update is good for once: %s", async (_, draft) => {
    const update = await makeUpdate(inboxId, [draft()]);
    const once = await applyIdentityUpdate(state, update, wallets);
    await expect(applyIdentityUpdate(once, update, wallets)).rejects.toThrow("Replay detected");
  });

  test("the other s of a seen signature is not a new signature", async () => {
    const update = await makeUpdate(inboxId, [{ revoke: phone, by: owner }]);
    const once = await applyIdentityUpdate(state, update, wallets);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const twin = clone(associations.IdentityUpdateSchema, update);
    const action = twin.actions[0]?.kind;
    if (action?.case !== "revoke" || action.value.recoveryIdentifierSignature?.signature.case !== "erc191")
      throw new Error("the update is a revocation by a wallet");
    const { bytes } = action.value.recoveryIdentifierSignature.signature.value;
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32, 64)).toString("hex")}`);
    bytes.set(Buffer.from((order - s).toString(16).padStart(64, "0"), "hex"), 32);
    await expect(applyIdentityUpdate(once, twin, wallets)).rejects.toThrow("Replay detected");
    bytes[64] = bytes[64] === 27 ? 28 : 27;
    await expect(applyIdentityUpdate(once, twin, wallets)).rejects.toThrow("Missing existing member");
  });

  test("the other recovery byte, or the other s of a passkey, is not a new signature", async () => {
    const key = passkey();
    const linked = await apply(state, { add: key, by: owner });
    const update = await makeUpdate(inboxId, [{ add: wallet(), by: key }]);
    const once = await applyIdentityUpdate(linked, update, wallets);
    const add = update.actions[0]?.kind;
    const [old, fresh] =
      add?.case === "add" ? [add.value.existingMemberSignature, add.value.newMemberSignature] : [];
    if (old?.signature.case !== "passkey" || fresh?.signature.case !== "erc191")
      throw new Error("a passkey adds a wallet");
    const { r, s } = p256.Signature.fromBytes(old.signature.value.signature, "der");
    const twin = new p256.Signature(r, p256.Point.Fn.neg(s)).toBytes("der");
    old.signature.value.signature = Uint8Array.from(twin);
    fresh.signature.value.bytes[64] = (fresh.signature.value.bytes[64] ?? 0) - 27;
    expect((await applyIdentityUpdate(linked, update, wallets)).members, "it holds").toEqual(once.members);
    await expect(applyIdentityUpdate(once, update, wallets)).rejects.toThrow("Replay detected");
    // As alloy reads a transaction's v (EIP-155): still the same signature.
    fresh.signature.value.bytes[64] = 35 + fresh.signature.value.bytes[64];
    await expect(applyIdentityUpdate(once, update, wallets)).rejects.toThrow("Replay detected");
    fresh.signature.value.bytes[64] = 34;
    await expect(applyIdentityUpdate(linked, update, wallets)).rejects.toThrow("invalid parity: 34");
  });

  test("of an installation need the protocol's context", async () => {
    await expect(apply(state, { add: installation("ANOTHER SIGNATURE"), by: owner })).rejects.toThrow(
      "ed25519 Signature failed",
    );
  });

  test.each([
    ["another challenge", passkey({ challenge: "YWJj" }), "client_data is invalid"],
    ["client data that is not JSON", passkey({ clientDataJson: "{" }), "client_data is invalid"],
    ["client data that is null", passkey({ clientDataJson: "null" }), "client_data is invalid"],
    ["a key of 64 bytes", passkey({ publicKey: new Uint8Array(64) }), "Invalid public key"],
    [
      "a point off the curve",
      passkey({ publicKey: Uint8Array.of(4, ...new Uint8Array(64).fill(1)) }),
      "Invalid public key",
    ],
    ["another key", passkey({ publicKey: fromSpare() }), "ed25519 Signature failed signature error"],
  ])("of a passkey: %s", async (_, key, text) => {
    const update = await makeUpdate(inboxOf(key), [{ create: key }]);
    const outcome = applyIdentityUpdate(undefined, update, wallets);
    await expect(outcome).rejects.toBeInstanceOf(AssociationError);
    await expect(outcome).rejects.toThrow(text);
  });

  test.each([
    ["webauthn.get", "ed25519 Signature failed signature error"],
    ["https://app.example", "client_data is invalid"],
    ["origin", "client_data is invalid"],
    ["type", "client_data is invalid"],
  ])("of a passkey: a byte that is not UTF-8 in %s", async (part, text) => {
    const key = passkey();
    const update = await makeUpdate(inboxOf(key), [{ create: key }]);
    const kind = update.actions[0]?.kind;
    const signature =
      kind?.case === "createInbox" ? kind.value.initialIdentifierSignature?.signature : undefined;
    if (signature?.case !== "passkey") throw new Error("a passkey creates");
    const json = Buffer.from(signature.value.clientDataJson);
    json[json.indexOf(part)] = 0xff;
    signature.value.clientDataJson = json;
    await expect(applyIdentityUpdate(undefined, update, wallets)).rejects.toThrow(text);
  });

  test.each<[string, associations.Signature["signature"]]>([
    ["Signature validation failed", erc191(new Uint8Array(63))],
    ["Signature validation failed", erc191(new Uint8Array(66).fill(1))],
    ["expected exactly 65 bytes", erc191(new Uint8Array(64).fill(1))],
    ["signature error", erc191(new Uint8Array(65))],
    ["signature error", erc191(new Uint8Array(64))],
    ["ed25519 Signature failed signature error", erc191(Uint8Array.of(...new Uint8Array(64).fill(255), 27))],
    ["invalid parity: 2", erc191(Uint8Array.of(...new Uint8Array(64).fill(1), 2))],
    [missing("signature", "identity::associations::signature::Signature"), { case: undefined }],
    [
      "signature error: VerifyingKey must be 32 bytes in length",
      installationKey({ publicKey: new Uint8Array(31) }),
    ],
    [
      "signature error: Cannot decompress Edwards point",
      installationKey({ publicKey: new Uint8Array(32).fill(2) }),
    ],
    ["could not convert slice to array", installationKey({ bytes: new Uint8Array(63) })],
    [
      "ed25519 Signature failed signature error: Cannot use scalar with high-bit set",
      installationKey({ bytes: new Uint8Array(64).fill(255) }),
    ],
    [
      "ed25519 Signature failed signature error: Verification equation was not satisfied",
      installationKey({ bytes: new Uint8Array(64) }),
    ],
    [
      missing("signature", "identity::associations::RecoverableEcdsaSignature"),
      { case: "delegatedErc191", value: create(associations.LegacyDelegatedSignatureSchema) },
    ],
    [
      missing("delegated_key", "message_contents::SignedPublicKey"),
      {
        case: "delegatedErc191",
        value: create(associations.LegacyDelegatedSignatureSchema, { signature: {} }),
      },
    ],
    [
      "Signature validation failed",
      {
        case: "delegatedErc191",
        value: create(associations.LegacyDelegatedSignatureSchema, { signature: {}, delegatedKey: {} }),
      },
    ],
    [
      "type account_id has invalid length. expected 3 got 1",
      { case: "erc6492", value: create(associations.SmartContractWalletSignatureSchema, { accountId: "x" }) },
    ],
    [
      "verifier not present for chain ID sol:1",
      {
        case: "erc6492",
        value: create(associations.SmartContractWalletSignatureSchema, { accountId: "sol:1:0x" }),
      },
    ],
  ])("%s", async (text, signature) => {
    const update = await makeUpdate(inboxId, [{ create: owner }]);
    const kind = update.actions[0]?.kind;
    if (kind?.case !== "createInbox") throw new Error("the update creates");
    kind.value.initialIdentifierSignature = create(associations.SignatureSchema, { signature });
    await expect(applyIdentityUpdate(undefined, update, wallets)).rejects.toThrow(text);
  });

  test.each<[MessageInitShape<typeof associations.IdentityUpdateSchema>, string]>([
    [{ actions: [{}] }, missing("action", "identity::associations::identity_action::Kind")],
    [
      { actions: [{ kind: { case: "createInbox", value: {} } }, {}] },
      missing("action", "identity::associations::identity_action::Kind"),
    ],
    [{ actions: [{ kind: { case: "add", value: {} } }] }, missing("signature", SIGNATURE)],
    [
      {
        actions: [
          { kind: { case: "add", value: { newMemberSignature: signed, existingMemberSignature: signed } } },
        ],
      },
      missing("member_identifier", "identity::associations::MemberIdentifier"),
    ],
    [
      {
        actions: [
          {
            kind: {
              case: "add",
              value: { newMemberSignature: signed, existingMemberSignature: signed, newMemberIdentifier: {} },
            },
          },
        ],
      },
      missing("member_identifier", "identity::associations::member_identifier::Kind"),
    ],
    [{ actions: [{ kind: { case: "revoke", value: {} } }] }, missing("signature", SIGNATURE)],
    [
      { actions: [{ kind: { case: "revoke", value: { recoveryIdentifierSignature: signed } } }] },
      missing("member_to_revoke", "identity::associations::MemberIdentifier"),
    ],
    [{ actions: [{ kind: { case: "createInbox", value: {} } }] }, missing("signature", SIGNATURE)],
    [
      {
        actions: [
          {
            kind: {
              case: "createInbox",
              value: { initialIdentifier: "0xz", initialIdentifierKind: associations.IdentifierKind.PASSKEY },
            },
          },
        ],
      },
      "passkey is invalid: None",
    ],
  ])("an update with holes: %j", async (init, text) => {
    const update = create(associations.IdentityUpdateSchema, init);
    await expect(applyIdentityUpdate(state, update, wallets)).rejects.toThrow(text);
  });
});

describe("smart contract wallets", () => {
  const address = `0x${"5c".repeat(20)}`;
  const registry = new TestWallets([{ account: address, owner: owner.text }]);
  const on = (chainId: number) => contract(owner, address, chainId);
  const create1 = () => makeUpdate(inboxOf(on(1)), [{ create: on(1) }, { add: phone, by: on(1) }]);

  test("the member keeps the chain that it came in by", async () => {
    const made = await applyIdentityUpdate(undefined, await create1(), registry);
    expect(made.members.get(`ethereum:${address}`)?.chainId).toBe(1n);
  });

  test("on another chain the same wallet is refused", async () => {
    const made = await applyIdentityUpdate(undefined, await create1(), registry);
    for (const draft of [
      { add: installation(), by: on(8453) },
      { revoke: phone, by: on(8453) },
      { recovery: owner, by: on(8453) },
    ]) {
      const update = await makeUpdate(made.inboxId, [draft]);
      await expect(applyIdentityUpdate(made, update, registry)).rejects.toThrow(
        "Wrong chain id. Initially added with 1 but now signing from 8453",
      );
    }
  });

  test("signed by anyone but the owner it is refused", async () => {
    const thief = contract(wallet(), address, 1);
    const update = await makeUpdate(inboxOf(thief), [{ create: thief }]);
    await expect(applyIdentityUpdate(undefined, update, registry)).rejects.toThrow(
      "Signature validation failed",
    );
  });

  test("a wallet whose chain cannot be asked makes the update worth a retry", async () => {
    const down = { verify: () => Promise.reject(new AssociationError("no answer", { code: "UNAVAILABLE" })) };
    const outcome = applyIdentityUpdate(undefined, await create1(), down);
    await expect(outcome).rejects.toMatchObject({ code: "UNAVAILABLE", message: "no answer" });
  });

  test("one signature that serves several actions is asked about once", async () => {
    let asked = 0;
    const counting = {
      verify: (question: Parameters<TestWallets["verify"]>[0]) => {
        asked += 1;
        return registry.verify(question);
      },
    };
    await applyIdentityUpdate(undefined, await create1(), counting);
    expect(asked).toBe(1);
  });
});

describe("state", () => {
  test("is not changed by an update, good or bad", async () => {
    const before = structuredClone(state);
    await apply(state, { revoke: phone, by: owner });
    await expect(apply(state, { revoke: phone, by: owner }, { create: owner })).rejects.toThrow();
    expect(state).toEqual(before);
  });

  test("account changes are the difference of states, Ethereum only", async () => {
    const [account, laptop] = [wallet(), installation()];
    expect(accountChanges(undefined, state)).toEqual({ added: [owner.text], removed: [] });
    const linked = await apply(state, { add: account, by: owner }, { add: laptop, by: owner });
    expect(accountChanges(state, linked)).toEqual({ added: [account.text], removed: [] });
    const swapped = await apply(linked, { revoke: account, by: owner });
    expect(accountChanges(linked, swapped)).toEqual({ added: [], removed: [account.text] });
    const passing = await apply(swapped, { add: account, by: owner }, { revoke: account, by: owner });
    expect(accountChanges(swapped, passing)).toEqual({ added: [], removed: [] });
  });
});

function erc191(bytes: Uint8Array): associations.Signature["signature"] {
  return { case: "erc191", value: create(associations.RecoverableEcdsaSignatureSchema, { bytes }) };
}

/** A valid P-256 point that signed nothing. */
function fromSpare(): Uint8Array {
  return Uint8Array.from(Buffer.from(passkey().text, "hex"));
}
