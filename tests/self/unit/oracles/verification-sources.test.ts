import { describe, expect, it } from "vitest";
import {
  verifyConsent,
  verifyConversations,
  verifyMessages,
  verifyMetadata,
  verifyResponses,
} from "../../../../src/oracles/index.js";
import type { Installation, Verification } from "../../../../src/oracles/index.js";
import { LedgerBuilder, conversation } from "./ledger-builder.js";

const receiver = (name: string): Installation => {
  return { worker: name, inboxId: `inbox-${name}`, installationId: `${name}-1` };
};
const bob = [receiver("bob")];

/** What a verdict says, as text. */
function said({ verdict }: Verification): unknown {
  return verdict.status === "fail" ? verdict.offenders.map((one) => one.detail) : verdict.status;
}

describe("messages", () => {
  const check = (fill: (ledger: LedgerBuilder) => void): Verification => {
    const ledger = new LedgerBuilder();
    const messages = ["a", "b"].map((text) => ledger.send("alice", text));
    fill(ledger);
    return verifyMessages(ledger.events, bob, { conversationId: conversation, messages });
  };

  it("are judged by order where a stream delivered them, and by nothing but being there where they were read", () => {
    for (const source of ["query", "gap"] as const) {
      const { orderPercent, receptionPercent, verdict } = check((ledger) => {
        ledger.receive("bob", "b", "alice", { source });
        ledger.receive("bob", "a", "alice", { source });
      });
      expect([receptionPercent, orderPercent, verdict.status], source).toEqual([100, 100, "pass"]);
    }
    const streamed = check((ledger) => {
      ledger.receive("bob", "b", "alice");
      ledger.receive("bob", "a", "alice");
    });
    expect(said(streamed)).toEqual(['bob saw "a" too late']);
  });

  it("that were read between keep the order of those that a stream delivered", () => {
    const ledger = new LedgerBuilder();
    const messages = ["a", "b", "c"].map((text) => ledger.send("alice", text));
    ledger.receive("bob", "a", "alice");
    ledger.receive("bob", "c", "alice", { source: "gap" });
    ledger.receive("bob", "b", "alice");
    expect(said(verifyMessages(ledger.events, bob, { conversationId: conversation, messages }))).toBe("pass");
  });

  it("of another conversation say nothing", () => {
    const ledger = new LedgerBuilder();
    const elsewhere = ledger.send("alice", "x", { conversationId: "other" });
    ledger.receive("bob", "x", "alice", { conversationId: "other" });
    const expected = { conversationId: conversation, messages: [elsewhere] };
    expect(said(verifyMessages(ledger.events, bob, expected))).toEqual(['bob missed "x" (messages)']);
  });

  it("of sends whose id nobody knows are two where two were sent", () => {
    const ledger = new LedgerBuilder();
    const unknown = { outcome: "unknown", messageId: undefined } as never;
    const messages = [ledger.send("alice", "same", unknown), ledger.send("alice", "same", unknown)];
    ledger.receive("bob", "same", "alice", { messageId: "m1" });
    const one = verifyMessages(ledger.events, bob, { conversationId: conversation, messages });
    expect(said(one)).toEqual(['bob missed "same" (messages)']);
    ledger.receive("bob", "same", "alice", { messageId: "m2" });
    const two = verifyMessages(ledger.events, bob, { conversationId: conversation, messages });
    expect(said(two)).toBe("pass");
  });

  it("of another send with the same value are foreign, and count for themselves", () => {
    const ledger = new LedgerBuilder();
    const asked = ledger.send("alice", "same", { messageId: "m1" });
    ledger.send("alice", "same", { messageId: "m2" });
    ledger.receive("bob", "same", "alice", { messageId: "m1" });
    ledger.receive("bob", "same", "alice", { messageId: "m2" });
    const found = verifyMessages(ledger.events, bob, { conversationId: conversation, messages: [asked] });
    expect(said(found)).toEqual(['bob saw "same", one of 1 event nobody expected']);
    expect(found.receivers[0]?.duplicates).toEqual([]);
  });

  it("without a time have no latency", () => {
    const ledger = new LedgerBuilder();
    ledger.receive("bob", "a", "alice");
    const messages = [{ senderInboxId: "inbox-alice", text: "a" }];
    const { receivers } = verifyMessages(ledger.events, bob, { conversationId: conversation, messages });
    expect(receivers[0]).toMatchObject({ received: ['"a"'], latencies: [] });
  });
});

