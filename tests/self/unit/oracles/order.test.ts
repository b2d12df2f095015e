import { describe, expect, it } from "vitest";
import { orderPerConversation, orderPerSender } from "../../../../src/oracles/index.js";
import { firstInversion } from "../../../../src/oracles/order.js";
import { LedgerBuilder } from "./ledger-builder.js";

function sent(): LedgerBuilder {
  const ledger = new LedgerBuilder();
  for (const text of ["one", "two", "three"]) ledger.send("alice", text);
  return ledger;
}

describe("orderPerSender", () => {
  it("passes when streams keep each sender's order", () => {
    const ledger = sent();
    for (const text of ["one", "two", "three"]) ledger.receive("bob", text, "alice");
    ledger.receive("carol", "one", "alice");
    expect(orderPerSender(ledger.events)).toEqual({ status: "pass", oracle: "orderPerSender", checked: 3 });
  });

  it("names each message that came too late", () => {
    const ledger = sent();
    const three = ledger.receive("bob", "three", "alice");
    const one = ledger.receive("bob", "one", "alice");
    ledger.receive("bob", "two", "alice");
    const detail = 'bob received "three" (id-three) before "one" (id-one), but alice sent the latter first';
    expect(orderPerSender(ledger.events)).toMatchObject({
      summary: `orderPerSender: 2 violations, the first: ${detail}`,
      offenders: [
        {
          kind: "out-of-order",
          worker: "bob",
          installationId: "bob-1",
          detail,
          messageId: "id-one",
          seqs: [three.seq, one.seq],
        },
        { messageId: "id-two" },
      ],
    });
  });

  it("judges a late copy of nothing: the first receipt counts", () => {
    const ledger = sent();
    for (const text of ["one", "two", "one"]) ledger.receive("bob", text, "alice");
    expect(orderPerSender(ledger.events).status).toBe("pass");
  });

  it("asks no order of overlapping sends, of unknown outcomes, nor of what the database gave", () => {
    const overlapping = new LedgerBuilder();
    overlapping.send("alice", "a", { endedAt: 50 });
    overlapping.send("alice", "b", { endedAt: 40 });
    overlapping.receive("bob", "b", "alice");
    overlapping.receive("bob", "a", "alice");
    expect(orderPerSender(overlapping.events).status).toBe("pass");
    const unknown = new LedgerBuilder();
    unknown.send("alice", "a", { outcome: "unknown" });
    unknown.send("alice", "b");
    unknown.receive("bob", "b", "alice");
    unknown.receive("bob", "a", "alice");
    expect(orderPerSender(unknown.events).status).toBe("pass");
    const filled = sent();
    filled.receive("bob", "two", "alice");
    filled.receive("bob", "three", "alice");
    filled.receive("bob", "one", "alice", { source: "gap" });
    expect(orderPerSender(filled.events).status).toBe("pass");
  });

  it("asks order of sends that touch, not of different senders or conversations", () => {
    const touching = new LedgerBuilder();
    touching.at(0).send("alice", "a", { endedAt: 2 });
    touching.at(2).send("alice", "b");
    touching.receive("bob", "b", "alice");
    touching.receive("bob", "a", "alice");
    expect(orderPerSender(touching.events).status).toBe("fail");
    const different = new LedgerBuilder();
    different.send("alice", "a");
    different.send("alice", "x", { conversationId: "other" });
    different.send("carol", "c");
    different.receive("bob", "c", "carol");
    different.receive("bob", "x", "alice", { conversationId: "other" });
    different.receive("bob", "a", "alice");
    different.receive("bob", "phantom", "alice");
    expect(orderPerSender(different.events)).toEqual({
      status: "inconclusive",
      oracle: "orderPerSender",
      reason: "no installation's stream delivered two messages of one sender",
    });
    expect(orderPerSender(touching.events, { conversationId: "other" }).status).toBe("inconclusive");
  });

  it("remembers the latest send, not the last one received", () => {
    const ledger = sent();
    ledger.send("alice", "four");
    for (const text of ["four", "one", "three"]) ledger.receive("bob", text, "alice");
    expect(orderPerSender(ledger.events)).toMatchObject({
      offenders: [
        { messageId: "id-one" },
        { messageId: "id-three", detail: expect.stringContaining('"four"') as string },
      ],
    });
  });
});

describe("orderPerConversation", () => {
  it("passes when streams agree, whatever some of them missed", () => {
    const ledger = sent();
    for (const text of ["two", "one", "three"]) ledger.receive("bob", text, "alice");
    for (const text of ["two", "three"]) ledger.receive("carol", text, "alice");
    expect(orderPerConversation(ledger.events)).toEqual({
      status: "pass",
      oracle: "orderPerConversation",
      checked: 2,
    });
  });

  it("names the first two messages that two streams saw the other way round", () => {
    const ledger = sent();
    const [one, two] = ["one", "two"].map((text) => ledger.receive("bob", text, "alice"));
    for (const text of ["three", "two", "one"]) ledger.receive("carol", text, "alice");
    const detail = 'bob received "one" (id-one) before "two" (id-two), carol the other way round';
    expect(orderPerConversation(ledger.events)).toEqual({
      status: "fail",
      oracle: "orderPerConversation",
      summary: `orderPerConversation: 1 violation, the first: ${detail}`,
      offenders: [
        {
          kind: "order-differs",
          worker: "carol",
          installationId: "carol-1",
          detail,
          messageId: "id-two",
          seqs: [one?.seq, two?.seq],
        },
      ],
    });
  });

  it("compares every two installations, each conversation for itself, streams only", () => {
    const ledger = sent();
    ledger.receive("bob", "one", "alice");
    for (const text of ["two", "three"]) ledger.receive("carol", text, "alice");
    for (const text of ["three", "two"]) ledger.receive("dave", text, "alice");
    expect(orderPerConversation(ledger.events)).toMatchObject({ offenders: [{ worker: "dave" }] });
    const apart = sent();
    apart.receive("bob", "one", "alice");
    apart.receive("bob", "two", "alice", { conversationId: "other" });
    apart.receive("carol", "two", "alice", { conversationId: "other" });
    apart.receive("carol", "one", "alice");
    apart.receive("dave", "two", "alice", { source: "gap" });
    expect(orderPerConversation(apart.events)).toEqual({
      status: "inconclusive",
      oracle: "orderPerConversation",
      reason: "no two installations' streams share two messages",
    });
  });
});

describe("firstInversion", () => {
  it("finds the first two that are the other way round, ignoring what only one has", () => {
    expect(firstInversion(["a", "b", "c"], ["a", "b", "c"])).toBeUndefined();
    expect(firstInversion(["a", "x", "c"], ["y", "a", "c"])).toBeUndefined();
    expect(firstInversion(["a", "x", "c"], ["c", "a"])).toEqual(["a", "c"]);
    expect(firstInversion([], ["a"])).toBeUndefined();
  });
});
