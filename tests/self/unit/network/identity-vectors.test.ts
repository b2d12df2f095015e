import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AssociationError,
  TestWallets,
  accountChanges,
  applyIdentityUpdate,
} from "../../../../src/network/identity/index.js";
import type { AssociationState } from "../../../../src/network/identity/index.js";
import { actionsOf } from "../../../../src/network/identity/actions.js";
import { signaturesOf } from "../../../../src/network/identity/rules.js";
import { signatureText } from "../../../../src/network/identity/signatures/signature-text.js";
import { associations } from "../../../../src/network/proto/index.js";
import { flipped, fromHex, vectors } from "./vectors.js";

const updates = vectors("identity-updates.json").map(({ name, update }) => ({
  name,
  update: fromBinary(associations.IdentityUpdateSchema, fromHex(update)),
}));
const wallets = new TestWallets([vectors("smart-contract-wallet.json")]);

/** The state before each captured update. */
async function replay(): Promise<
  { name: string; update: associations.IdentityUpdate; before?: AssociationState }[]
> {
  const states = new Map<string, AssociationState>();
  const steps = [];
  for (const { name, update } of updates) {
    const before = states.get(update.inboxId);
    steps.push({ name, update, ...(before === undefined ? {} : { before }) });
    states.set(update.inboxId, await applyIdentityUpdate(before, update, wallets));
  }
  return steps;
}
const steps = await replay();

describe("identity updates of a real SDK", () => {
  test.each(steps)("$name", async ({ name, update, before }) => {
    const after = await applyIdentityUpdate(before, update, wallets);
    const kinds = [...after.members.values()].map(({ identifier }) => identifier.kind);
    const { added, removed } = accountChanges(before, after);
    expect([kinds, added.length, removed.length]).toEqual(expected[name]);
    expect(after.inboxId).toBe(update.inboxId);
  });

  const expected: Record<string, unknown> = {
    "alice: create, first installation": [["ethereum", "installation"], 1, 0],
    "bob: create, first installation": [["ethereum", "installation"], 1, 0],
    "bob: second installation": [["ethereum", "installation", "installation"], 0, 0],
    "bob: third installation": [["ethereum", "installation", "installation", "installation"], 0, 0],
    "alice: link account": [["ethereum", "installation", "ethereum"], 1, 0],
    "alice: second installation, by the linked account": [
      ["ethereum", "installation", "ethereum", "installation"],
      0,
      0,
    ],
    "alice: recovery to the linked account": [["ethereum", "installation", "ethereum", "installation"], 0, 0],
    "alice: recovery back": [["ethereum", "installation", "ethereum", "installation"], 0, 0],
    "alice: unlink account": [["ethereum", "installation"], 0, 1],
    "bob: revoke third installation": [["ethereum", "installation", "installation"], 0, 0],
    "wallet contract: create": [["ethereum", "installation"], 1, 0],
    "passkey (compressed point): create": [["passkey", "installation"], 0, 0],
    "passkey (uncompressed point): create": [["passkey", "installation"], 0, 0],
  };

  test.each(steps)("$name: a second time it is refused", async ({ update, before }) => {
    const after = await applyIdentityUpdate(before, update, wallets);
    const again = applyIdentityUpdate(after, update, wallets);
    const creates = update.actions[0]?.kind.case === "createInbox";
    await expect(again).rejects.toThrow(creates ? "Multiple create operations detected" : "Replay detected");
  });

  test.each(steps)("$name: with a bit of a signature flipped it is refused", async ({ update, before }) => {
    for await (const bent of withFlippedSignatures(update))
      await expect(applyIdentityUpdate(before, bent, wallets)).rejects.toBeInstanceOf(AssociationError);
  });

  test.each(steps)("$name: an hour later its signatures do not hold", async ({ update, before }) => {
    const later = clone(associations.IdentityUpdateSchema, update);
    later.clientTimestampNs += 3_600_000_000_000n;
    await expect(applyIdentityUpdate(before, later, wallets)).rejects.toBeInstanceOf(AssociationError);
  });

  test.each(steps)("$name: for another inbox it is refused", async ({ update, before }) => {
    const other = { ...clone(associations.IdentityUpdateSchema, update), inboxId: "00".repeat(32) };
    await expect(applyIdentityUpdate(before, other, wallets)).rejects.toBeInstanceOf(AssociationError);
  });

  test("with any byte changed, what is still accepted says the same", async () => {
    const { update } = steps[0] ?? { update: create(associations.IdentityUpdateSchema) };
    const original = await applyIdentityUpdate(undefined, update, wallets);
    const bytes = toBinary(associations.IdentityUpdateSchema, update);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, by]) => {
        const bent = decoded(flipped(bytes, at, by));
        const outcome =
          bent === undefined ? undefined : await settled(applyIdentityUpdate(undefined, bent, wallets));
        // Not signed: the digits of the time below a second, the identifier kind's default, and v as 0 or 27.
        if (outcome !== undefined) expect([...outcome.members.keys()]).toEqual([...original.members.keys()]);
      }),
    );
  });
});

