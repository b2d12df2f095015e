import { clone, create } from "@bufbuild/protobuf";
import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { associations, identity } from "#src/network/proto/index.js";
import {
  contract,
  delegated,
  inboxOf,
  installation,
  makeUpdate,
  passkey,
  wallet,
} from "../../unit/network/identity-maker.js";
import type { Draft, Signer } from "../../unit/network/identity-maker.js";
import { counts, newKey, refusals } from "../target.js";
import type { Case, Rig } from "../target.js";
import { inboxIds, newInbox, publish, updatesOf } from "./identity-log.js";
import type { Inbox } from "./identity-log.js";

const { publishIdentityUpdate } = identity.IdentityApi.method;
const { IdentityUpdateSchema } = associations;
type Update = associations.IdentityUpdate;

/** An inbox with one more account and installation, and someone who wants it. */
interface Scene extends Inbox {
  readonly account: Signer;
  readonly laptop: Signer;
  readonly thief: Signer;
  readonly thiefPhone: Signer;
  /** The update that let laptop in. */
  readonly letIn: Update;
}

async function newScene(rig: Rig): Promise<Scene> {
  const inbox = await newInbox(rig);
  const [account, laptop] = [wallet(), installation()];
  await publish(rig, inbox.id, { add: account, by: inbox.owner });
  const letIn = await publish(rig, inbox.id, { add: laptop, by: inbox.owner });
  return { ...inbox, account, laptop, letIn, thief: wallet(), thiefPhone: installation() };
}

type Attempt = (scene: Scene, rig: Rig) => Promise<Update>;
const drafts =
  (make: (scene: Scene) => Draft[]): Attempt =>
  (scene) =>
    makeUpdate(scene.id, make(scene));
const bent =
  (make: (scene: Scene) => Draft[], bend: (update: Update) => void): Attempt =>
  async (scene) => {
    const update = await makeUpdate(scene.id, make(scene));
    bend(update);
    return update;
  };

const MISSING = "Missing existing member";
const REPLAY = "Replay detected";
const MULTIPLE = "Multiple create operations detected";
const BAD_KEY_SIGNATURE = "ed25519 Signature failed signature error: Verification equation was not satisfied";
const missing = (field: string, type: string): string =>
  `missing field ${field} of type xmtp_proto::generated::xmtp::identity::associations::${type} during conversion from protobuf`;
const SIGNATURE_MISSING = missing("signature", "Signature");
const MISMATCH = "The new member identifier does not match the signer";

