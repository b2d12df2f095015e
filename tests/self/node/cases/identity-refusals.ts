import { clone } from "@bufbuild/protobuf";
import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { associations, identity } from "#src/network/proto/index.js";
import {
  contract,
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
    /./,
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
    /./,
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
    /./,
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
    /./,
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

export const identityRefusals: readonly Case[] = [
  ...refusals(publishIdentityUpdate, [
    { name: "no update", request: () => ({}), code: Code.UNKNOWN, text: "IdentityUpdate is required" },
    {
      name: "an inbox id that is not hex",
      request: () => ({ identityUpdate: { inboxId: "zz" } }),
      code: Code.UNKNOWN,
      text: /invalid hexadecimal digit: "z"/,
    },
    {
      name: "half a byte of an inbox id",
      request: () => ({ identityUpdate: { inboxId: "abc" } }),
      code: Code.UNKNOWN,
      text: /odd number of digits/,
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
      text: /./,
    },
    {
      name: "an installation key that signed in another context",
      request: async () => {
        const owner = wallet();
        const update = [{ create: owner }, { add: installation("ANOTHER SIGNATURE"), by: owner }];
        return { identityUpdate: await makeUpdate(inboxOf(owner), update) };
      },
      code: Code.INVALID_ARGUMENT,
      text: /./,
    },
    ...(
      [
        ["another challenge", { challenge: "YWJj" }],
        ["client data that is not JSON", { clientDataJson: "{" }],
        ["a key of another size", { publicKey: new Uint8Array(64) }],
      ] as const
    ).map(([name, bend]) => ({
      name: `a passkey with ${name}`,
      request: async () => {
        const key = passkey(bend);
        return { identityUpdate: await makeUpdate(inboxOf(key), [{ create: key }]) };
      },
      code: Code.INVALID_ARGUMENT,
      text: /./,
    })),
  ]),
  ...table,
  ...ofRevoked,
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
