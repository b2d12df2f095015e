import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { associations, identity } from "#src/network/proto/index.js";
import { inboxOf, installation, makeUpdate, passkey, wallet } from "../../unit/network/identity-maker.js";
import type { Draft, Signer } from "../../unit/network/identity-maker.js";
import { newKey, refusals } from "../target.js";
import type { Case, Rig } from "../target.js";

const { method } = identity.IdentityApi;

/** An inbox with its owner and first installation, registered with the node. */
export interface Inbox {
  readonly id: string;
  readonly owner: Signer;
  readonly phone: Signer;
}

export async function newInbox(rig: Rig, owner = wallet(), nonce = 1n): Promise<Inbox> {
  const phone = installation();
  const id = inboxOf(owner, nonce);
  await publish(rig, id, { create: owner, nonce }, { add: phone, by: owner });
  return { id, owner, phone };
}

/** Publishes an update that must be accepted, and gives it back. */
export async function publish(rig: Rig, inboxId: string, ...drafts: Draft[]) {
  const identityUpdate = await makeUpdate(inboxId, drafts);
  await rig.raw.ok(method.publishIdentityUpdate, { identityUpdate });
  return identityUpdate;
}

export async function updatesOf({ raw }: Rig, inboxId: string, sequenceId = 0n) {
  const { responses } = await raw.ok(method.getIdentityUpdates, { requests: [{ inboxId, sequenceId }] });
  return responses[0]?.updates ?? [];
}

export async function inboxIds({ raw }: Rig, ...identifiers: string[]): Promise<(string | undefined)[]> {
  const requests = identifiers.map((identifier) => ({ identifier }));
  return (await raw.ok(method.getInboxIds, { requests })).responses.map(({ inboxId }) => inboxId);
}