/** Ways to get at somebody else's inbox. Each is refused and changes nothing. */
const attempts: readonly (readonly [string, Attempt, string | RegExp])[] = [
  ["a thief creates it anew", drafts(({ thief }) => [{ create: thief }]), MULTIPLE],
  [
    "a thief creates it in the owner's name",
    drafts(({ thief, owner }) => [{ create: thief, as: owner }]),
    MULTIPLE,
  ],
  ["its owner creates it anew", drafts(({ owner }) => [{ create: owner }]), MULTIPLE],
  ["a thief adds a phone", drafts(({ thief, thiefPhone }) => [{ add: thiefPhone, by: thief }]), MISSING],
  ["a thief adds a wallet", drafts(({ thief }) => [{ add: wallet(), by: thief }]), MISSING],
  [
    "a thief adds herself",
    drafts(({ thief }) => [{ add: thief, by: thief }]),
    "Error creating association tried to add self",
  ],
  [
    "a passkey of nobody adds a phone",
    drafts(({ thiefPhone }) => [{ add: thiefPhone, by: passkey() }]),
    MISSING,
  ],
  [
    "a thief adds a phone and herself first",
    drafts(({ thief, thiefPhone }) => [
      { add: thief, by: thiefPhone },
      { add: thiefPhone, by: thief },
    ]),
    MISSING,
  ],
  [
    "the owner is made to add a key that did not sign",
    drafts(({ owner, thief, thiefPhone }) => [{ add: thief, as: thiefPhone, by: owner }]),
    MISMATCH,
  ],
  [
    "an installation of it adds an installation",
    drafts(({ laptop, thiefPhone }) => [{ add: thiefPhone, by: laptop }]),
    "Member of kind installation not allowed to add installation",
  ],
  ["a thief revokes", drafts(({ thief, phone }) => [{ revoke: phone, by: thief }]), MISSING],
  ["an account of it revokes", drafts(({ account, phone }) => [{ revoke: phone, by: account }]), MISSING],
  [
    "an account of it revokes the owner",
    drafts(({ account, owner }) => [{ revoke: owner, by: account }]),
    MISSING,
  ],
  ["an installation of it revokes", drafts(({ laptop, phone }) => [{ revoke: phone, by: laptop }]), MISSING],
  ["a thief takes the recovery", drafts(({ thief }) => [{ recovery: thief, by: thief }]), MISSING],
  [
    "an account of it takes the recovery",
    drafts(({ account }) => [{ recovery: account, by: account }]),
    MISSING,
  ],
  [
    "an installation of it gives the recovery away",
    drafts(({ laptop, thief }) => [{ recovery: thief, by: laptop }]),
    MISSING,
  ],
  [
    "a good action takes a bad one along",
    drafts(({ owner, phone, thief, thiefPhone }) => [
      { revoke: phone, by: owner },
      { add: thiefPhone, by: thief },
    ]),
    MISSING,
  ],
  ["an update of its own is sent again", ({ letIn }) => Promise.resolve(letIn), REPLAY],
  [
    "an update of another inbox is sent to it",
    async (scene, rig) => {
      const other = await newInbox(rig);
      const update = await publish(rig, other.id, { add: scene.thiefPhone, by: other.owner });
      return { ...clone(IdentityUpdateSchema, update), inboxId: scene.id };
    },
    BAD_KEY_SIGNATURE,
  ],
  [
    "an update of its owner's other inbox is sent to it",
    async (scene, rig) => {
      const other = await newInbox(rig, scene.owner, 2n);
      const update = await publish(rig, other.id, { add: wallet(), by: scene.owner });
      return { ...clone(IdentityUpdateSchema, update), inboxId: scene.id };
    },
    MISMATCH,
  ],
  [
    "a signature of its owner is taken from another update",
    async (scene) => {
      const update = await makeUpdate(scene.id, [{ add: scene.thiefPhone, by: scene.thief }]);
      const [from, to] = [addOf(scene.letIn), addOf(update)];
      if (from.existingMemberSignature) to.existingMemberSignature = from.existingMemberSignature;
      return update;
    },
    REPLAY,
  ],
  [
    "a seen signature comes in its other form",
    async (scene) => {
      const update = clone(IdentityUpdateSchema, scene.letIn);
      flipS(addOf(update).existingMemberSignature);
      return Promise.resolve(update);
    },
    REPLAY,
  ],
  [
    "a seen signature comes with its recovery byte in the other form",
    async (scene) => {
      const update = clone(IdentityUpdateSchema, scene.letIn);
      const signature = addOf(update).existingMemberSignature?.signature;
      if (signature?.case === "erc191") signature.value.bytes[64] = (signature.value.bytes[64] ?? 0) - 27;
      return Promise.resolve(update);
    },
    REPLAY,
  ],
  [
    "an update is signed for another second",
    bent(
      ({ owner }) => [{ revoke: owner, by: owner }],
      (update) => {
        update.clientTimestampNs += 1_000_000_000n;
      },
    ),
    MISSING,
  ],
  [
    "an action is exchanged after it was signed",
    bent(
      ({ owner, phone }) => [{ revoke: phone, by: owner }],
      ({ actions }) => {
        const kind = actions[0]?.kind;
        if (kind?.case === "revoke" && kind.value.memberToRevoke) {
          kind.value.memberToRevoke.kind = { case: "installationPublicKey", value: newKey() };
        }
      },
    ),
    MISSING,
  ],
  [
    "a signature is left out",
    bent(
      ({ owner, thiefPhone }) => [{ add: thiefPhone, by: owner }],
      (update) => {
        delete addOf(update).existingMemberSignature;
      },
    ),
    SIGNATURE_MISSING,
  ],
  [
    "a signature is of no kind",
    bent(
      ({ owner, thiefPhone }) => [{ add: thiefPhone, by: owner }],
      (update) => {
        const { newMemberSignature } = addOf(update);
        if (newMemberSignature) newMemberSignature.signature = { case: undefined };
      },
    ),
    missing("signature", "signature::Signature"),
  ],
  [
    "an action is of no kind, and is told before what is wrong with the others",
    bent(
      ({ owner, thiefPhone }) => [{ add: thiefPhone, by: owner }],
      (update) => {
        delete addOf(update).newMemberSignature;
        update.actions.push(create(associations.IdentityActionSchema));
      },
    ),
    missing("action", "identity_action::Kind"),
  ],
  [
    "the newcomer is left out",
    bent(
      ({ owner, thiefPhone }) => [{ add: thiefPhone, by: owner }],
      (update) => {
        delete addOf(update).newMemberIdentifier;
      },
    ),
    missing("member_identifier", "MemberIdentifier"),
  ],
  [
    "the newcomer is of no kind",
    bent(
      ({ owner, thiefPhone }) => [{ add: thiefPhone, by: owner }],
      (update) => {
        addOf(update).newMemberIdentifier = create(associations.MemberIdentifierSchema);
      },
    ),
    missing("member_identifier", "member_identifier::Kind"),
  ],
  [
    "whoever is revoked is left out",
    bent(
      ({ owner, phone }) => [{ revoke: phone, by: owner }],
      ({ actions }) => {
        const kind = actions[0]?.kind;
        if (kind?.case === "revoke") delete kind.value.memberToRevoke;
      },
    ),
    missing("member_to_revoke", "MemberIdentifier"),
  ],
  [
    "a signature is empty",
    bent(
      ({ owner, thiefPhone }) => [{ add: thiefPhone, by: owner }],
      (update) => {
        const signature = addOf(update).existingMemberSignature?.signature;
        if (signature?.case === "erc191") signature.value.bytes = new Uint8Array();
      },
    ),
    "Signature validation failed",
  ],
];