describe("conversations", () => {
  it("are one each, wherever they came from", () => {
    for (const source of ["stream", "query"] as const) {
      const ledger = new LedgerBuilder();
      for (const conversationId of ["one", "two"]) ledger.joined("bob", source, { conversationId });
      const conversations = ["two", "one"].map((conversationId) => {
        return { conversationId, byInboxId: "inbox-alice" };
      });
      const { receptionPercent, receivers } = verifyConversations(ledger.events, bob, { conversations });
      expect([receptionPercent, receivers[0]?.duplicates], source).toEqual([100, []]);
    }
  });
});

describe("answers", () => {
  const check = (fill: (ledger: LedgerBuilder) => void): Verification => {
    const ledger = new LedgerBuilder();
    const questions = ["q1", "q2"].map((text) => ledger.at(ledger.events.length * 10).send("bob", text));
    ledger.at(100);
    fill(ledger);
    const expected = { questions, responderInboxId: "inbox-bot" };
    return verifyResponses(ledger.events, receiver("bob"), expected);
  };

  it("that were read from the database are one each", () => {
    const found = check((ledger) => {
      ledger.receive("bob", "a1", "bot", { source: "query" });
      ledger.receive("bob", "a2", "bot", { source: "query" });
      ledger.receive("bob", "a1", "bot", { source: "query" });
    });
    expect(said(found)).toBe("pass");
  });

  it("too many are foreign, each for itself", () => {
    const found = check((ledger) => {
      for (const text of ["a1", "a2", "a3", "a4"]) ledger.receive("bob", text, "bot");
    });
    expect(found.receivers[0]).toMatchObject({ duplicates: [], foreign: ['"a3"', '"a4"'] });
  });

  it("are messages: a conversation of the asker's, and what others were given, are none", () => {
    const found = check((ledger) => {
      ledger.joined("bob");
      ledger.receive("alice", "a1", "bot");
      ledger.receive("bob", "a1", "bot", { installationId: "bob-2" });
    });
    expect(said(found)).toEqual([
      'bob missed answer 1 to "q1" (responses)',
      'bob missed answer 2 to "q2" (responses)',
    ]);
  });
});

describe("metadata", () => {
  const renamed = (by?: string): Verification => {
    const ledger = new LedgerBuilder();
    const fields = [{ field: "group_name", oldValue: "", newValue: "tea" }];
    ledger.update("bob", "alice", { fields });
    ledger.receive("bob", "no update", "alice");
    const changes = [{ value: "tea", ...(by !== undefined && { byInboxId: `inbox-${by}` }) }];
    const expected = { conversationId: conversation, field: "group_name", changes };
    return verifyMetadata(ledger.events, bob, expected);
  };

  it("are by whoever made them where nobody is named, and else by that one", () => {
    expect([said(renamed()), said(renamed("alice"))]).toEqual(["pass", "pass"]);
    expect(said(renamed("carol"))).toEqual([
      'bob missed group_name="tea" (metadata)',
      'bob saw group_name="tea", one of 1 event nobody expected',
    ]);
  });

  it("of which only some name their maker ask for nobody at the others", () => {
    const ledger = new LedgerBuilder();
    for (const newValue of ["tea", "cake"])
      ledger.update("bob", "alice", { fields: [{ field: "group_name", oldValue: "", newValue }] });
    const changes = [{ value: "tea", byInboxId: "inbox-alice" }, { value: "cake" }];
    const expected = { conversationId: conversation, field: "group_name", changes };
    expect(said(verifyMetadata(ledger.events, bob, expected))).toEqual([
      'bob missed group_name="cake" (metadata)',
      'bob saw group_name="cake", one of 1 event nobody expected',
    ]);
  });
});

describe("consent", () => {
  it("is what a stream delivered, and no other event", () => {
    const ledger = new LedgerBuilder();
    ledger.consent("bob", "inbox-alice", "denied");
    ledger.receive("bob", "hi", "alice");
    const changes = [{ entity: "inbox-alice", state: "denied" } as const];
    expect(said(verifyConsent(ledger.events, bob, { changes }))).toBe("pass");
  });
});
