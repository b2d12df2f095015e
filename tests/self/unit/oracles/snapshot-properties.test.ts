/** Random snapshots: forks and what databases lack, judged by the oracles and by slow references. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { forkStatus, noLossInDatabase } from "../../../../src/oracles/index.js";
import type { Membership } from "../../../../src/oracles/index.js";
import type { SendEvent } from "../../../../src/ledger/events.js";
import { conversation, LedgerBuilder } from "./ledger-builder.js";
import { snapshot } from "./snapshot-builder.js";

const runs = { numRuns: 300, seed: 20261123 };
const names = ["alice", "bob", "carol", "dave"] as const;
const all = new Set(["pass", "fail", "inconclusive"]);

const view = fc.record({
  known: fc.constantFrom(true, true, true, true, true, true, false),
  epoch: fc.constantFrom(3, 3, 3, 4),
  fork: fc.constantFrom("healthy", "healthy", "healthy", "unknown", "unknown", "unknown", "forked" as const),
  authenticator: fc.constantFrom("aaa", "aaa", "aaa", "aaa", "aaa", "bbb", "ccc", undefined),
});
const change = fc.record({ who: fc.constantFrom(...names), left: fc.boolean() });

it("forkStatus: by its own word, and by epoch authenticators that outvote or vouch for it", () => {
  const seen = new Set<string>();
  const why = new Set<string>();
  fc.assert(
    fc.property(fc.array(view, { maxLength: 4 }), fc.array(change, { maxLength: 4 }), (views, changes) => {
      const ledger = new LedgerBuilder();
      for (const { who, left } of changes)
        ledger.update("alice", "alice", { [left ? "removedInboxIds" : "addedInboxIds"]: [`inbox-${who}`] });
      const snapshots = views.map(({ known, epoch, fork, authenticator }, index) =>
        snapshot(names[index] ?? "", [], {
          known,
          epoch,
          fork: fork as "healthy",
          ...(authenticator !== undefined && { epochAuthenticator: authenticator }),
        }),
      );

      const known = views.map((one, index) => ({ ...one, name: names[index] })).filter((one) => one.known);
      const judged = known.map((one, index) => {
        const peers = known.filter((other) => other.epoch === one.epoch && other.authenticator !== undefined);
        const votes = (authenticator: string | undefined): number =>
          peers.filter((other) => other.authenticator === authenticator).length;
        const firstOf = (authenticator: string | undefined): number =>
          known.findIndex((other) => other.epoch === one.epoch && other.authenticator === authenticator);
        const mine = votes(one.authenticator);
        const outvoted =
          one.authenticator !== undefined &&
          peers.some(({ authenticator }) => {
            if (authenticator === one.authenticator) return false;
            const theirs = votes(authenticator);
            return theirs > mine || (theirs === mine && firstOf(authenticator) < firstOf(one.authenticator));
          });
        const others = known.filter((_, at) => at !== index);
        const camp = others.filter(
          (peer) => peers.includes(peer) && peer.authenticator === one.authenticator,
        );
        const vouched =
          one.authenticator !== undefined &&
          camp.length > 0 &&
          (camp.length === others.length || camp.some((peer) => peer.fork === "healthy"));
        const readded = changes.some(
          (back, at) =>
            back.who === one.name &&
            !back.left &&
            changes.slice(0, at).some((gone) => gone.who === one.name && gone.left),
        );
        if (outvoted) return { name: one.name, says: "outvoted" };
        if (one.fork === "forked") return { name: one.name, says: readded ? "doubtful" : "forked" };
        if (one.fork === "unknown") return { name: one.name, says: vouched ? "vouched" : "unknown" };
        return { name: one.name, says: "healthy" };
      });
      for (const { says } of judged) why.add(says);
      const offenders = judged.filter(({ says }) => says === "forked" || says === "outvoted");
      const open =
        judged.length === 0 || judged.some(({ says }) => says === "doubtful" || says === "unknown");
      const status = offenders.length > 0 ? "fail" : open ? "inconclusive" : "pass";
      seen.add(status);

      const verdict = forkStatus(snapshots, { events: ledger.events });
      const found = verdict.status === "fail" ? verdict.offenders.map((one) => one.worker) : [];
      expect([verdict.status, found]).toEqual([status, offenders.map((one) => one.name)]);
    }),
    runs,
  );
  expect(seen).toEqual(all);
  expect(why).toEqual(new Set(["outvoted", "forked", "doubtful", "unknown", "vouched", "healthy"]));
});

const stored = fc.record({
  who: fc.constantFrom("bob", "bob", "carol"),
  installation: fc.constantFrom("1", "1", "2"),
  conversationId: fc.constantFrom(conversation, conversation, conversation, "other"),
  has: fc.oneof(fc.constant<number[]>([0, 1, 2, 3]), fc.subarray<number>([0, 1, 2, 3])),
});
const sent = fc.record({
  outcome: fc.constantFrom("ok", "ok", "ok", "unknown", "failed", "pending"),
  named: fc.constantFrom(true, true, true, false),
  lasts: fc.constantFrom(1, 15),
});
const span = fc.record({
  who: fc.constantFrom("bob", "carol"),
  since: fc.constantFrom(0, 0, 0, 20, 100),
  until: fc.constantFrom(undefined, undefined, 31, 500),
});

it("noLossInDatabase: each acknowledged id is with every member of its time that already existed", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(sent, { maxLength: 4 }),
      fc.array(stored, { maxLength: 3 }),
      fc.array(span, { maxLength: 4 }),
      fc.constantFrom(undefined, 10, 15, 25),
      (sends, views, spans, made) => {
        const ledger = new LedgerBuilder();
        const second = { inboxId: "inbox-bob", installationId: "bob-2" };
        const secondMade = (now: number): void => {
          if (made !== undefined && made < now && !ledger.events.some((one) => one.kind === "lifecycle"))
            ledger.at(made).lifecycle("bob", "installation_added", "", second);
        };
        const written = sends.map(({ outcome, named, lasts }, index): SendEvent => {
          const now = 10 + index * 10;
          secondMade(now);
          const values = { outcome: outcome as "ok", endedAt: now + lasts };
          const nameless = named ? {} : { messageId: undefined as never };
          return ledger.at(now).send("alice", String(index), { ...values, ...nameless });
        });
        secondMade(1_000);
        const memberships = spans.map(({ who, since, until }): Membership => {
          const inboxId = `inbox-${who}`;
          return { conversationId: conversation, inboxId, since, ...(until !== undefined && { until }) };
        });
        const snapshots = views.map(({ who, installation, conversationId, has }) =>
          snapshot(who, has.map(String), { conversationId, installationId: `${who}-${installation}` }),
        );

        const missing: string[] = [];
        let asked = 0;
        for (const { who, installation, conversationId, has } of views) {
          for (const [index, { outcome, named, lasts }] of sends.entries()) {
            const from = 10 + index * 10;
            const isMember = spans.some(
              (one) => one.who === who && one.since <= from && from + lasts <= (one.until ?? Infinity),
            );
            const existed = `${who}-${installation}` !== "bob-2" || made === undefined || made <= from;
            if (outcome !== "ok" || !named || conversationId !== conversation || !isMember || !existed)
              continue;
            asked += 1;
            if (!has.includes(index)) missing.push(`${who}-${installation} ${written[index]?.messageId}`);
          }
        }
        const status = missing.length > 0 ? "fail" : asked === 0 ? "inconclusive" : "pass";
        seen.add(status);
        const verdict = noLossInDatabase(ledger.events, snapshots, { memberships });
        const found = verdict.status === "fail" ? verdict.offenders : [];
        expect([verdict.status, found.map((one) => `${one.installationId} ${one.messageId}`)]).toEqual([
          status,
          missing,
        ]);
        if (verdict.status === "pass") expect(verdict.checked).toBe(asked);
      },
    ),
    runs,
  );
  expect(seen).toEqual(all);
});