export const identityLog: readonly Case[] = [
  {
    name: "an update comes back as it was, with its place and the node's time; no update has another's place",
    run: async (rig) => {
      const inbox = await newInbox(rig);
      const second = await publish(rig, inbox.id, { add: wallet(), by: inbox.owner });
      const [created, added] = await updatesOf(rig, inbox.id);
      expect(added?.update).toMatchObject({ inboxId: inbox.id, clientTimestampNs: second.clientTimestampNs });
      expect(created?.update?.actions.map(({ kind }) => kind.case)).toEqual(["createInbox", "add"]);
      expect(Number(added?.sequenceId)).toBeGreaterThan(Number(created?.sequenceId));
      const ms = Number((added?.serverTimestampNs ?? 0n) / 1_000_000n);
      expect(Math.abs(ms - Date.now()), "clocks may differ").toBeLessThan(60_000);
    },
  },
  {
    name: "updates after a sequence id, per request and in its order; unknown inboxes have none",
    run: async (rig) => {
      const [a, b] = [await newInbox(rig), await newInbox(rig)];
      await publish(rig, a.id, { add: wallet(), by: a.owner });
      const unknown = newKey().toString("hex");
      const first = (await updatesOf(rig, a.id))[0]?.sequenceId ?? 0n;
      const { responses } = await rig.raw.ok(method.getIdentityUpdates, {
        requests: [{ inboxId: b.id }, { inboxId: unknown }, { inboxId: a.id, sequenceId: first }],
      });
      expect(responses.map(({ inboxId, updates }) => [inboxId, updates.length])).toEqual([
        [b.id, 1],
        [unknown, 0],
        [a.id, 1],
      ]);
      expect(await updatesOf(rig, a.id, 2n ** 63n - 1n)).toEqual([]);
      expect(await updatesOf(rig, a.id, 2n ** 64n - 1n), "negative in the database").toHaveLength(2);
      expect((await rig.raw.ok(method.getIdentityUpdates, {})).responses).toEqual([]);
    },
  },
  {
    name: "an inbox asked twice: both answers have what either request sees, and rows of both twice",
    run: async (rig) => {
      const { id, owner } = await newInbox(rig);
      await publish(rig, id, { add: wallet(), by: owner });
      const [first, second] = (await updatesOf(rig, id)).map(({ sequenceId }) => sequenceId);
      const ask = async (...cursors: (bigint | undefined)[]) => {
        const requests = cursors.map((sequenceId = 0n) => ({ inboxId: id, sequenceId }));
        const { responses } = await rig.raw.ok(method.getIdentityUpdates, { requests });
        return responses.map(({ updates }) => updates.map(({ sequenceId }) => sequenceId));
      };
      expect(await ask(first, 0n)).toEqual(Array(2).fill([first, second, second]));
      expect(await ask(second, second)).toEqual([[], []]);
    },
  },
  {
    name: "an inbox id in capitals is known to the log, but answered with nothing",
    run: async (rig) => {
      const { id } = await newInbox(rig);
      expect(await updatesOf(rig, id.toUpperCase())).toEqual(/[a-f]/.test(id) ? [] : expect.anything());
    },
  },
  ...refusals(method.getIdentityUpdates, [
    {
      name: "updates of an inbox id that is not hex",
      request: () => ({ requests: [{ inboxId: "zz" }] }),
      code: Code.UNKNOWN,
      text: 'ERROR: invalid hexadecimal digit: "z" (SQLSTATE 22023)',
    },
    {
      name: "updates of an inbox id with a NUL, before any id is decoded",
      request: () => ({ requests: [{ inboxId: "zz" }, { inboxId: "ab\0" }] }),
      code: Code.UNKNOWN,
      text: "ERROR: unsupported Unicode escape sequence (SQLSTATE 22P05)",
    },
  ]),
  {
    name: "an account resolves by exact match; its kind is neither used nor echoed",
    run: async (rig) => {
      const { id, owner, phone } = await newInbox(rig);
      const { ETHEREUM, PASSKEY, UNSPECIFIED } = associations.IdentifierKind;
      const shout = owner.text.toUpperCase();
      const { responses } = await rig.raw.ok(method.getInboxIds, {
        requests: [
          { identifier: owner.text, identifierKind: ETHEREUM },
          { identifier: owner.text, identifierKind: PASSKEY },
          { identifier: shout, identifierKind: ETHEREUM },
          { identifier: phone.text },
          { identifier: "" },
        ],
      });
      expect(responses.map(({ identifier, inboxId }) => [identifier, inboxId])).toEqual([
        [owner.text, id],
        [owner.text, id],
        [shout, undefined],
        [phone.text, undefined],
        ["", undefined],
      ]);
      expect(new Set(responses.map(({ identifierKind }) => identifierKind))).toEqual(new Set([UNSPECIFIED]));
      expect((await rig.raw.ok(method.getInboxIds, {})).responses).toEqual([]);
    },
  },
  {
    name: "a passkey registers, but never resolves",
    run: async (rig) => {
      const { id, owner } = await newInbox(rig, passkey());
      expect(await updatesOf(rig, id)).toHaveLength(1);
      expect(await inboxIds(rig, owner.text)).toEqual([undefined]);
    },
  },
  {
    name: "an account of two inboxes resolves to the newer link, and back once that is revoked",
    run: async (rig) => {
      const [first, second] = [await newInbox(rig), await newInbox(rig)];
      const shared = wallet();
      await publish(rig, first.id, { add: shared, by: first.owner });
      await publish(rig, second.id, { add: shared, by: second.owner });
      expect(await inboxIds(rig, shared.text)).toEqual([second.id]);
      await publish(rig, second.id, { revoke: shared, by: second.owner });
      expect(await inboxIds(rig, shared.text)).toEqual([first.id]);
      await publish(rig, second.id, { add: shared, by: second.owner });
      expect(await inboxIds(rig, shared.text), "linked anew").toEqual([second.id]);
      await publish(rig, second.id, { revoke: shared, by: second.owner });
      await publish(rig, first.id, { revoke: shared, by: first.owner });
      expect(await inboxIds(rig, shared.text)).toEqual([undefined]);
    },
  },
  {
    name: "an account that comes and goes within one update leaves no trace among the accounts",
    run: async (rig) => {
      const { id, owner } = await newInbox(rig);
      const passing = wallet();
      await publish(rig, id, { add: passing, by: owner }, { revoke: passing, by: owner });
      expect(await inboxIds(rig, passing.text)).toEqual([undefined]);
      expect(await updatesOf(rig, id)).toHaveLength(2);
    },
  },
  {
    name: "of the same registration sent five times at once, one wins",
    run: async (rig) => {
      const owner = wallet();
      const identityUpdate = await makeUpdate(inboxOf(owner), [{ create: owner }]);
      const outcomes = await Promise.all(
        Array.from({ length: 5 }, () => rig.raw.call(method.publishIdentityUpdate, { identityUpdate })),
      );
      expect(outcomes.map(({ status }) => status).sort((a, b) => a - b)).toEqual([0, 3, 3, 3, 3]);
      expect(await updatesOf(rig, inboxOf(owner))).toHaveLength(1);
    },
  },
  {
    name: "an inbox takes more than 10 installations, and 256 updates; the 257th is refused",
    slow: true,
    run: async (rig) => {
      const { id, owner } = await newInbox(rig);
      for (let update = 2; update <= 256; update++) {
        await publish(rig, id, { add: installation(), by: owner });
      }
      const identityUpdate = await makeUpdate(id, [{ add: installation(), by: owner }]);
      expect(await rig.raw.call(method.publishIdentityUpdate, { identityUpdate })).toMatchObject({
        status: Code.UNKNOWN,
        message: "inbox log is full",
      });
      expect(await updatesOf(rig, id), "no page limit either").toHaveLength(256);
    },
  },
];
