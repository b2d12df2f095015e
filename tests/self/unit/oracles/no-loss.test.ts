import { describe, expect, it } from "vitest";
import { gapAfterReconnect, noLoss, noLossInDatabase, verdictLines } from "../../../../src/oracles/index.js";
import type { Verdict } from "../../../../src/oracles/index.js";
import { conversation, LedgerBuilder, nanoseconds } from "./ledger-builder.js";
import { snapshot } from "./snapshot-builder.js";

const always = ["alice", "bob"].map((name) => {
  return { conversationId: conversation, inboxId: `inbox-${name}`, since: 0 };
});
/** Asked when every stream has had its time. */
const later = { asOf: 1e6 };
const nothingOwed = "no other member had a live message stream around an acknowledged send";

function reasonOf(verdict: Verdict): string {
  return verdict.status === "inconclusive" ? verdict.reason : verdict.status;
}

describe("noLoss", () => {
  it("passes when every listening member got every acknowledged send", () => {
    const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
    ledger.send("alice", "hi");
    ledger.receive("bob", "hi", "alice");
    ledger.receive("carol", "hi", "alice", { source: "gap" });
    expect(noLoss(ledger.events)).toEqual({ status: "pass", oracle: "noLoss", checked: 2 });
  });

  it("counts the sends that nobody could be asked for, as where a welcome was lost with the message", () => {
    const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
    ledger.send("alice", "hi");
    ledger.receive("bob", "hi", "alice");
    ledger.send("alice", "for carol, whom no event shows as a member", { conversationId: "other" });
    ledger.send("alice", "not acknowledged", { conversationId: "other", outcome: "unknown" });
    const verdict = noLoss(ledger.events, { asOf: 1e6, memberships: always });
    expect(verdict).toEqual({ status: "pass", oracle: "noLoss", checked: 1, unjudged: 1 });
    expect(verdictLines(verdict)).toEqual(["noLoss: pass (1 judged, 1 owed to nobody)"]);
  });

  it("names who missed what", () => {
    const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
    const send = ledger.send("alice", "hi");
    ledger.receive("carol", "hi", "alice");
    expect(noLoss(ledger.events, later)).toEqual({
      status: "fail",
      oracle: "noLoss",
      summary: 'noLoss: 1 violation, the first: bob never received "hi" (id-hi) from alice',
      offenders: [
        {
          kind: "lost",
          worker: "bob",
          installationId: "bob-1",
          detail: 'bob never received "hi" (id-hi) from alice',
          messageId: "id-hi",
          seqs: [send.seq],
        },
      ],
    });
  });

  it("is not fooled by a duplicate of another message", () => {
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.send("alice", "one");
    ledger.send("alice", "two");
    ledger.receive("bob", "one", "alice");
    ledger.receive("bob", "one", "alice");
    expect(noLoss(ledger.events, later)).toMatchObject({ offenders: [{ messageId: "id-two" }] });
  });

  it.each(["unknown", "failed", "pending"] as const)("asks for no send whose outcome is %s", (outcome) => {
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.send("alice", "hi", { outcome });
    expect(reasonOf(noLoss(ledger.events))).toBe("no send was acknowledged");
  });

  it("matches an acknowledged send without id by sender and payload", () => {
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.send("alice", "hi", { messageId: undefined as never });
    expect(noLoss(ledger.events, later)).toMatchObject({
      offenders: [{ detail: 'bob never received "hi" (no id) from alice' }],
    });
    expect(noLoss(ledger.events, later)).not.toHaveProperty("offenders.0.messageId");
    ledger.receive("bob", "hi", "alice", { messageId: "given" });
    expect(noLoss(ledger.events).status).toBe("pass");
  });

  it("asks nothing of who listened too late, stopped before, or never did", () => {
    const ledger = new LedgerBuilder();
    ledger.joined("bob");
    ledger.joined("carol");
    ledger.joined("dave");
    ledger.stream("carol", "live");
    ledger.stream("carol", "ending");
    ledger.send("alice", "hi");
    ledger.stream("bob", "live");
    expect(reasonOf(noLoss(ledger.events))).toBe(nothingOwed);
  });

  it("asks nothing of a stream that only delivers group updates", () => {
    const ledger = new LedgerBuilder();
    ledger.joined("bob");
    ledger.stream("bob", "live", { streamType: "group_updated" as never });
    ledger.send("alice", "hi");
    expect(reasonOf(noLoss(ledger.events))).toBe(nothingOwed);
  });

  it("asks all of a stream that ended only afterwards, until its worker was terminated", () => {
    const ended = (state: "ending" | "ended"): LedgerBuilder => {
      const ledger = new LedgerBuilder().listening("bob");
      ledger.send("alice", "hi");
      ledger.at(2_000).stream("bob", state);
      return ledger;
    };
    expect(noLoss(ended("ending").events).status).toBe("fail");
    expect(noLoss(ended("ended").events).status).toBe("fail");
    for (const state of ["terminated", "reinstalled"] as const) {
      const ledger = new LedgerBuilder().listening("bob");
      ledger.lifecycle("bob", state);
      ledger.send("alice", "hi");
      expect(reasonOf(noLoss(ledger.events))).toBe(nothingOwed);
    }
  });

  it("keeps asking when one of two message streams goes on", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.stream("bob", "live", { streamType: "message_and_response" as never });
    ledger.stream("bob", "ended");
    ledger.send("alice", "hi");
    expect(noLoss(ledger.events, later).status).toBe("fail");
  });

  it("asks the sender's second installation, not the sending one", () => {
    const ledger = new LedgerBuilder().listening("alice");
    const second = { inboxId: "inbox-alice", installationId: "alice-2" };
    ledger.stream("alice-b", "live", second);
    ledger.send("alice", "hi");
    expect(noLoss(ledger.events, later)).toMatchObject({
      offenders: [{ worker: "alice-b", installationId: "alice-2" }],
    });
  });

  it("cannot say while the stream is not back, and can once it is or has failed", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.stream("bob", "lost");
    ledger.stream("bob", "retry", { count: 1 });
    ledger.send("alice", "hi");
    expect(reasonOf(noLoss(ledger.events))).toBe(
      "1 message may still come: the stream of bob is not back yet",
    );
    ledger.stream("bob", "restart");
    expect(noLoss(ledger.events, later).status).toBe("fail");
    const failed = new LedgerBuilder().listening("bob");
    failed.stream("bob", "retry");
    failed.send("alice", "hi");
    failed.stream("bob", "failed");
    expect(noLoss(failed.events, later).status).toBe("fail");
  });

  it("does not call lost what was under way when the stream was ended", () => {
    const ended = (at: number): LedgerBuilder => {
      const ledger = new LedgerBuilder().listening("bob");
      ledger.at(100).send("alice", "hi", { endedAt: 200 });
      ledger.at(at).stream("bob", "ending");
      ledger.stream("bob", "ended");
      return ledger;
    };
    const reason =
      "1 message had no time to come: the stream of bob was ended right afterwards; end it later";
    expect(reasonOf(noLoss(ended(150).events))).toBe(nothingOwed);
    expect(reasonOf(noLoss(ended(200).events))).toBe(reason);
    expect(reasonOf(noLoss(ended(1_199).events))).toBe(reason);
    expect(noLoss(ended(1_200).events)).toMatchObject({ offenders: [{ kind: "lost", worker: "bob" }] });
    expect(noLoss(ended(209).events, { chanceMs: 10 }).status).toBe("inconclusive");
    expect(noLoss(ended(210).events, { chanceMs: 10 }).status).toBe("fail");
    const came = new LedgerBuilder().listening("bob");
    came.send("alice", "hi");
    came.receive("bob", "hi", "alice");
    came.stream("bob", "ending");
    expect(noLoss(came.events).status).toBe("pass");
  });

  it("hides no loss behind one that was cut short, and gives both reasons for what is open", () => {
    const ledger = new LedgerBuilder().listening("bob", "carol");
    ledger.send("alice", "early");
    ledger.receive("carol", "early", "alice");
    ledger.at(5_000).send("alice", "hi");
    ledger.receive("carol", "hi", "alice");
    ledger.stream("bob", "ending");
    expect(noLoss(ledger.events)).toMatchObject({ offenders: [{ messageId: "id-early" }] });
    const both = new LedgerBuilder().listening("bob", "carol");
    both.stream("carol", "lost");
    both.send("alice", "hi");
    both.stream("bob", "ending");
    expect(reasonOf(noLoss(both.events))).toBe(
      "1 message may still come: the stream of carol is not back yet; 1 message had no time to come: the stream of bob was ended right afterwards; end it later",
    );
  });

  it("calls lost at once what the stream overtook with a later message of the conversation", () => {
    const overtaken = (
      send: { conversationId?: string },
      values: { source?: "gap"; worker?: string } = {},
      at = 102,
    ): string => {
      const ledger = new LedgerBuilder().listening("bob", "carol");
      ledger.at(100).send("alice", "hi", { endedAt: 102 });
      ledger.receive("carol", "hi", "alice");
      ledger.at(at).send("alice", "later", send);
      const { worker = "bob", ...rest } = values;
      ledger.receive("carol", "later", "alice", send);
      ledger.receive(worker, "later", "alice", { ...send, ...rest });
      ledger.stream("bob", "ending");
      return noLoss(ledger.events).status;
    };
    expect(overtaken({})).toBe("fail");
    expect(overtaken({}, {}, 101)).toBe("inconclusive");
    expect(overtaken({ conversationId: "other" })).toBe("inconclusive");
    expect(overtaken({}, { source: "gap" })).toBe("inconclusive");
    expect(overtaken({}, { worker: "carol" })).toBe("inconclusive");
  });

  it("is not overtaken by what nobody in the ledger sent", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.send("alice", "hi");
    ledger.receive("bob", "hello", "mallory");
    ledger.stream("bob", "ending");
    expect(noLoss(ledger.events).status).toBe("inconclusive");
  });

  it("goes by the stream type that listens longest", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.stream("bob", "live", { streamType: "message_and_response" as never });
    ledger.send("alice", "hi");
    ledger.stream("bob", "ending");
    ledger.at(5_000).stream("bob", "ending", { streamType: "message_and_response" as never });
    ledger.at(9_000).stream("bob", "live");
    expect(noLoss(ledger.events).status).toBe("fail");
  });

  it("cannot say while a worker is offline, even if its stream has not noticed", () => {
    const ledger = new LedgerBuilder().listening("bob", "carol");
    ledger.send("alice", "before");
    ledger.receive("bob", "before", "alice");
    ledger.receive("carol", "before", "alice");
    ledger.lifecycle("bob", "offline");
    ledger.lifecycle("carol", "offline");
    ledger.send("alice", "hi");
    ledger.send("alice", "ho");
    expect(reasonOf(noLoss(ledger.events))).toBe(
      "4 messages may still come: the stream of bob, carol is not back yet",
    );
    ledger.lifecycle("bob", "online");
    expect(noLoss(ledger.events, later)).toMatchObject({ offenders: [{ worker: "bob" }, { worker: "bob" }] });
  });

  it("says lost for what was sent before the outage, and hides it behind no outage", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.send("alice", "early");
    ledger.at(100);
    ledger.send("alice", "seen");
    ledger.receive("bob", "seen", "alice");
    ledger.stream("bob", "lost");
    ledger.send("alice", "late");
    const verdict = noLoss(ledger.events);
    expect(verdict).toMatchObject({ status: "fail", offenders: [{ messageId: "id-early" }] });
  });

  it("cannot say between the acknowledgement and the time that a stream is given", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.at(100).send("alice", "hi", { endedAt: 200 });
    const reason =
      "1 message may still come: the stream of bob has not had its time yet; ask later, or wait with expect(workers).toSatisfy(noLoss)";
    expect(reasonOf(noLoss(ledger.events))).toBe(reason);
    expect(reasonOf(noLoss(ledger.events, { asOf: 1_199 }))).toBe(reason);
    expect(reasonOf(noLoss(ledger.events, { asOf: 1_200 }))).toBe("fail");
    expect(reasonOf(noLoss(ledger.events, { asOf: 209, chanceMs: 10 }))).toBe(reason);
    expect(reasonOf(noLoss(ledger.events, { asOf: 210, chanceMs: 10 }))).toBe("fail");
    ledger.at(1_200).lifecycle("alice", "note");
    expect(reasonOf(noLoss(ledger.events))).toBe("fail");
    expect(reasonOf(noLoss(ledger.events, { asOf: 300 })), "the ledger itself is later").toBe("fail");
    ledger.receive("bob", "hi", "alice");
    expect(reasonOf(noLoss(ledger.events))).toBe("pass");
  });

  it("owes what was sent between going offline and coming back", () => {
    const away = (...came: readonly string[]): LedgerBuilder => {
      const ledger = new LedgerBuilder().listening("bob");
      ledger.stream("bob", "ending");
      ledger.stream("bob", "ended");
      ledger.lifecycle("bob", "offline");
      for (const text of ["one", "two"]) ledger.send("alice", text);
      ledger.lifecycle("bob", "online");
      for (const state of ["starting", "live"] as const) ledger.stream("bob", state, { streamId: 2 });
      for (const text of came) ledger.receive("bob", text, "alice", { source: "gap", streamId: 2 });
      ledger.stream("bob", "gap_filled", { streamId: 2 });
      return ledger;
    };
    expect(noLoss(away("one", "two").events, later)).toMatchObject({ status: "pass", checked: 2 });
    expect(noLoss(away("two").events, later)).toMatchObject({ offenders: [{ messageId: "id-one" }] });
    expect(reasonOf(noLoss(away().events))).toContain("2 messages may still come");
    expect(gapAfterReconnect(away("one", "two").events)).toMatchObject({ status: "pass", checked: 2 });
    expect(gapAfterReconnect(away("one").events, later)).toMatchObject({
      offenders: [{ kind: "lost-in-gap", messageId: "id-two" }],
    });
    expect(reasonOf(gapAfterReconnect(away("one").events))).toContain("1 message may still come");
  });

  it("goes by the memberships given", () => {
    const ledger = new LedgerBuilder();
    ledger.stream("bob", "live");
    ledger.at(10).send("alice", "hi");
    expect(noLoss(ledger.events).status).toBe("inconclusive");
    expect(noLoss(ledger.events, { memberships: always, ...later }).status).toBe("fail");
    const gone = always.map((one) => ({ ...one, until: 10 }));
    expect(noLoss(ledger.events, { memberships: gone }).status).toBe("inconclusive");
    expect(noLoss(ledger.events, { memberships: always, conversationId: "other" }).status).toBe(
      "inconclusive",
    );
    const elsewhere = always.map((one) => ({ ...one, conversationId: "other" }));
    expect(noLoss(ledger.events, { memberships: elsewhere }).status).toBe("inconclusive");
  });

  describe("of a member who was removed and added again", () => {
    const rejoined = (): LedgerBuilder => {
      const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
      ledger.at(100);
      for (const one of ["alice", "carol"])
        ledger.update(one, "alice", { removedInboxIds: ["inbox-bob"] }, { messageId: "removal" });
      ledger.at(200).update("alice", "alice", { addedInboxIds: ["inbox-bob"] }, { messageId: "addition" });
      return ledger;
    };
    const carolIsTold = (ledger: LedgerBuilder): void => {
      ledger.at(400).update("carol", "alice", { addedInboxIds: ["inbox-bob"] }, { messageId: "addition" });
    };

    it("asks for what was sent once its sender knew of it", () => {
      const ledger = rejoined();
      carolIsTold(ledger);
      ledger.send("carol", "welcome back");
      ledger.receive("alice", "welcome back", "carol");
      expect(noLoss(ledger.events, later)).toMatchObject({
        offenders: [
          { worker: "bob", detail: 'bob never received "welcome back" (id-welcome back) from carol' },
        ],
      });
    });

    it("asks for what was sent before the removal, whatever its sender is told later", () => {
      const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
      ledger.send("carol", "early");
      ledger.receive("alice", "early", "carol");
      for (const one of ["alice", "carol"])
        ledger.update(one, "alice", { removedInboxIds: ["inbox-bob"] }, { messageId: "removal" });
      ledger.at(200).update("alice", "alice", { addedInboxIds: ["inbox-bob"] }, { messageId: "addition" });
      carolIsTold(ledger);
      expect(noLoss(ledger.events, later)).toMatchObject({
        offenders: [{ worker: "bob", messageId: "id-early" }],
      });
    });

    it("asks nothing of what was sent before its sender's stream told of the addition", () => {
      const ledger = rejoined();
      ledger.at(300).send("carol", "who is there?");
      ledger.receive("alice", "who is there?", "carol");
      const untold = noLoss(ledger.events, later);
      expect(untold.status, "as long as nothing shows that carol was told late").toBe("fail");
      carolIsTold(ledger);
      expect(noLoss(ledger.events, later)).toEqual({ status: "pass", oracle: "noLoss", checked: 1 });
    });

    it("takes what the return overtook for lost, unless that is allowed and nobody else could read it", () => {
      const ledger = rejoined();
      ledger.listening("dave");
      ledger.at(300).send("carol", "who is there?");
      carolIsTold(ledger);
      const allowed = { ...later, overtaken: "allow" } as const;
      expect(noLoss(ledger.events, later)).toMatchObject({
        offenders: [{ worker: "alice" }, { worker: "dave" }],
      });
      expect(reasonOf(noLoss(ledger.events, allowed))).toBe(nothingOwed);
      ledger.receive("alice", "who is there?", "carol");
      expect(noLoss(ledger.events, allowed)).toMatchObject({ offenders: [{ worker: "dave" }] });
    });

    it("allows no loss of what was sent after its sender was told, or over a first addition", () => {
      const allowed = { ...later, overtaken: "allow" } as const;
      const late = rejoined();
      carolIsTold(late);
      late.send("carol", "welcome back");
      expect(noLoss(late.events, allowed)).toMatchObject({
        offenders: [{ worker: "alice" }, { worker: "bob" }],
      });
      const first = new LedgerBuilder().listening("alice", "carol");
      first.send("carol", "hi");
      first.at(50).update("carol", "alice", { addedInboxIds: ["inbox-bob"] });
      expect(noLoss(first.events, allowed)).toMatchObject({ offenders: [{ worker: "alice" }] });
    });

    it("asks nothing of what its sender was removed during", () => {
      const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
      const send = ledger.send("bob", "am I still in?", { endedAt: 60 });
      expect(noLoss(ledger.events, later).status).toBe("fail");
      const removal = { removedInboxIds: ["inbox-bob"] };
      ledger.at(50).update("carol", "alice", removal, { messageId: "removal" });
      ledger.at(70).update("bob", "alice", removal, { messageId: "removal", sentAtNs: nanoseconds(50) });
      expect(reasonOf(noLoss(ledger.events, later))).toBe(nothingOwed);
      ledger.settle(send, { endedAt: 40 });
      expect(noLoss(ledger.events, later).status, "acknowledged before the removal").toBe("fail");
    });
  });
});