test("the text of a passkey's actions is what a real SDK signs", async () => {
  const texts = vectors("signature-texts.json");
  const key = fromHex(/Passkey: ([0-9a-f]+)/.exec(texts[0] ?? "")?.[1] ?? "");
  const passkey = { case: "passkey", value: { key } } as const;
  const installation = fromHex(/ID: ([0-9a-f]+)\)/.exec(texts[3] ?? "")?.[1] ?? "");
  const signature = { signature: { case: "erc191", value: {} } } as const;
  const actions = [
    {
      case: "add",
      value: {
        newMemberIdentifier: { kind: passkey },
        newMemberSignature: signature,
        existingMemberSignature: signature,
      },
    },
    { case: "revoke", value: { memberToRevoke: { kind: passkey }, recoveryIdentifierSignature: signature } },
    {
      case: "changeRecoveryAddress",
      value: {
        newRecoveryIdentifier: Buffer.from(key).toString("hex"),
        newRecoveryIdentifierKind: associations.IdentifierKind.PASSKEY,
        existingRecoveryIdentifierSignature: signature,
      },
    },
    {
      case: "revoke",
      value: {
        memberToRevoke: { kind: { case: "installationPublicKey", value: installation } },
        recoveryIdentifierSignature: signature,
      },
    },
  ] as const;
  const built = actions.map(async (kind, index) => {
    const time =
      BigInt(Date.parse(/Current time: (.*)/.exec(texts[index] ?? "")?.[1] ?? "")) * 1_000_000n +
      999_999_999n;
    const inboxId = /Inbox ID: (.*)/.exec(texts[index] ?? "")?.[1] ?? "";
    const update = create(associations.IdentityUpdateSchema, {
      inboxId,
      clientTimestampNs: time,
      actions: [{ kind }],
    });
    return signatureText(inboxId, time, await actionsOf(update));
  });
  expect(await Promise.all(built)).toEqual(texts);
});

test.each([
  [0n, "1970-01-01T00:00:00Z"],
  [999_999_999n, "1970-01-01T00:00:00Z"],
  [2n ** 63n - 1n, "2262-04-11T23:47:16Z"],
  [2n ** 64n - 1n, "1969-12-31T23:59:59Z"],
  [2n ** 63n, "1677-09-21T00:12:43Z"],
])("%s ns is %s: an unsigned field read as signed, rounded down", (ns, time) => {
  expect(signatureText("", ns, []).split("\n")[3]).toBe(`Current time: ${time}`);
});

async function* withFlippedSignatures(
  update: associations.IdentityUpdate,
): AsyncGenerator<associations.IdentityUpdate> {
  const { length: count } = await signatureBytes(update);
  for (let index = 0; index < count; index++) {
    const bent = clone(associations.IdentityUpdateSchema, update);
    const bytes = (await signatureBytes(bent))[index];
    if (bytes !== undefined) bytes[20] = (bytes[20] ?? 0) ^ 1;
    yield bent;
  }
}

/** The bytes of every signature in an update. */
async function signatureBytes(update: associations.IdentityUpdate): Promise<Uint8Array[]> {
  return (await actionsOf(update)).flatMap(signaturesOf).map(({ signature }) => {
    switch (signature.case) {
      case "erc191":
      case "installationKey":
        return signature.value.bytes;
      case "erc6492":
      case "passkey":
        return signature.value.signature;
      default:
        throw new Error(`no such signature was captured: ${signature.case}`);
    }
  });
}

function decoded(bytes: Uint8Array): associations.IdentityUpdate | undefined {
  try {
    return fromBinary(associations.IdentityUpdateSchema, bytes);
  } catch {
    return undefined; // No update at all: the transport refuses it before identity sees it.
  }
}

/** Undefined where it was refused, and only by name. */
async function settled(outcome: Promise<AssociationState>): Promise<AssociationState | undefined> {
  return outcome.catch((error: unknown) => {
    expect(error).toBeInstanceOf(AssociationError);
    return undefined;
  });
}
