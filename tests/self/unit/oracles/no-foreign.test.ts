import { describe, expect, it } from "vitest";
import { noForeign } from "../../../../src/oracles/index.js";
import { conversation, LedgerBuilder } from "./ledger-builder.js";

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
});
