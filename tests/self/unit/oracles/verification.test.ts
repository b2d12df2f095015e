import { describe, expect, it } from "vitest";
import {
  verify,
  verifyConsent,
  verifyConversations,
  verifyMembership,
  verifyMessages,
  verifyMetadata,
  verifyResponses,
} from "../../../../src/oracles/index.js";
import type { Installation, Verification } from "../../../../src/oracles/index.js";
import { conversation, LedgerBuilder } from "./ledger-builder.js";

function receiver(name: string): Installation {
  return { worker: name, inboxId: `inbox-${name}`, installationId: `${name}-1` };
}
const bob = [receiver("bob")];
const at = { conversationId: conversation };

/** Share received, share in order, and the details of the offenders. */
function result({ receptionPercent, orderPercent, verdict }: Verification): unknown[] {
  const details = verdict.status === "fail" ? verdict.offenders.map((one) => one.detail) : verdict.status;
  return [receptionPercent, orderPercent, details];
}

describe("verify", () => {
  const expected = ["a", "b", "c"].map((key, index) => ({ key, label: key.toUpperCase(), at: index * 10 }));
  const seen = (
    keys: string,
  ): { installationId: string; key: string; label: string; at: number; seq: number }[] =>
    Array.from(keys, (key, index) => {
      return { installationId: "bob-1", key, label: key.toUpperCase(), at: 100 + index, seq: index + 1 };
    });

  it("reports everything about each receiver", () => {
    const done = verify("test", [...bob, receiver("carol")], expected, [...seen("cabaz")]);
    expect(done.receivers).toEqual([
      {
        worker: "bob",
        inboxId: "inbox-bob",
        installationId: "bob-1",
        received: ["C", "A", "B"],
        missing: [],
        duplicates: ["A"],
        foreign: ["Z"],
        outOfOrder: ["A", "B"],
        latencies: [
          { label: "C", ms: 80 },
          { label: "A", ms: 101 },
          { label: "B", ms: 92 },
        ],
      },
      {
        ...receiver("carol"),
        received: [],
        missing: ["A", "B", "C"],
        duplicates: [],
        foreign: [],
        outOfOrder: [],
        latencies: [],
      },
    ]);
    expect(done.receptionPercent).toBe(50);
    expect(done.orderPercent).toBeCloseTo(100 / 3);
    expect(done.verdict).toEqual({
      status: "fail",
      oracle: "test",
      summary: "test: 7 violations, the first: bob saw A again",
      offenders: [
        { kind: "duplicate", worker: "bob", installationId: "bob-1", detail: "bob saw A again", seqs: [4] },
        {
          kind: "out-of-order",
          worker: "bob",
          installationId: "bob-1",
          detail: "bob saw A too late",
          seqs: [2],
        },
        {
          kind: "out-of-order",
          worker: "bob",
          installationId: "bob-1",
          detail: "bob saw B too late",
          seqs: [3],
        },
        {
          kind: "foreign",
          worker: "bob",
          installationId: "bob-1",
          detail: "bob saw Z, one of 1 event nobody expected",
          seqs: [5],
        },
        ...["A", "B", "C"].map((label) => {
          return {
            kind: "missing",
            worker: "carol",
            installationId: "carol-1",
            detail: `carol missed ${label} (test)`,
            seqs: [],
          };
        }),
      ],
    });
  });

  it("passes when all came in order, and lists what is foreign where that is allowed", () => {
    expect(result(verify("test", bob, expected, seen("abc")))).toEqual([100, 100, "pass"]);
    expect(verify("test", bob, expected, seen("abc")).verdict).toEqual({
      status: "pass",
      oracle: "test",
      checked: 3,
    });
    const listed = verify("test", bob, expected, seen("axbc"), { foreign: "list" });
    expect(listed.verdict.status).toBe("pass");
    expect(listed.receivers[0]?.foreign).toEqual(["X"]);
    expect(verify("test", bob, expected, seen("axbc"), { foreign: "fail" }).verdict.status).toBe("fail");
  });

  it("does not call one of three 100 % in order, and a duplicate hides no loss", () => {
    expect(result(verify("test", bob, expected, seen("c")))[1]).toBeCloseTo(100 / 3);
    expect(result(verify("test", bob, expected, seen("aab")))[0]).toBeCloseTo(200 / 3);
  });

  it("takes the longest run that keeps the order", () => {
    const five = Array.from("abcde", (key) => ({ key, label: key }));
    expect(result(verify("test", bob, five, seen("bacde")))[1]).toBe(80);
    expect(result(verify("test", bob, five, seen("ecabd")))[1]).toBe(60);
    expect(result(verify("test", bob, five, seen("edcba")))[1]).toBe(20);
  });

  it("expects equal keys as often as they are listed, and has no latency without a time", () => {
    const twice = [
      { key: "a", label: "A" },
      { key: "a", label: "A" },
    ];
    const done = verify("test", bob, twice, seen("aa"));
    expect(result(done)).toEqual([100, 100, "pass"]);
    expect(done.receivers[0]?.latencies).toEqual([]);
    expect(result(verify("test", bob, twice, seen("aaa")))[2]).toEqual(["bob saw A again"]);
  });

  it("has nothing to say without receivers or expectations", () => {
    expect(verify("test", [], expected, [])).toMatchObject({
      verdict: { status: "inconclusive", oracle: "test", reason: "there is no receiver" },
    });
    const nothing = verify("test", bob, [], []);
    expect(nothing.verdict).toEqual({
      status: "inconclusive",
      oracle: "test",
      reason: "nothing was expected",
    });
    expect(nothing.receptionPercent).toBeUndefined();
    expect(nothing.orderPercent).toBeUndefined();
  });
});

