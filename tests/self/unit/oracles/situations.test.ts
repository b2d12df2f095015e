/** Situations that real runs meet, each judged by every oracle that could get it wrong. */
import { describe, expect, it } from "vitest";
import {
  exactlyOnce,
  gapAfterReconnect,
  noForeign,
  noLoss,
  orderPerConversation,
  orderPerSender,
  stopGuarantee,
  streamGuarantee,
  verifyMessages,
  verifyResponses,
} from "../../../../src/oracles/index.js";
import type { Installation } from "../../../../src/oracles/index.js";
import { conversation, LedgerBuilder } from "./ledger-builder.js";

/** Asked when every stream has had its time. */
const later = { asOf: 1e6 };

function receiver(name: string): Installation {
  return { worker: name, inboxId: `inbox-${name}`, installationId: `${name}-1` };
}

function statuses(ledger: LedgerBuilder): Record<string, string> {
  const oracles = { exactlyOnce, noLoss, noForeign, orderPerSender, orderPerConversation };
  return Object.fromEntries(
    Object.entries(oracles).map(([name, oracle]) => [name, oracle(ledger.events).status]),
  );
}

describe("a message that was streamed and that the gap filling reads again", () => {
  function filled(...order: ("stream" | "gap")[]): LedgerBuilder {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.send("alice", "one");
    ledger.receive("bob", "one", "alice");
    ledger.stream("bob", "lost");
    ledger.send("alice", "two");
    ledger.send("alice", "three");
    ledger.stream("bob", "restart");
    for (const source of order) ledger.receive("bob", "two", "alice", { source });
    ledger.receive("bob", "three", "alice");
    ledger.receive("bob", "one", "alice", { source: "gap" });
    ledger.stream("bob", "gap_filled");
    return ledger;
  }

  it.each([[["stream", "gap"]], [["gap", "stream"]], [["gap"]]] as ("stream" | "gap")[][][])(
    "is one delivery, in its place: %s",
    (order) => {
      const ledger = filled(...order);
      expect(statuses(ledger)).toEqual({
        exactlyOnce: "pass",
        noLoss: "pass",
        noForeign: "pass",
        orderPerSender: "pass",
        orderPerConversation: "inconclusive",
      });
      expect(gapAfterReconnect(ledger.events).status).toBe("pass");
      expect(streamGuarantee(ledger.events).status).toBe("pass");
      const messages = ledger.events.filter((one) => one.kind === "send");
      const done = verifyMessages(ledger.events, [receiver("bob")], {
        conversationId: conversation,
        messages,
      });
      expect([done.receptionPercent, done.orderPercent, done.verdict.status]).toEqual([100, 100, "pass"]);
    },
  );

  it("tells an app that never reads the database what it would have missed", () => {
    expect(gapAfterReconnect(filled("gap").events, { by: "stream" })).toMatchObject({
      offenders: [{ kind: "only-in-database", messageId: "id-two" }],
    });
    expect(gapAfterReconnect(filled("gap", "stream").events, { by: "stream" }).status).toBe("pass");
  });

  it("does not excuse a second copy by the stream", () => {
    expect(exactlyOnce(filled("stream", "gap", "stream").events)).toMatchObject({
      offenders: [{ kind: "duplicate-id", messageId: "id-two" }],
    });
  });

  it("is not taken for a stream that goes on after its end", () => {
    const ledger = filled("gap");
    ledger.at(9_000).stream("bob", "ended");
    ledger.receive("bob", "two", "alice", { source: "gap" });
    expect(stopGuarantee(ledger.events).status).toBe("pass");
  });
});

describe("a send of which nobody knows whether it was stored", () => {
  const unknown = { outcome: "unknown", messageId: undefined as never } as const;

  it("is owed to nobody, and neither foreign nor a duplicate when it comes once", () => {
    const ledger = new LedgerBuilder().listening("bob", "carol");
    ledger.send("alice", "hi", unknown);
    expect(statuses(ledger)).toMatchObject({ noLoss: "inconclusive", exactlyOnce: "inconclusive" });
    ledger.receive("bob", "hi", "alice", { messageId: "stored" });
    expect(statuses(ledger)).toMatchObject({
      noLoss: "inconclusive",
      exactlyOnce: "pass",
      noForeign: "pass",
    });
  });

  it("is a duplicate when it was stored under two ids", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.send("alice", "hi", unknown);
    ledger.receive("bob", "hi", "alice", { messageId: "stored" });
    const again = ledger.receive("bob", "hi", "alice", { messageId: "stored again" });
    expect(exactlyOnce(ledger.events)).toMatchObject({
      offenders: [
        {
          kind: "duplicate-payload",
          detail: 'bob received "hi" (stored) from alice under 2 message ids for 1 send',
        },
      ],
    });
    expect(noForeign(ledger.events)).toMatchObject({ offenders: [{ kind: "unsent", seqs: [again.seq] }] });
  });

  it("leaves its resend, once acknowledged, owed under its own id", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.send("alice", "hi", unknown);
    ledger.send("alice", "hi", { messageId: "resent" });
    ledger.receive("bob", "hi", "alice", { messageId: "first" });
    expect(noLoss(ledger.events, later)).toMatchObject({
      offenders: [{ kind: "lost", messageId: "resent" }],
    });
    ledger.receive("bob", "hi", "alice", { messageId: "resent" });
    expect(statuses(ledger)).toMatchObject({ noLoss: "pass", exactlyOnce: "pass", noForeign: "pass" });
  });
});

