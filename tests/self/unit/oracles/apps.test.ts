/** Apps and pages in the ledger: what they published at their ports counts as sent, and strangers are still found. */
import { describe, expect, it } from "vitest";
import { exactlyOnce, noForeign, noLoss, orderPerSender } from "../../../../src/oracles/index.js";
import type { Verdict } from "../../../../src/oracles/index.js";
import type { LedgerEvent, LineEvent } from "../../../../src/ledger/events.js";
import { TestLedger } from "../../../../src/ledger/ledger.js";
import { ProcessLedger } from "../../../../src/ledger/process-ledger.js";
import { readHistory } from "../../../../src/ledger/history.js";
import { conversation, LedgerBuilder } from "./ledger-builder.js";

const asOf = 1e6;

/** alice asks, the bot answers "gm" at its port; alice and bob are given both. */
function answered(): { readonly ledger: LedgerBuilder; readonly answer: LineEvent } {
  const ledger = new LedgerBuilder().listening("alice", "bob");
  ledger.line("bot", "registered");
  ledger.at(100).send("alice", "hi");
  ledger.receive("bob", "hi", "alice");
  ledger.line("bot", "delivered");
  const answer = ledger.line("bot", "published");
  for (const name of ["alice", "bob"]) ledger.receive(name, "gm", "bot", { sentAtNs: answer.createdNs });
  return { ledger, answer };
}

function details(verdict: Verdict): string[] {
  return verdict.status === "fail" ? verdict.offenders.map(({ kind, detail }) => `${kind}: ${detail}`) : [];
}

describe("an app's or page's publication", () => {
  it("counts as sent: no oracle misjudges its receipts", () => {
    const { events } = answered().ledger;
    for (const verdict of [
      noForeign(events),
      noForeign(events, { conversationId: conversation }),
      exactlyOnce(events),
      noLoss(events, { asOf }),
    ])
      expect(verdict).toMatchObject({ status: "pass" });
    expect(noForeign(events)).toMatchObject({ checked: 3 });
    expect(details(orderPerSender(events))).toEqual([]);
  });

  it("is that of its party, whose inbox has its name", () => {
    const { ledger, answer } = answered();
    const { receives, publicationOf, nameOf } = readHistory(ledger.events);
    expect(receives.map((one) => publicationOf(one)?.seq)).toEqual([undefined, answer.seq, answer.seq]);
    expect(nameOf("inbox-bot")).toBe("bot");
  });

  it("is found by a receipt whose time went through a number, as all do in node-sdk 4.x", () => {
    const createdNs = "1796126389706268021";
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.line("bot", "published", { createdNs });
    ledger.receive("bob", "gm", "bot", { sentAtNs: createdNs });
    ledger.receive("alice", "gm", "bot", { sentAtNs: String(BigInt(Number(createdNs))) });
    expect(noForeign(ledger.events)).toMatchObject({ status: "pass", checked: 2 });
    // A microsecond later is another message's time.
    ledger.receive("alice", "boo", "bot", { sentAtNs: String(BigInt(createdNs) + 1_000n) });
    expect(details(noForeign(ledger.events))).toEqual([
      'unsent: alice received "boo" (id-boo) from bot, which nobody sent',
    ]);
  });

  it("explains nothing but itself: a stranger is found beside it", () => {
    const { ledger, answer } = answered();
    ledger.receive("alice", "boo", "mallory");
    // At another time, in another conversation, or of a party that published nothing.
    ledger.receive("alice", "again", "bot");
    const elsewhere = { sentAtNs: answer.createdNs, conversationId: "other" };
    ledger.receive("alice", "elsewhere", "bot", elsewhere);
    expect(details(noForeign(ledger.events))).toEqual([
      'unsent: alice received "boo" (id-boo) from inbox-mallory, which nobody sent',
      'unsent: alice received "again" (id-again) from bot, which nobody sent',
      'unsent: alice received "elsewhere" (id-elsewhere) from bot, which nobody sent',
    ]);
  });

  it("is named where a receipt has another sender", () => {
    const { ledger, answer } = answered();
    const forged = ledger.receive("alice", "forged", "mallory", { sentAtNs: answer.createdNs });
    const verdict = noForeign(ledger.events);
    expect(details(verdict)).toEqual([
      'wrong-sender: alice received "forged" (id-forged) from inbox-mallory, but bot published it',
    ]);
    expect(verdict).toMatchObject({ offenders: [{ seqs: [answer.seq, forged.seq] }] });
  });

  it("is anybody's where several use the line, whose inbox is then not known", () => {
    const ledger = new LedgerBuilder().listening("alice");
    const { createdNs } = ledger.line("door", "published", { inboxId: "", installationId: "" });
    ledger.receive("alice", "hi", "someone", { sentAtNs: createdNs });
    expect(noForeign(ledger.events)).toMatchObject({ status: "pass" });
  });

  it.each([
    ["a commit", { commit: true }],
    ["a welcome", { about: "welcome", conversationId: "" }],
    ["what was only delivered", { what: "delivered" }],
  ] as const)("is not %s", (_what, values) => {
    const ledger = new LedgerBuilder().listening("alice");
    const { createdNs } = ledger.line("bot", "published", values);
    ledger.receive("alice", "hi", "bot", { sentAtNs: createdNs });
    expect(details(noForeign(ledger.events))).toEqual([
      'unsent: alice received "hi" (id-hi) from bot, which nobody sent',
    ]);
  });

  it("is not a second copy of what a worker of the same inbox sent", () => {
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.send("alice", "gm");
    ledger.receive("bob", "gm", "alice");
    const { createdNs } = ledger.line("page", "published", { inboxId: "inbox-alice" });
    ledger.receive("bob", "gm", "alice", { messageId: "from-page", sentAtNs: createdNs });
    expect(exactlyOnce(ledger.events)).toMatchObject({ status: "pass" });
    ledger.receive("bob", "gm", "alice", { messageId: "third" });
    expect(details(exactlyOnce(ledger.events))).toEqual([
      'duplicate-payload: bob received "gm" (id-gm) from alice under 2 message ids for 1 send',
    ]);
  });

  it("does not use up a send of unknown outcome", () => {
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.send("alice", "gm", { outcome: "unknown", messageId: undefined as never });
    const { createdNs } = ledger.line("page", "published", { inboxId: "inbox-alice" });
    ledger.receive("bob", "gm", "alice", { messageId: "from-page", sentAtNs: createdNs });
    ledger.receive("bob", "gm", "alice", { messageId: "from-worker" });
    expect(noForeign(ledger.events)).toMatchObject({ status: "pass", checked: 2 });
    ledger.receive("bob", "gm", "alice", { messageId: "from-nobody" });
    expect(details(noForeign(ledger.events))).toEqual([
      'unsent: bob received "gm" (from-nobody) from alice, which nobody sent',
    ]);
  });

  it("is judged for duplicates: given twice, and under two ids", () => {
    const { ledger, answer } = answered();
    const again = { sentAtNs: answer.createdNs };
    ledger.receive("bob", "gm", "bot", again);
    ledger.receive("alice", "gm", "bot", { ...again, messageId: "twin" });
    expect(details(exactlyOnce(ledger.events))).toEqual([
      'duplicate-id: bob received "gm" (id-gm) from bot 2 times by its stream',
      'duplicate-payload: alice received "gm" (id-gm) from bot under 2 message ids for 1 publication',
    ]);
  });

  it("may be published again where that is allowed and the node stored both copies, not otherwise", () => {
    const { ledger, answer } = answered();
    const second = ledger.line("bot", "published");
    ledger.receive("bob", "gm", "bot", { sentAtNs: second.createdNs });
    expect(exactlyOnce(ledger.events, { republished: "allow" })).toMatchObject({ status: "pass" });
    expect(exactlyOnce(ledger.events)).toMatchObject({ status: "fail" });
    ledger.receive("alice", "gm", "bot", { sentAtNs: answer.createdNs });
    expect(details(exactlyOnce(ledger.events, { republished: "allow" }))).toEqual([
      'duplicate-id: alice received "gm" (id-gm) from bot 2 times by its stream',
    ]);
  });
});

