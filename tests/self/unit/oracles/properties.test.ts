/**
 * Random histories: each oracle's verdict equals that of a slow, obvious reference, written from the rule and
 * sharing nothing with the oracle but the event types.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  convergence,
  exactlyOnce,
  noForeign,
  noLoss,
  orderPerConversation,
  orderPerSender,
} from "../../../../src/oracles/index.js";
import type { LedgerEvent, ReceiveEvent, SendEvent } from "../../../../src/ledger/events.js";
import { conversation, LedgerBuilder } from "./ledger-builder.js";
import { snapshot } from "./snapshot-builder.js";

const names = ["alice", "bob", "carol"] as const;
const runs = { numRuns: 150, seed: 20261123 };

/** Few names and texts, so that coincidences are common. */
const send = fc.record({
  who: fc.constantFrom("alice", "alice", "bob"),
  text: fc.constantFrom("x", "y", "z"),
  outcome: fc.constantFrom("ok", "ok", "ok", "ok", "failed", "unknown", "pending" as const),
  /** Some sends overlap the next one. */
  lasts: fc.constantFrom(1, 1, 1, 2, 3),
});
const delivery = fc.record({
  which: fc.nat(4),
  sender: fc.constantFrom("same", "same", "same", "same", "same", "same", "mallory"),
  id: fc.constantFrom("same", "same", "same", "same", "same", "new"),
  source: fc.constantFrom("stream", "stream", "stream", "gap" as const),
});
const faithful = [0, 1, 2, 3, 4].map((which) => ({
  which,
  sender: "same",
  id: "same",
  source: "stream" as const,
}));
/** What one worker receives: everything in order, a part of it in some order, or anything. */
const deliveries = fc.oneof(
  fc.constant(faithful),
  fc.shuffledSubarray(faithful),
  fc.array(delivery, { maxLength: 8 }),
);

const history = fc
  .record({ sends: fc.array(send, { maxLength: 5 }), received: fc.tuple(deliveries, deliveries, deliveries) })
  .map(({ sends, received }) => {
    const ledger = new LedgerBuilder();
    for (const name of names) ledger.stream(name, "live");
    const sent = sends.map(({ who, text, outcome, lasts }, index) => {
      const now = 100 + index * 2;
      const values = { messageId: `m${index}`, outcome: outcome as "ok", endedAt: now + lasts };
      return ledger.at(now).send(who, text, values);
    });
    for (const [index, worker] of names.entries()) {
      for (const { which, sender, id, source } of received[index] ?? []) {
        const of = sent[which];
        if (!of || of.worker === worker) continue;
        const messageId = `${of.messageId}${id === "same" ? "" : " again"}`;
        ledger.receive(worker, of.payload.text, sender === "same" ? of.worker : sender, {
          messageId,
          source: source as "gap",
        });
      }
    }
    return ledger.events;
  });

/** Messages of alice as her own stream and bob's have them: few copies, with one of two times of sending. */
const time = fc.constantFrom("1", "2");
const streamedCopies = fc
  .array(fc.record({ own: fc.array(time, { maxLength: 2 }), others: fc.array(time, { maxLength: 3 }) }), {
    maxLength: 3,
  })
  .map((messages) => {
    const ledger = new LedgerBuilder();
    for (const [index, { own, others }] of messages.entries()) {
      const text = `m${index}`;
      ledger.send("alice", text);
      for (const sentAtNs of own) ledger.receive("alice", text, "alice", { sentAtNs });
      for (const sentAtNs of others) ledger.receive("bob", text, "alice", { sentAtNs });
    }
    return ledger.events;
  });

const memberships = names.map((name) => ({
  conversationId: conversation,
  inboxId: `inbox-${name}`,
  since: 0,
}));

function split(events: readonly LedgerEvent[]): { sends: SendEvent[]; receives: ReceiveEvent[] } {
  return {
    sends: events.filter((one) => one.kind === "send"),
    receives: events.filter((one) => one.kind === "receive"),
  };
}

function first(receives: readonly ReceiveEvent[], worker: string): ReceiveEvent[] {
  const own = receives.filter((one) => one.worker === worker && one.source === "stream");
  return own.filter((one, index) => own.findIndex((other) => other.messageId === one.messageId) === index);
}