describe("two installations of one inbox, of which one only streams", () => {
  const second: Installation = { worker: "alice-b", inboxId: "inbox-alice", installationId: "alice-2" };

  function twoInstallations(): LedgerBuilder {
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.stream("alice-b", "live", second);
    for (const text of ["one", "two"]) {
      ledger.send("alice", text);
      ledger.receive("alice", text, "alice");
      ledger.receive("bob", text, "alice");
    }
    return ledger;
  }

  it("counts what the other one sent as delivered to it, and its own echo as nothing", () => {
    const ledger = twoInstallations();
    for (const text of ["one", "two"]) ledger.receive("alice-b", text, "alice", second);
    expect(new Set(Object.values(statuses(ledger)))).toEqual(new Set(["pass"]));
    const messages = ledger.events.filter((one) => one.kind === "send");
    const of = (...receivers: Installation[]): unknown => {
      const done = verifyMessages(ledger.events, receivers, { conversationId: conversation, messages });
      return [done.receptionPercent, done.orderPercent, done.verdict.status];
    };
    expect(of(second, receiver("bob"))).toEqual([100, 100, "pass"]);
    expect(of(receiver("alice"))).toEqual([0, 0, "fail"]);
  });

  it("asks each for itself", () => {
    const ledger = twoInstallations();
    ledger.receive("alice-b", "two", "alice", second);
    expect(noLoss(ledger.events, later)).toMatchObject({
      offenders: [{ worker: "alice-b", messageId: "id-one" }],
    });
    expect(noLoss(ledger.events, later)).toHaveProperty("offenders.length", 1);
    ledger.receive("alice-b", "one", "alice", second);
    expect(orderPerSender(ledger.events)).toMatchObject({ offenders: [{ installationId: "alice-2" }] });
    expect(orderPerConversation(ledger.events).status).toBe("fail");
    expect(exactlyOnce(ledger.events).status).toBe("pass");
  });
});

describe("an installation that is made when its inbox is a member already", () => {
  const second = { inboxId: "inbox-bob", installationId: "bob-2" };

  function added(
    state: "created" | "installation_added" | "reinstalled" | "note" = "created",
  ): LedgerBuilder {
    const ledger = new LedgerBuilder();
    ledger.lifecycle("alice", "created");
    ledger.lifecycle("bob", "created");
    ledger.listening("bob");
    ledger.at(50).lifecycle("bob-b", state, "", second);
    ledger.at(60).stream("bob-b", "live", second);
    ledger.at(70).send("alice", "are you there?");
    ledger.at(80).receive("bob", "are you there?", "alice");
    return ledger;
  }

  it("owes nothing until it shows itself in the conversation", () => {
    for (const state of ["created", "installation_added", "reinstalled"] as const)
      expect(noLoss(added(state).events, later)).toMatchObject({ status: "pass", checked: 1 });
    expect(noLoss(added("note").events, later)).toMatchObject({ offenders: [{ worker: "bob-b" }] });
    const elsewhere = added();
    elsewhere.at(55).receive("bob-b", "x", "alice", { ...second, conversationId: "other" });
    elsewhere.stream("bob-b", "ended", { ...second, streamId: 7, streamType: "consent" as never });
    expect(noLoss(elsewhere.events, later).status).toBe("pass");
  });

  it("owes all from its first event there, or from the send of what it received first", () => {
    const joined = added();
    joined.at(65).receive("bob-b", "old", "alice", second);
    expect(noLoss(joined.events, later)).toMatchObject({ offenders: [{ worker: "bob-b" }] });
    const sending = added();
    sending.at(70).send("bob-b", "me too", { ...second, endedAt: 71 });
    sending.receive("bob", "me too", "bob");
    expect(noLoss(sending.events, later)).toMatchObject({ offenders: [{ worker: "bob-b" }] });
    const received = added();
    for (const text of ["first", "second"]) {
      received.send("alice", text);
      received.receive("bob", text, "alice");
    }
    expect(noLoss(received.events, later)).toMatchObject({ status: "pass", checked: 3 });
    received.receive("bob-b", "first", "alice", second);
    expect(noLoss(received.events, later)).toMatchObject({
      offenders: [{ worker: "bob-b", messageId: "id-second" }],
    });
    expect(noLoss(received.events, later)).toHaveProperty("offenders.length", 1);
  });

  it("owes all from when its conversation stream told of it", () => {
    const told = added();
    told.at(65).joined("bob-b");
    const joined = told.events.map((one) =>
      one.kind === "conversation" && one.worker === "bob-b" ? { ...one, ...second } : one,
    );
    expect(noLoss(joined, later)).toMatchObject({ offenders: [{ worker: "bob-b" }] });
  });

  it("is another matter than an inbox's first installation, which memberships given vouch for", () => {
    const ledger = new LedgerBuilder();
    ledger.at(10).lifecycle("bob", "created");
    ledger.stream("bob", "live");
    ledger.send("alice", "hi");
    const memberships = [{ conversationId: conversation, inboxId: "inbox-bob", since: 0 }];
    expect(noLoss(ledger.events, { ...later, memberships })).toMatchObject({
      offenders: [{ worker: "bob" }],
    });
  });

  it("owes all of a conversation that its inbox joined later", () => {
    const since = (
      at: number,
      values: { conversationId?: string; inboxId?: string; until?: number } = {},
    ): string => {
      const always = { conversationId: conversation, inboxId: "inbox-bob", since: 0 };
      const memberships = [always, { ...always, since: at, ...values }];
      return noLoss(added().events, { ...later, memberships }).status;
    };
    expect([since(49), since(50), since(70), since(71)]).toEqual(["pass", "fail", "fail", "pass"]);
    expect([since(50, { until: 70 }), since(50, { until: 69 })]).toEqual(["fail", "pass"]);
    expect(since(50, { conversationId: "other" })).toBe("pass");
    expect(since(50, { inboxId: "inbox-zoe" })).toBe("pass");
  });
});