/** Keys that were members once. */
const revoked: readonly (readonly [string, Attempt, string | RegExp])[] = [
  ["the update that let it in is sent again", ({ letIn }) => Promise.resolve(letIn), REPLAY],
  [
    "its old signature is used in a new update",
    async (scene) => {
      const update = await makeUpdate(scene.id, [{ add: scene.laptop, by: scene.owner }]);
      const old = addOf(scene.letIn).newMemberSignature;
      if (old) addOf(update).newMemberSignature = old;
      return update;
    },
    BAD_KEY_SIGNATURE,
  ],
  ["a thief lets it in", drafts(({ laptop, thief }) => [{ add: laptop, by: thief }]), MISSING],
  [
    "another installation lets it in",
    drafts(({ laptop, phone }) => [{ add: laptop, by: phone }]),
    /not allowed to add/,
  ],
  ["it adds a wallet", drafts(({ laptop }) => [{ add: wallet(), by: laptop }]), MISSING],
  ["it adds itself", drafts(({ laptop }) => [{ add: laptop, by: laptop }]), /tried to add self/],
  [
    "the revoked account adds an installation",
    drafts(({ account }) => [{ add: installation(), by: account }]),
    MISSING,
  ],
];

/** Runs one attempt, and shows that the inbox is as it was: its log, its accounts, and that its owner still rules. */
async function refused(rig: Rig, scene: Scene, attempt: Attempt, text: string | RegExp): Promise<void> {
  const identityUpdate = await attempt(scene, rig);
  const accounts = [scene.owner, scene.account, scene.thief].map((one) => one.text);
  const look = async () => ({
    rows: await counts(rig),
    log: (await updatesOf(rig, scene.id)).map(({ sequenceId }) => sequenceId),
    inboxes: await inboxIds(rig, ...accounts),
  });
  const before = await look();
  const outcome = await rig.raw.call(publishIdentityUpdate, { identityUpdate });
  expect(outcome.status, outcome.message).toBe(Code.INVALID_ARGUMENT);
  if (typeof text === "string") expect(outcome.message).toBe(text);
  else expect(outcome.message).toMatch(text);
  expect(await look()).toEqual(before);
  await publish(rig, scene.id, { add: installation(), by: scene.owner });
}

const table = attempts.map(([name, attempt, text]): Case => ({
  name: `no hijack: ${name}`,
  run: async (rig) => refused(rig, await newScene(rig), attempt, text),
}));

const ofRevoked = revoked.map(([name, attempt, text]): Case => ({
  name: `a revoked key stays out: ${name}`,
  run: async (rig) => {
    const scene = await newScene(rig);
    await publish(
      rig,
      scene.id,
      { revoke: scene.laptop, by: scene.owner },
      { revoke: scene.account, by: scene.owner },
    );
    await refused(rig, scene, attempt, text);
  },
}));