const reference = {
  exactlyOnce: (events: readonly LedgerEvent[]): string => {
    const { sends, receives } = split(events);
    if (receives.length === 0) return "inconclusive";
    for (const one of receives) {
      const copies = receives.filter(
        (other) => other.worker === one.worker && other.messageId === one.messageId,
      );
      if (copies.filter((other) => other.source === "stream").length > 1) return "fail";
      const same = (sender: string, hash: string): boolean =>
        sender === one.senderInboxId && hash === one.payload.hash;
      const allowed = sends.filter(
        (send) => send.outcome !== "failed" && same(send.inboxId, send.payload.hash),
      );
      const ids = receives
        .filter((other) => other.worker === one.worker && same(other.senderInboxId, other.payload.hash))
        .map((other) => other.messageId);
      if (allowed.length > 0 && new Set(ids).size > allowed.length) return "fail";
    }
    return "pass";
  },
  exactlyOnceButRepublished: (events: readonly LedgerEvent[]): string => {
    const { receives } = split(events);
    if (receives.length === 0) return "inconclusive";
    const excused = (copy: ReceiveEvent): boolean =>
      receives.some(
        (own) => own.worker === "alice" && own.messageId === copy.messageId && own.sentAtNs !== copy.sentAtNs,
      );
    for (const one of receives) {
      const copies = receives.filter(
        (other) => other.worker === one.worker && other.messageId === one.messageId,
      );
      if (copies.length > 2 || (copies.length > 1 && !copies.every(excused))) return "fail";
    }
    return "pass";
  },
  noLoss: (events: readonly LedgerEvent[]): string => {
    const { sends, receives } = split(events);
    const owed = sends.filter((send) => send.outcome === "ok");
    if (owed.length === 0) return "inconclusive";
    const met = owed.every((send) =>
      names
        .filter((name) => name !== send.worker)
        .every((name) => receives.some((one) => one.worker === name && one.messageId === send.messageId)),
    );
    return met ? "pass" : "fail";
  },
  noForeign: (events: readonly LedgerEvent[]): string => {
    const { sends, receives } = split(events);
    if (receives.length === 0) return "inconclusive";
    const firsts = receives.filter(
      (one, index) =>
        receives.findIndex((other) => other.worker === one.worker && other.messageId === one.messageId) ===
        index,
    );
    const known = (one: ReceiveEvent): boolean =>
      sends.some(
        (send) =>
          send.messageId === one.messageId && send.inboxId === one.senderInboxId && send.outcome !== "failed",
      );
    return firsts.every(known) ? "pass" : "fail";
  },
  orderPerSender: (events: readonly LedgerEvent[]): string => {
    const { sends, receives } = split(events);
    let pairs = 0;
    let wrong = 0;
    for (const name of names) {
      const seen = first(receives, name);
      for (const [index, late] of seen.entries()) {
        for (const early of seen.slice(0, index)) {
          const a = sends.find((send) => send.messageId === late.messageId);
          const b = sends.find((send) => send.messageId === early.messageId);
          if (a?.worker === undefined || a.worker !== b?.worker) continue;
          pairs += 1;
          if (a.outcome === "ok" && (a.endedAt ?? Infinity) <= b.at) wrong += 1;
        }
      }
    }
    if (pairs === 0) return "inconclusive";
    return wrong > 0 ? "fail" : "pass";
  },
  orderPerConversation: (events: readonly LedgerEvent[]): string => {
    const { receives } = split(events);
    const orders = names.map((name) => first(receives, name).map((one) => one.messageId));
    let pairs = 0;
    for (const one of orders) {
      for (const other of orders) {
        if (one === other) continue;
        for (const x of one) {
          for (const y of one.slice(one.indexOf(x) + 1)) {
            if (!other.includes(x) || !other.includes(y)) continue;
            pairs += 1;
            if (other.indexOf(y) < other.indexOf(x)) return "fail";
          }
        }
      }
    }
    return pairs === 0 ? "inconclusive" : "pass";
  },
};

describe("every oracle agrees with its reference on random histories", () => {
  const check = (
    oracle: (events: readonly LedgerEvent[]) => { readonly status: string },
    slow: (events: readonly LedgerEvent[]) => string,
    histories: fc.Arbitrary<LedgerEvent[]> = history,
  ): Set<string> => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(histories, (events) => {
        const verdict = slow(events);
        seen.add(verdict);
        expect(oracle(events).status).toBe(verdict);
      }),
      runs,
    );
    return seen;
  };
  const all = new Set(["pass", "fail", "inconclusive"]);

  it("exactlyOnce", () => expect(check(exactlyOnce, reference.exactlyOnce)).toEqual(all));
  it("exactlyOnce, where republished messages are allowed", () => {
    const allowing = (events: readonly LedgerEvent[]) => exactlyOnce(events, { republished: "allow" });
    expect(check(allowing, reference.exactlyOnceButRepublished, streamedCopies)).toEqual(all);
  });
  it("noLoss", () => {
    expect(check((events) => noLoss(events, { memberships, asOf: 1e6 }), reference.noLoss)).toEqual(all);
  });
  it("noForeign", () => expect(check(noForeign, reference.noForeign)).toEqual(all));
  it("orderPerSender", () => expect(check(orderPerSender, reference.orderPerSender)).toEqual(all));
  it("orderPerConversation", () => {
    expect(check(orderPerConversation, reference.orderPerConversation)).toEqual(all);
  });
});

describe("convergence agrees with comparing every two installations", () => {
  const view = fc.record({
    epoch: fc.constantFrom(1, 1, 1, 1, 1, 2),
    active: fc.constantFrom(true, true, true, true, true, false),
    name: fc.constantFrom("n", "n", "n", "n", "n", "m"),
    texts: fc.constantFrom(["a", "b"], ["a", "b"], ["a", "b"], ["b", "a"], ["a"]),
    fork: fc.constantFrom("healthy", "healthy", "healthy", "healthy", "unknown", "forked" as const),
  });

  it("convergence", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(view, { maxLength: 3 }), (views) => {
        const snapshots = views.map(({ epoch, active, name, texts, fork }, index) =>
          snapshot(names[index] ?? "zoe", texts, {
            epoch,
            active,
            metadata: { name },
            fork: fork as "healthy",
          }),
        );
        const same = views.every((one) =>
          views.every(
            (other) => JSON.stringify({ ...one, fork: "" }) === JSON.stringify({ ...other, fork: "" }),
          ),
        );
        const has = (fork: string): boolean => views.some((one) => one.fork === fork);
        const verdict =
          views.length < 2
            ? "inconclusive"
            : !same || has("forked")
              ? "fail"
              : has("unknown")
                ? "inconclusive"
                : "pass";
        seen.add(verdict);
        expect(convergence(snapshots).status).toBe(verdict);
      }),
      runs,
    );
    expect(seen).toEqual(new Set(["pass", "fail", "inconclusive"]));
  });
});