describe('automatic "gm" answers', () => {
  const gm = (id: string): { messageId: string; automatic: boolean } => {
    return { messageId: id, automatic: true };
  };

  function answered(): LedgerBuilder {
    const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
    for (const text of ["one", "two"]) {
      ledger.send("alice", text);
      for (const name of ["bob", "carol"]) ledger.receive(name, text, "alice");
      for (const [name, other] of [
        ["bob", "carol"],
        ["carol", "bob"],
      ] as const) {
        const id = `gm-${name}-${text}`;
        ledger.send(name, "gm", gm(id));
        for (const to of ["alice", other]) ledger.receive(to, "gm", name, { messageId: id });
      }
    }
    return ledger;
  }

  it("are wanted sends like any other: as many as were sent, and each owed", () => {
    const ledger = answered();
    expect(new Set(Object.values(statuses(ledger)))).toEqual(new Set(["pass"]));
    ledger.receive("alice", "gm", "bob", { messageId: "gm-bob-once-more" });
    expect(statuses(ledger)).toMatchObject({ exactlyOnce: "fail", noForeign: "fail", noLoss: "pass" });
    const lost = answered();
    lost.send("bob", "gm", gm("gm-lost"));
    expect(noLoss(lost.events, later)).toMatchObject({
      offenders: [{ worker: "alice" }, { worker: "carol" }],
    });
  });

  it("are not foreign to a verification of the messages they answer, unless they are what is expected", () => {
    const ledger = answered();
    const sends = ledger.events.filter((one) => one.kind === "send");
    const verified = (messages: typeof sends, name = "carol"): unknown => {
      const done = verifyMessages(ledger.events, [receiver(name)], {
        conversationId: conversation,
        messages,
      });
      return [done.receptionPercent, done.verdict.status, done.receivers[0]?.foreign];
    };
    const questions = sends.filter((one) => !one.automatic);
    const ofBob = sends.filter((one) => one.automatic && one.worker === "bob");
    expect(verified(questions)).toEqual([100, "pass", []]);
    expect(verified(ofBob.slice(0, 1), "alice")).toEqual([100, "fail", []]);
    expect(verified(ofBob, "alice")).toEqual([100, "pass", []]);
    ledger.send("bob", "by hand");
    ledger.receive("carol", "by hand", "bob");
    expect(verified(questions)).toEqual([100, "fail", ['"by hand"']]);
  });

  it("answer one question each", () => {
    const ledger = answered();
    const questions = ledger.events.filter((one) => one.kind === "send" && one.worker === "alice");
    const asked = { questions: questions as never, responderInboxId: "inbox-carol", text: "gm" };
    expect(verifyResponses(ledger.events, receiver("alice"), asked)).toMatchObject({
      receptionPercent: 100,
      verdict: { status: "pass" },
    });
  });
});