describe("noLossInDatabase", () => {
  it("asks each member's database for each acknowledged id", () => {
    const ledger = new LedgerBuilder().listening("bob");
    const send = ledger.send("alice", "a");
    ledger.send("alice", "b", { outcome: "unknown" });
    ledger.send("alice", "c", { messageId: undefined as never });
    ledger.send("alice", "d", { conversationId: "other" });
    expect(noLossInDatabase(ledger.events, [snapshot("bob", ["a"]), snapshot("zoe", [])])).toEqual({
      status: "pass",
      oracle: "noLossInDatabase",
      checked: 1,
      unjudged: 2,
    });
    expect(noLossInDatabase(ledger.events, [snapshot("bob", ["x"])])).toEqual({
      status: "fail",
      oracle: "noLossInDatabase",
      summary: `noLossInDatabase: 1 violation, the first: "a" (id-a) from alice is not in bob's database`,
      offenders: [
        {
          kind: "lost-in-database",
          worker: "bob",
          installationId: "bob-1",
          detail: `"a" (id-a) from alice is not in bob's database`,
          messageId: "id-a",
          seqs: [send.seq],
        },
      ],
    });
    expect(reasonOf(noLossInDatabase(ledger.events, [snapshot("zoe", [])]))).toBe(
      "no snapshot belongs to a member of a conversation with an acknowledged send",
    );
    expect(noLossInDatabase(ledger.events, [snapshot("zoe", [])], { memberships: [] }).status).toBe(
      "inconclusive",
    );
  });
});