describe("verifyMessages", () => {
  it("checks text and sender, with the latency of each message by its own event", () => {
    const ledger = new LedgerBuilder();
    const one = ledger.at(10).send("alice", "one");
    const two = ledger.at(20).send("alice", "two");
    ledger.at(30).receive("bob", "one", "alice");
    ledger.at(100).receive("bob", "two", "alice");
    ledger.at(101).receive("alice", "two", "alice");
    const done = verifyMessages(ledger.events, bob, { ...at, messages: [one, two] });
    expect(result(done)).toEqual([100, 100, "pass"]);
    expect(done.verdict.oracle).toBe("messages");
    expect(done.receivers[0]?.latencies).toEqual([
      { label: '"one"', ms: 20 },
      { label: '"two"', ms: 80 },
    ]);
    const texts = [
      { text: "one", senderInboxId: "inbox-alice" },
      { text: "two", senderInboxId: "inbox-alice", at: 90 },
    ];
    expect(verifyMessages(ledger.events, bob, { ...at, messages: texts }).receivers[0]?.latencies).toEqual([
      { label: '"two"', ms: 10 },
    ]);
  });

  it("is not satisfied by another value, another sender or another conversation", () => {
    const ledger = new LedgerBuilder();
    const send = ledger.send("alice", "hi");
    ledger.receive("bob", "ha", "alice");
    ledger.receive("bob", "hi", "mallory");
    ledger.receive("bob", "hi", "alice", { conversationId: "other" });
    ledger.update("bob", "alice", {});
    ledger.receive("bob", "my own", "bob");
    expect(result(verifyMessages(ledger.events, bob, { ...at, messages: [send] }))).toEqual([
      0,
      0,
      [
        'bob missed "hi" (messages)',
        'bob saw "ha", one of 2 events nobody expected',
        'bob saw "hi", one of 2 events nobody expected',
      ],
    ]);
  });

  it("tells long messages apart by hash, and by as much text as the ledger has where only texts are given", () => {
    const long = (end: string): string => "x".repeat(200) + end;
    const ledger = new LedgerBuilder();
    const send = ledger.send("alice", long("1"));
    ledger.receive("bob", long("2"), "alice");
    expect(verifyMessages(ledger.events, bob, { ...at, messages: [send] }).receptionPercent).toBe(0);
    const text = { text: long("1"), senderInboxId: "inbox-alice" };
    expect(verifyMessages(ledger.events, bob, { ...at, messages: [text] }).receptionPercent).toBe(100);
    expect(verifyMessages(ledger.events, bob, { ...at, messages: [text, send] }).receptionPercent).toBe(50);
  });

  it("counts what was streamed and read as one, whichever came first, and two stream copies as two", () => {
    const ledger = new LedgerBuilder();
    const send = ledger.send("alice", "hi");
    ledger.receive("bob", "hi", "alice", { source: "gap" });
    ledger.receive("carol", "hi", "alice");
    ledger.receive("bob", "hi", "alice");
    ledger.receive("bob", "hi", "alice", { source: "query" });
    expect(result(verifyMessages(ledger.events, bob, { ...at, messages: [send] }))).toEqual([
      100,
      100,
      "pass",
    ]);
    ledger.receive("bob", "hi", "alice");
    expect(result(verifyMessages(ledger.events, bob, { ...at, messages: [send] }))[2]).toEqual([
      'bob saw "hi" again',
    ]);
  });
});