type Signature = associations.Signature["signature"];

/** Signatures of an update that cannot hold: the text is that of the library which reads the bytes, in its order. */
const broken: readonly (readonly [string, (existing: Signature, added: Signature) => void, string])[] = [
  ["a wallet's signature of 64 bytes", (a) => resize(a, 64), "expected exactly 65 bytes"],
  ["a wallet's signature of 66 bytes", (a) => resize(a, 66), "Signature validation failed"],
  [
    "a wallet's signature of zeros",
    (a) => bytesOf(a).fill(0, 0, 64),
    "ed25519 Signature failed signature error",
  ],
  ["a wallet's signature by no point of the curve", (a) => offCurve(bytesOf(a)), "signature error"],
  ["a wallet's recovery byte of 5", (a) => bytesOf(a).fill(5, 64), "invalid parity: 5"],
  ["a key's signature of 63 bytes", (_, b) => resize(b, 63), "could not convert slice to array"],
  [
    "a key's signature whose scalar is too large",
    (_, b) => bytesOf(b).fill(0xff, 32),
    "ed25519 Signature failed signature error: Cannot use scalar with high-bit set",
  ],
  ["a key's signature of another text", (_, b) => bytesOf(b).fill(1, 0, 1), BAD_KEY_SIGNATURE],
  [
    "a key of 31 bytes",
    (_, b) => rekey(b, newKey().subarray(1)),
    "signature error: VerifyingKey must be 32 bytes in length",
  ],
  [
    "a key that is not a point of the curve",
    // y = 2 has no x on edwards25519.
    (_, b) => rekey(b, Uint8Array.of(2, ...new Uint8Array(31))),
    "signature error: Cannot decompress Edwards point",
  ],
  [
    "both broken: the newcomer's is read first",
    (a, b) => {
      resize(a, 64);
      bytesOf(b).fill(1, 0, 1);
    },
    BAD_KEY_SIGNATURE,
  ],
  [
    "a key that cannot be one, and a wallet's signature cut short: keys are read before any signature",
    (a, b) => {
      resize(a, 64);
      rekey(b, new Uint8Array());
    },
    "signature error: VerifyingKey must be 32 bytes in length",
  ],
];

function bytesOf(signature: Signature): Uint8Array {
  if (signature.case === "erc191" || signature.case === "installationKey") return signature.value.bytes;
  throw new Error(`A signature of a wallet or an installation is needed, not ${signature.case ?? "none"}.`);
}

/** The first r from 1 on that is no point's x on secp256k1: r³ + 7 has no square root. Fixed, as 5 is. */
function offCurve(bytes: Uint8Array): void {
  bytes.fill(0, 0, 32);
  bytes[31] = 5;
}

function resize(signature: Signature, length: number): void {
  const bytes = new Uint8Array(length);
  bytes.set(bytesOf(signature).subarray(0, length));
  if (signature.case === "erc191" || signature.case === "installationKey") signature.value.bytes = bytes;
}

function rekey(signature: Signature, publicKey: Uint8Array): void {
  if (signature.case === "installationKey") signature.value.publicKey = publicKey;
}

const ofBroken = broken.map(([name, bend, text]): Case => ({
  name: `a signature that cannot hold: ${name}`,
  run: async (rig) => {
    const attempt = bent(
      ({ owner, thiefPhone }) => [{ add: thiefPhone, by: owner }],
      (update) => {
        const { existingMemberSignature, newMemberSignature } = addOf(update);
        if (existingMemberSignature && newMemberSignature) {
          bend(existingMemberSignature.signature, newMemberSignature.signature);
        }
      },
    );
    await refused(rig, await newScene(rig), attempt, text);
  },
}));