describe("noLossInDatabase and installations", () => {
  it("asks no installation for what was sent before it was made", () => {
    const second = { inboxId: "inbox-bob", installationId: "bob-2" };
    const added = (at: number): Verdict => {
      const ledger = new LedgerBuilder().listening("bob");
      ledger.at(50).send("alice", "a");
      ledger.at(at).lifecycle("bob-b", "created", "", second);
      return noLossInDatabase(ledger.events, [snapshot("bob", ["a"]), snapshot("bob-b", [], second)]);
    };
    expect(added(51)).toMatchObject({ status: "pass", checked: 1 });
    expect(added(50)).toMatchObject({ offenders: [{ worker: "bob-b", kind: "lost-in-database" }] });
  });
});

describe("gapAfterReconnect", () => {
  function reconnected(): LedgerBuilder {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.stream("bob", "lost");
    ledger.send("alice", "hi");
    ledger.stream("bob", "restart");
    return ledger;
  }

  it("passes when the gap was filled from the database, unless the stream alone counts", () => {
    const ledger = reconnected();
    const send = ledger.events.find((one) => one.kind === "send");
    ledger.receive("bob", "hi", "alice", { source: "gap" });
    expect(gapAfterReconnect(ledger.events, later)).toEqual({
      status: "pass",
      oracle: "gapAfterReconnect",
      checked: 1,
    });
    expect(gapAfterReconnect(ledger.events, { by: "stream" })).toMatchObject({
      summary: `gapAfterReconnect: 1 violation, the first: while bob's stream was down it missed "hi" (id-hi) from alice, which only its database had afterwards`,
      offenders: [{ kind: "only-in-database", worker: "bob", installationId: "bob-1", seqs: [send?.seq] }],
    });
    ledger.receive("bob", "hi", "alice");
    expect(gapAfterReconnect(ledger.events, { by: "stream" }).status).toBe("pass");
  });

  it("cannot say of a stream that was ended before its gap could be filled", () => {
    const ended = (at: number): LedgerBuilder => {
      const ledger = new LedgerBuilder().listening("bob");
      ledger.stream("bob", "lost");
      ledger.send("alice", "hi");
      ledger.at(5_000).stream("bob", "restart");
      ledger.send("alice", "later");
      ledger.receive("bob", "later", "alice");
      ledger.at(at).stream("bob", "ending");
      return ledger;
    };
    const reason =
      "1 message had no time to come: the stream of bob was ended right afterwards; end it later";
    expect(reasonOf(gapAfterReconnect(ended(5_999).events))).toBe(reason);
    expect(reasonOf(noLoss(ended(5_999).events))).toBe(reason);
    expect(gapAfterReconnect(ended(6_000).events)).toMatchObject({ offenders: [{ kind: "lost-in-gap" }] });
    expect(gapAfterReconnect(ended(5_999).events, { chanceMs: 999 }).status).toBe("fail");
  });

  it("names what never came", () => {
    const ledger = reconnected();
    expect(gapAfterReconnect(ledger.events, later)).toMatchObject({
      offenders: [
        {
          kind: "lost-in-gap",
          messageId: "id-hi",
          detail: `while bob's stream was down it missed "hi" (id-hi) from alice, which never came`,
        },
      ],
    });
    const nameless = reconnected();
    for (const one of nameless.events) if (one.kind === "send") delete one.messageId;
    expect(gapAfterReconnect(nameless.events, later)).toMatchObject({
      offenders: [
        { detail: `while bob's stream was down it missed "hi" (no id) from alice, which never came` },
      ],
    });
    expect(gapAfterReconnect(nameless.events, later)).not.toHaveProperty("offenders.0.messageId");
  });

  it("judges only what was sent between the last sign of life and the restart", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.at(50).send("alice", "before");
    ledger.at(60).receive("bob", "other", "alice");
    ledger.stream("bob", "retry");
    ledger.stream("bob", "restart");
    ledger.at(100).send("alice", "after");
    expect(reasonOf(gapAfterReconnect(ledger.events, later))).toBe(
      "nothing was sent to a stream while it was down",
    );
  });

  it("has nothing to say without a reconnection, or while there is only a break", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.stream("bob", "retry");
    ledger.send("alice", "hi");
    expect(reasonOf(gapAfterReconnect(ledger.events, later))).toBe("no message stream reconnected");
    ledger.stream("bob", "ended");
    ledger.stream("bob", "restart");
    expect(reasonOf(gapAfterReconnect(ledger.events, later))).toBe("no message stream reconnected");
  });

  it("goes by the scope and the memberships given", () => {
    const ledger = reconnected();
    expect(gapAfterReconnect(ledger.events, { ...later, memberships: [] }).status).toBe("inconclusive");
    expect(gapAfterReconnect(ledger.events, { ...later, conversationId: "other" }).status).toBe(
      "inconclusive",
    );
    expect(gapAfterReconnect(ledger.events, { ...later, memberships: always }).status).toBe("fail");
  });
});