describe("verifyResponses", () => {
  const asker = receiver("alice");
  const responderInboxId = "inbox-bot";

  it("pairs answers with questions in order, with the time from question to answer", () => {
    const ledger = new LedgerBuilder();
    const questions = [ledger.at(10).send("alice", "q1"), ledger.at(20).send("alice", "q2")];
    ledger.at(50).receive("alice", "a1", "bot");
    ledger.at(80).receive("alice", "a2", "bot");
    const done = verifyResponses(ledger.events, asker, { questions, responderInboxId });
    expect(result(done)).toEqual([100, 100, "pass"]);
    expect(done.verdict.oracle).toBe("responses");
    expect(done.receivers[0]?.latencies).toEqual([
      { label: '"a1"', ms: 40 },
      { label: '"a2"', ms: 60 },
    ]);
  });

  it("does not take a late answer to the first question for one to the second", () => {
    const ledger = new LedgerBuilder();
    const questions = [ledger.send("alice", "q1"), ledger.send("alice", "q2")];
    ledger.receive("alice", "a1", "bot");
    ledger.receive("alice", "a1", "bot", { source: "query" });
    expect(result(verifyResponses(ledger.events, asker, { questions, responderInboxId }))).toEqual([
      50,
      50,
      ['alice missed answer 2 to "q2" (responses)'],
    ]);
  });

  it("takes only the responder's messages, in the questions' conversation, to the asker, after the question", () => {
    const ledger = new LedgerBuilder();
    ledger.receive("alice", "early", "bot");
    const questions = [ledger.send("alice", "q1")];
    ledger.receive("alice", "q1", "carol");
    ledger.receive("bob", "answer", "bot");
    ledger.receive("alice", "elsewhere", "bot", { conversationId: "other" });
    ledger.update("alice", "bot", {});
    expect(result(verifyResponses(ledger.events, asker, { questions, responderInboxId }))).toEqual([
      0,
      0,
      ['alice missed answer 1 to "q1" (responses)', 'alice saw "early", one of 1 event nobody expected'],
    ]);
  });

  it("gives no answer away to what another installation heard", () => {
    const ledger = new LedgerBuilder();
    const questions = [ledger.send("alice", "q1")];
    ledger.receive("bob", "a1", "bot");
    ledger.receive("alice", "a1", "bot");
    expect(result(verifyResponses(ledger.events, asker, { questions, responderInboxId }))).toEqual([
      100,
      100,
      "pass",
    ]);
  });

  it("checks what the answer says where that is given, and takes no answer too many", () => {
    const ledger = new LedgerBuilder();
    const questions = [ledger.at(10).send("alice", "q1")];
    ledger.at(10).receive("alice", "gn", "bot");
    const asked = { questions, responderInboxId, text: "gm" };
    expect(result(verifyResponses(ledger.events, asker, asked))[0]).toBe(0);
    expect(result(verifyResponses(ledger.events, asker, { questions, responderInboxId }))[2]).toBe("pass");
    ledger.receive("alice", "gm", "bot");
    expect(result(verifyResponses(ledger.events, asker, asked))[0]).toBe(100);
    expect(result(verifyResponses(ledger.events, asker, { ...asked, foreign: "list" }))[2]).toBe("pass");
    expect(result(verifyResponses(ledger.events, asker, { questions, responderInboxId }))[2]).toEqual([
      'alice saw "gm", one of 1 event nobody expected',
    ]);
  });
});