export const identityRefusals: readonly Case[] = [
  ...refusals(publishIdentityUpdate, [
    { name: "no update", request: () => ({}), code: Code.UNKNOWN, text: "IdentityUpdate is required" },
    {
      name: "an inbox id that is not hex",
      request: () => ({ identityUpdate: { inboxId: "zz" } }),
      code: Code.UNKNOWN,
      text: 'ERROR: invalid hexadecimal digit: "z" (SQLSTATE 22023)',
    },
    {
      name: "half a byte of an inbox id",
      request: () => ({ identityUpdate: { inboxId: "abc" } }),
      code: Code.UNKNOWN,
      text: "ERROR: invalid hexadecimal data: odd number of digits (SQLSTATE 22023)",
    },
    {
      name: "white space within a byte of an inbox id",
      request: () => ({ identityUpdate: { inboxId: "ab c d" } }),
      code: Code.UNKNOWN,
      text: 'ERROR: invalid hexadecimal digit: " " (SQLSTATE 22023)',
    },
    {
      name: "a NUL in an inbox id, before anything is decoded",
      request: () => ({ identityUpdate: { inboxId: "zz\0" } }),
      code: Code.UNKNOWN,
      text: 'ERROR: invalid byte sequence for encoding "UTF8": 0x00 (SQLSTATE 22021)',
    },
    {
      name: "an update of nothing for an inbox that does not exist",
      request: () => ({ identityUpdate: { inboxId: newKey().toString("hex") } }),
      code: Code.INVALID_ARGUMENT,
      text: "XID not yet created",
    },
    {
      name: "an update without creation for an inbox that does not exist",
      request: async () => ({
        identityUpdate: await makeUpdate(newKey().toString("hex"), [{ add: installation(), by: wallet() }]),
      }),
      code: Code.INVALID_ARGUMENT,
      text: "XID not yet created",
    },
    {
      name: "a creation under another id than its own",
      request: async () => ({
        identityUpdate: await makeUpdate(newKey().toString("hex"), [{ create: wallet() }]),
      }),
      code: Code.INVALID_ARGUMENT,
      text: "Wrong inbox_id specified on association",
    },
    {
      name: "a creation with another nonce than its id has",
      request: async () => {
        const owner = wallet();
        return { identityUpdate: await makeUpdate(inboxOf(owner, 1n), [{ create: owner, nonce: 2n }]) };
      },
      code: Code.INVALID_ARGUMENT,
      text: "Wrong inbox_id specified on association",
    },
    {
      name: "a creation in somebody else's name",
      request: async () => {
        const owner = wallet();
        return { identityUpdate: await makeUpdate(inboxOf(owner), [{ create: wallet(), as: owner }]) };
      },
      code: Code.INVALID_ARGUMENT,
      text: MISSING,
    },
    {
      name: "two creations at once",
      request: async () => {
        const owner = wallet();
        return { identityUpdate: await makeUpdate(inboxOf(owner), [{ create: owner }, { create: owner }]) };
      },
      code: Code.INVALID_ARGUMENT,
      text: MULTIPLE,
    },
    {
      name: "an owner whose address is not an address",
      request: async () => {
        const owner = { ...wallet(), text: "0x12" };
        const inboxId = newKey().toString("hex");
        return { identityUpdate: await makeUpdate(inboxId, [{ create: owner }]) };
      },
      code: Code.INVALID_ARGUMENT,
      text: MISSING,
    },
    {
      name: "an installation key that signed in another context",
      request: async () => {
        const owner = wallet();
        const update = [{ create: owner }, { add: installation("ANOTHER SIGNATURE"), by: owner }];
        return { identityUpdate: await makeUpdate(inboxOf(owner), update) };
      },
      code: Code.INVALID_ARGUMENT,
      text: BAD_KEY_SIGNATURE,
    },
    ...(
      [
        ["another challenge", { challenge: "YWJj" }, "client_data is invalid"],
        ["client data that is not JSON", { clientDataJson: "{" }, "client_data is invalid"],
        ["a key of another size", { publicKey: new Uint8Array(64) }, "Invalid public key"],
      ] as const
    ).map(([name, bend, text]) => ({
      name: `a passkey with ${name}`,
      request: async () => {
        const key = passkey(bend);
        return { identityUpdate: await makeUpdate(inboxOf(key), [{ create: key }]) };
      },
      code: Code.INVALID_ARGUMENT,
      text,
    })),
  ]),
  ...table,
  ...ofRevoked,
  ...ofBroken,
  ...refusals(publishIdentityUpdate, [
    {
      name: "an account of a wallet that is not an account",
      request: async () => {
        const owner = contract(wallet(), "", 1);
        const update = await makeUpdate(newKey().toString("hex"), [{ create: owner }]);
        const kind = update.actions[0]?.kind;
        const signature =
          kind?.case === "createInbox" ? kind.value.initialIdentifierSignature?.signature : undefined;
        if (signature?.case === "erc6492") signature.value.accountId = "";
        return { identityUpdate: update };
      },
      code: Code.INVALID_ARGUMENT,
      text: "type account_id has invalid length. expected 3 got 1",
    },
    {
      name: "an account of a wallet whose address is empty",
      request: async () => {
        const owner = contract(wallet(), "", 1);
        return { identityUpdate: await makeUpdate(newKey().toString("hex"), [{ create: owner }]) };
      },
      code: Code.INVALID_ARGUMENT,
      text: "type eth account_id invalid. expected well-formed chain_id & address, got eip155:1:",
    },
  ]),
  {
    name: "no hijack: the old recovery is worth nothing once it has been changed",
    run: async (rig) => {
      const scene = await newScene(rig);
      await publish(rig, scene.id, { recovery: scene.account, by: scene.owner });
      const attempt = drafts(({ owner, phone }) => [{ revoke: phone, by: owner }]);
      await refused(rig, scene, attempt, MISSING);
      await publish(rig, scene.id, { revoke: scene.phone, by: scene.account });
    },
  },
  {
    name: "a key from before inboxes creates its wallet's first inbox, and no other; there it signs once",
    run: async (rig) => {
      const key = delegated();
      const first = { create: key, nonce: 0n };
      const send = async (id: string, draft: Draft) =>
        rig.raw.call(publishIdentityUpdate, { identityUpdate: await makeUpdate(id, [draft]) });
      const elsewhere = "Legacy key is only allowed to be associated using a legacy signature with nonce 0";
      expect(await send(inboxOf(key), { create: key })).toMatchObject({ message: elsewhere });
      await publish(rig, inboxOf(key, 0n), first);
      expect(await inboxIds(rig, key.text)).toEqual([inboxOf(key, 0n)]);
      expect(await send(inboxOf(key, 0n), { add: installation(), by: key })).toMatchObject({
        status: Code.INVALID_ARGUMENT,
        message: REPLAY,
      });
    },
  },
  {
    name: "a revoked key comes back only by its own new signature and a member's",
    run: async (rig) => {
      const { id, owner, laptop } = await newScene(rig);
      await publish(rig, id, { revoke: laptop, by: owner });
      await publish(rig, id, { add: laptop, by: owner });
      expect(await updatesOf(rig, id)).toHaveLength(5);
    },
  },
  {
    name: "no hijack: a contract wallet signs on the chain that it came in by",
    embeddedOnly: "the wallet exists in the node's registry, on no chain",
    run: async (rig) => {
      const key = wallet();
      const address = `0x${newKey().toString("hex").slice(0, 40)}`;
      await rig.node?.addSmartContractWallet({ account: address, owner: key.text });
      const on = (chainId: number) => contract(key, address, chainId);
      const id = inboxOf(on(1));
      const phone = installation();
      await publish(rig, id, { create: on(1) }, { add: phone, by: on(1) });
      for (const draft of [
        { add: installation(), by: on(8453) },
        { revoke: phone, by: on(8453) },
        { recovery: key, by: on(8453) },
      ]) {
        const identityUpdate = await makeUpdate(id, [draft]);
        expect(await rig.raw.call(publishIdentityUpdate, { identityUpdate })).toMatchObject({
          status: Code.INVALID_ARGUMENT,
          message: "Wrong chain id. Initially added with 1 but now signing from 8453",
        });
      }
      const stolen = contract(wallet(), address, 1);
      const identityUpdate = await makeUpdate(id, [{ revoke: phone, by: stolen }]);
      expect(await rig.raw.call(publishIdentityUpdate, { identityUpdate })).toMatchObject({
        status: Code.INVALID_ARGUMENT,
        message: "Signature validation failed",
      });
      expect(await updatesOf(rig, id)).toHaveLength(1);
    },
  },
];

function addOf({ actions }: Update): associations.AddAssociation {
  const add = actions.map(({ kind }) => kind).find((kind) => kind.case === "add");
  if (!add) throw new Error("The update adds nobody.");
  return add.value;
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The same ECDSA signature with its other s. */
function flipS(signature: associations.Signature | undefined): void {
  if (signature?.signature.case !== "erc191") throw new Error("A wallet's signature is needed.");
  const { bytes } = signature.signature.value;
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32, 64)).toString("hex")}`);
  bytes.set(Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex"), 32);
}
