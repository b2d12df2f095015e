import { describe, expect, it } from "vitest";
import { noForeign } from "../../../../src/oracles/index.js";
import { conversation, LedgerBuilder, nanoseconds } from "./ledger-builder.js";

function sent(): LedgerBuilder {
  const ledger = new LedgerBuilder();
  ledger.send("alice", "hi");
  ledger.lifecycle("mallory", "created");
  return ledger;
}

describe("noForeign", () => {
  it("passes over what was sent, each installation's first receipt of it", () => {
    const ledger = sent();
    ledger.receive("bob", "hi", "alice");
    ledger.receive("bob", "hi", "alice");
    ledger.receive("carol", "hi", "alice");
    expect(noForeign(ledger.events)).toEqual({ status: "pass", oracle: "noForeign", checked: 2 });
  });

  it("has nothing to say when nothing was received", () => {
    expect(noForeign(sent().events)).toEqual({
      status: "inconclusive",
      oracle: "noForeign",
      reason: "nothing was received",
    });
  });

  it("names a message that nobody sent", () => {
    const ledger = sent();
    const phantom = ledger.receive("bob", "boo", "mallory");
    expect(noForeign(ledger.events)).toEqual({
      status: "fail",
      oracle: "noForeign",
      summary:
        'noForeign: 1 violation, the first: bob received "boo" (id-boo) from mallory, which nobody sent',
      offenders: [
        {
          kind: "unsent",
          worker: "bob",
          installationId: "bob-1",
          detail: 'bob received "boo" (id-boo) from mallory, which nobody sent',
          messageId: "id-boo",
          seqs: [phantom.seq],
        },
      ],
    });
  });

  it.each([
    ["wrong-sender", { senderInboxId: "inbox-mallory" }, "from mallory, but alice sent it"],
    [
      "wrong-conversation",
      { conversationId: "other" },
      "from alice, but it was sent to conversation-1, not other",
    ],
  ])("names a %s", (kind, values, words) => {
    const ledger = sent();
    const received = ledger.receive("bob", "hi", "alice", values);
    expect(noForeign(ledger.events)).toMatchObject({
      offenders: [{ kind, detail: `bob received "hi" (id-hi) ${words}`, seqs: [1, received.seq] }],
    });
  });

  it("names a wrong value", () => {
    const ledger = sent();
    const received = ledger.receive("bob", "ha", "alice", { messageId: "id-hi" });
    expect(noForeign(ledger.events)).toMatchObject({
      offenders: [
        {
          kind: "wrong-value",
          detail: 'bob received "ha" (id-hi) from alice, but "hi" was sent',
          seqs: [1, received.seq],
        },
      ],
    });
  });

  it("names a failed send that came all the same", () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi", { outcome: "failed" });
    ledger.receive("bob", "hi", "alice");
    expect(noForeign(ledger.events)).toMatchObject({
      offenders: [
        {
          kind: "failed-send",
          detail: 'bob received "hi" (id-hi) from alice, but its send had failed',
          seqs: [1, 2],
        },
      ],
    });
  });

  it("names an unlisted conversation and a receiver who was never a member", () => {
    const ledger = sent();
    ledger.receive("bob", "hi", "alice");
    const membership = { conversationId: conversation, inboxId: "inbox-bob", since: 0 };
    expect(
      noForeign(ledger.events, { conversations: [conversation], memberships: [membership] }).status,
    ).toBe("pass");
    expect(noForeign(ledger.events, { conversations: ["other"] })).toMatchObject({
      offenders: [
        {
          kind: "foreign-conversation",
          detail:
            'bob received "hi" (id-hi) from alice, in conversation conversation-1, which is not this test\'s',
          seqs: [2 + 1],
        },
      ],
    });
    for (const wrong of [{ conversationId: "other" }, { inboxId: "inbox-zoe" }]) {
      expect(noForeign(ledger.events, { memberships: [{ ...membership, ...wrong }] })).toMatchObject({
        offenders: [
          {
            kind: "not-a-member",
            detail:
              'bob received "hi" (id-hi) from alice, but was never a member of conversation conversation-1',
          },
        ],
      });
    }
  });

  it("takes a message without a known send for a send without a known id, once", () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi", { messageId: undefined as never, outcome: "unknown" });
    ledger.receive("bob", "hi", "alice", { messageId: "x" });
    ledger.receive("carol", "hi", "alice", { messageId: "x" });
    expect(noForeign(ledger.events).status).toBe("pass");
    ledger.receive("bob", "hi", "alice", { messageId: "y" });
    expect(noForeign(ledger.events)).toMatchObject({ offenders: [{ kind: "unsent", messageId: "y" }] });
  });

  it("tells two sends without ids apart by conversation, sender and payload", () => {
    const nameless = { messageId: undefined as never, outcome: "unknown" as const };
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi", nameless);
    ledger.send("alice", "hi", nameless);
    ledger.receive("bob", "hi", "alice", { messageId: "x" });
    ledger.receive("bob", "hi", "alice", { messageId: "y" });
    expect(noForeign(ledger.events).status).toBe("pass");
    ledger.receive("bob", "hi", "carol", { messageId: "z" });
    expect(noForeign(ledger.events)).toMatchObject({
      offenders: [{ kind: "unsent", detail: 'bob received "hi" (z) from inbox-carol, which nobody sent' }],
    });
  });

  describe("of a member who was removed and added again", () => {
    /** Removed at 100 and added again at 200; both seen by a member who did not make them. */
    const rejoined = (seenBy = "carol"): LedgerBuilder => {
      const ledger = new LedgerBuilder();
      ledger.at(100).update(seenBy, "alice", { removedInboxIds: ["inbox-bob"] });
      ledger.at(200).update(seenBy, "alice", { addedInboxIds: ["inbox-bob"] });
      return ledger;
    };
    const told = (ledger: LedgerBuilder, storedAt: number): LedgerBuilder => {
      ledger.at(300).send("carol", "hi");
      ledger.receive("bob", "hi", "carol", { sentAtNs: nanoseconds(storedAt) });
      return ledger;
    };

    it("names what was sent while its receiver was out", () => {
      expect(noForeign(told(rejoined(), 150).events)).toMatchObject({
        summary:
          'noForeign: 1 violation, the first: bob received "hi" (id-hi) from carol, which was sent while bob was out of the group',
        offenders: [{ kind: "sent-while-out", worker: "bob", messageId: "id-hi" }],
      });
    });

    it("names what was sent before its receiver was ever in", () => {
      const ledger = new LedgerBuilder();
      ledger.at(200).update("carol", "alice", { addedInboxIds: ["inbox-bob"] });
      expect(noForeign(told(ledger, 150).events)).toMatchObject({ offenders: [{ kind: "sent-while-out" }] });
    });

    it.each([50, 99, 201, 250])("passes over what was sent at %d, when it was in", (storedAt) => {
      expect(noForeign(told(rejoined(), storedAt).events).status).toBe("pass");
    });

    it("does not compare the node's time with that of whoever made the commits", () => {
      expect(noForeign(told(rejoined("alice"), 150).events).status).toBe("pass");
    });

    it("judges each absence by its own ends: who made the group alone saw who was added first", () => {
      const ledger = new LedgerBuilder();
      ledger.at(50).update("alice", "alice", { addedInboxIds: ["inbox-bob"] }, { messageId: "creation" });
      ledger.events.push(...rejoined().events.map((one) => ({ ...one, seq: one.seq + 1 })));
      expect(noForeign(told(ledger, 150).events)).toMatchObject({ offenders: [{ kind: "sent-while-out" }] });
    });

    it("says nothing of a member's own messages, which bear the member's own time", () => {
      const ledger = rejoined();
      ledger.send("bob", "mine");
      ledger.receive("bob", "mine", "bob", { sentAtNs: nanoseconds(150) });
      expect(noForeign(ledger.events).status).toBe("pass");
    });
  });
});