/**
 * The same events as they come in: the node's by a way of their own, which is read only when a receipt is written, or too
 * late where nobody asks for it.
 *
 * @returns what noForeign says at the moment of each receipt
 */
function comingIn(ledger: TestLedger, asked: (hear: () => void) => void): Verdict["status"][] {
  const onTheWay: LedgerEvent[] = [];
  asked(() => {
    for (const event of onTheWay.splice(0)) ledger.append({ ...event });
  });
  const statuses: Verdict["status"][] = [];
  ledger.subscribe(({ kind }) => {
    if (kind === "receive") statuses.push(noForeign(ledger.events).status);
  });
  for (const event of answered().ledger.events)
    if (event.kind === "line") onTheWay.push(event);
    else ledger.append({ ...event });
  return statuses;
}

describe("a publication that the node has told of, and nobody has read yet", () => {
  it("would make its receipt a stranger's", () => {
    expect(comingIn(new TestLedger(), () => undefined)).toEqual(["pass", "fail", "fail"]);
  });

  it("is in the ledger before its receipt", () => {
    const ledger = new TestLedger();
    expect(comingIn(ledger, (hear) => ledger.hearFirst(hear))).toEqual(["pass", "pass", "pass"]);
    const kinds = ledger.events.map((event) => (event.kind === "line" ? event.what : event.kind));
    expect(kinds.slice(kinds.indexOf("published"))).toEqual(["published", "receive", "receive"]);
  });

  it("is so in each test's ledger, for a party that outlives tests", () => {
    const process = new ProcessLedger();
    const first = new TestLedger();
    const second = new TestLedger();
    const statuses = comingIn(second, (hear) => {
      const leave = process.enter(first);
      process.current.hearFirst(hear);
      leave();
      process.enter(second);
    });
    expect(statuses).toEqual(["pass", "pass", "pass"]);
  });
});