describe("verifyMetadata", () => {
  const change = (newValue: string, field = "group_name"): object => {
    return { fields: [{ field, oldValue: "", newValue }] };
  };

  it("checks the value, the order and who made it", () => {
    const ledger = new LedgerBuilder();
    ledger.at(10).update("bob", "alice", change("one"));
    ledger.at(20).update("bob", "carol", change("two"));
    ledger.update("bob", "carol", change("text", "description"));
    ledger.receive("bob", "plain", "alice");
    const expected = { ...at, field: "group_name" };
    const values = (...changes: { value: string; byInboxId?: string; at?: number }[]): unknown[] =>
      result(verifyMetadata(ledger.events, bob, { ...expected, changes }));
    expect(values({ value: "one" }, { value: "two" })).toEqual([100, 100, "pass"]);
    const by = [
      { value: "one", byInboxId: "inbox-alice", at: 4 },
      { value: "two", byInboxId: "inbox-carol" },
    ];
    const done = verifyMetadata(ledger.events, bob, { ...expected, changes: by });
    expect(done.verdict).toMatchObject({ status: "pass", oracle: "metadata" });
    expect(done.receivers[0]?.latencies).toEqual([{ label: 'group_name="one"', ms: 6 }]);
    expect(
      values({ value: "one", byInboxId: "inbox-carol" }, { value: "two", byInboxId: "inbox-carol" })[0],
    ).toBe(50);
    expect(values({ value: "two" }, { value: "one" })[2]).toEqual(['bob saw group_name="two" too late']);
    expect(values({ value: "three" })[2]).toEqual([
      'bob missed group_name="three" (metadata)',
      'bob saw group_name="one", one of 2 events nobody expected',
      'bob saw group_name="two", one of 2 events nobody expected',
    ]);
    expect(
      verifyMetadata(ledger.events, bob, { ...expected, conversationId: "other", changes: by })
        .receptionPercent,
    ).toBe(0);
  });
});

describe("verifyMembership", () => {
  it("checks who came and went, in order", () => {
    const ledger = new LedgerBuilder();
    ledger.at(10).update("bob", "alice", { addedInboxIds: ["c", "d"] });
    ledger.at(20).update("bob", "alice", { removedInboxIds: ["c"] });
    ledger.at(30).update("bob", "d", { leftInboxIds: ["d"] });
    ledger.receive("bob", "plain", "alice");
    const changes = [
      { change: "added", inboxId: "c", at: 4 },
      { change: "added", inboxId: "d" },
      { change: "removed", inboxId: "c" },
      { change: "left", inboxId: "d" },
    ] as const;
    const done = verifyMembership(ledger.events, bob, { ...at, changes });
    expect(done.verdict).toEqual({ status: "pass", oracle: "membership", checked: 4 });
    expect(done.receivers[0]?.latencies).toEqual([{ label: "added c", ms: 6 }]);
    expect(result(verifyMembership(ledger.events, bob, { ...at, changes: changes.slice(0, 3) }))[2]).toEqual([
      "bob saw left d, one of 1 event nobody expected",
    ]);
    expect(
      result(
        verifyMembership(ledger.events, bob, {
          ...at,
          changes: [{ change: "added", inboxId: "z" }],
          foreign: "list",
        }),
      ),
    ).toEqual([0, 0, ["bob missed added z (membership)"]]);
  });
});

describe("verifyConversations", () => {
  it("checks which conversation, and who added the receiver", () => {
    const ledger = new LedgerBuilder();
    ledger.at(10).joined("bob");
    ledger.receive("bob", "plain", "alice");
    const wanted = { conversationId: conversation, byInboxId: "inbox-alice", at: 4 };
    const done = verifyConversations(ledger.events, bob, { conversations: [wanted] });
    expect(done.verdict).toEqual({ status: "pass", oracle: "conversations", checked: 1 });
    expect(done.receivers[0]?.latencies).toEqual([
      { label: "conversation conversation-1 by inbox-alice", ms: 6 },
    ]);
    const wrong = { ...wanted, byInboxId: "inbox-mallory" };
    expect(result(verifyConversations(ledger.events, bob, { conversations: [wrong] }))[2]).toEqual([
      "bob missed conversation conversation-1 by inbox-mallory (conversations)",
      "bob saw conversation conversation-1 by inbox-alice, one of 1 event nobody expected",
    ]);
  });
});

describe("verifyConsent", () => {
  it("checks whose consent, and tells unknown from denied", () => {
    const ledger = new LedgerBuilder();
    ledger.at(10).consent("bob", "inbox-alice", "denied");
    ledger.receive("bob", "plain", "alice");
    const wanted = { entity: "inbox-alice", state: "denied", at: 4 } as const;
    const done = verifyConsent(ledger.events, bob, { changes: [wanted] });
    expect(done.verdict).toEqual({ status: "pass", oracle: "consent", checked: 1 });
    expect(done.receivers[0]?.latencies).toEqual([{ label: "inbox-alice denied", ms: 6 }]);
    expect(
      result(verifyConsent(ledger.events, bob, { changes: [{ ...wanted, state: "unknown" }] }))[2],
    ).toEqual([
      "bob missed inbox-alice unknown (consent)",
      "bob saw inbox-alice denied, one of 1 event nobody expected",
    ]);
  });
});
