/** Classes of histories that once were judged wrongly, each by the rule it broke. */
import { describe, expect, it } from "vitest";
import {
  exactlyOnce,
  forkStatus,
  membershipsOf,
  noLoss,
  verifyConversations,
  verifyMessages,
  verifyResponses,
} from "../../../../src/oracles/index.js";
import type { Installation } from "../../../../src/oracles/index.js";
import { conversation, LedgerBuilder, nanoseconds } from "./ledger-builder.js";
import { snapshot } from "./snapshot-builder.js";

const of = (worker: string): Installation => {
  return { worker, inboxId: `inbox-${worker}`, installationId: `${worker}-1` };
};

describe("messages are told apart by their ids", () => {
  const twoOfOneValue = (...delivered: readonly string[]): LedgerBuilder => {
    const ledger = new LedgerBuilder();
    for (const messageId of ["m1", "m2"]) ledger.send("alice", "gm", { messageId });
    for (const messageId of delivered) ledger.receive("bob", "gm", "alice", { messageId });
    return ledger;
  };
  const verified = (ledger: LedgerBuilder): unknown => {
    const messages = ledger.events.filter((one) => one.kind === "send");
    const done = verifyMessages(ledger.events, [of("bob")], { conversationId: conversation, messages });
    const { missing, duplicates, outOfOrder } = done.receivers[0] ?? {};
    return [done.verdict.status, missing?.length, duplicates?.length, outOfOrder?.length];
  };

  it("by verifyMessages", () => {
    expect(verified(twoOfOneValue("m1", "m2"))).toEqual(["pass", 0, 0, 0]);
    expect(verified(twoOfOneValue("m1", "m1"))).toEqual(["fail", 1, 1, 0]);
    expect(verified(twoOfOneValue("m2", "m1"))).toEqual(["fail", 0, 0, 1]);
    expect(verified(twoOfOneValue("m1", "resent"))).toEqual(["fail", 1, 1, 0]);
  });

  it("by verifyMessages where only texts are known: each id counts once", () => {
    const gm = { text: "gm", senderInboxId: "inbox-alice" };
    const byText = (ledger: LedgerBuilder): string =>
      verifyMessages(ledger.events, [of("bob")], { conversationId: conversation, messages: [gm, gm] }).verdict
        .status;
    expect(byText(twoOfOneValue("m1", "m2"))).toBe("pass");
    expect(byText(twoOfOneValue("m1", "m1"))).toBe("fail");
  });

  it("by verifyResponses: one answer given twice is none to the second question", () => {
    const answered = (...ids: readonly string[]): string => {
      const ledger = new LedgerBuilder();
      const questions = ["one?", "two?"].map((text) => ledger.send("alice", text));
      for (const messageId of ids) ledger.receive("alice", "gm", "bot", { messageId });
      return verifyResponses(ledger.events, of("alice"), { questions, responderInboxId: "inbox-bot" }).verdict
        .status;
    };
    expect(answered("a1", "a2")).toBe("pass");
    expect(answered("a1", "a1")).toBe("fail");
  });

  it("by verifyConversations: what is streamed and read in a gap counts once", () => {
    const given = (...sources: readonly ("stream" | "gap")[]): string => {
      const ledger = new LedgerBuilder();
      for (const source of sources) ledger.joined("bob", source);
      const conversations = [{ conversationId: conversation, byInboxId: "inbox-alice" }];
      return verifyConversations(ledger.events, [of("bob")], { conversations }).verdict.status;
    };
    expect([given("stream", "gap"), given("gap", "stream"), given("gap")]).toEqual(["pass", "pass", "pass"]);
    expect(given("stream", "stream")).toBe("fail");
  });
});

it("a copy that was published again is allowed once, not as often as anybody likes", () => {
  const copies = (count: number): string => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi");
    ledger.receive("alice", "hi", "alice", { sentAtNs: "2000" });
    for (let at = 0; at < count; at += 1) ledger.receive("bob", "hi", "alice", { sentAtNs: "1000" });
    return exactlyOnce(ledger.events, { republished: "allow" }).status;
  };
  expect([copies(1), copies(2), copies(3)]).toEqual(["pass", "pass", "fail"]);
});

describe("forkStatus", () => {
  const at = (worker: string, epoch: number, epochAuthenticator: string, fork = "unknown", more = {}) =>
    snapshot(worker, [], { epoch, epochAuthenticator, fork: fork as "healthy", ...more });

  it("lets two camps at different epochs vouch for nobody", () => {
    const camps = [at("a", 5, "aa"), at("b", 5, "aa"), at("d", 6, "bb"), at("e", 6, "bb")];
    expect(forkStatus(camps).status).toBe("inconclusive");
    expect(forkStatus(camps.slice(0, 2)).status).toBe("pass");
    const own = [...camps.slice(0, 2), at("d", 6, "bb", "healthy"), at("e", 6, "bb")];
    const verdict = forkStatus(own);
    expect(verdict.status === "inconclusive" && verdict.reason).toContain("(a, b)");
    const both = [at("a", 5, "aa", "healthy"), ...own.slice(1)];
    expect(forkStatus(both).status).toBe("pass");
  });

  it("does not wait for former members", () => {
    const left = at("c", 3, "cc", "healthy", { active: false });
    expect(forkStatus([at("a", 5, "aa"), at("b", 5, "aa"), left]).status).toBe("pass");
    expect(forkStatus([at("a", 5, "aa"), left]).status).toBe("inconclusive");
  });

  it("compares within one conversation only", () => {
    const other = { conversationId: "other" };
    expect(forkStatus([at("a", 5, "aa", "healthy"), at("b", 5, "bb", "healthy", other)]).status).toBe("pass");
    expect(forkStatus([at("a", 5, "aa", "healthy"), at("b", 5, "aa", "unknown", other)]).status).toBe(
      "inconclusive",
    );
  });
});

describe("clocks that are wrong", () => {
  const carol = ["inbox-carol"];
  /** Alice adds carol and bob removes her, stamped by a clock that is `skewMs` off; then alice writes. */
  const removed = (skewMs: number, reporters: readonly string[]): LedgerBuilder => {
    const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
    const add = { messageId: "add", sentAtNs: nanoseconds(1_000) };
    const remove = { messageId: "remove", sentAtNs: nanoseconds(2_000 + skewMs) };
    ledger.at(1_001);
    for (const name of ["alice", "bob"]) ledger.update(name, "alice", { addedInboxIds: carol }, add);
    ledger.at(2_001);
    for (const name of reporters) ledger.update(name, "bob", { removedInboxIds: carol }, remove);
    ledger.at(3_000).send("alice", "without carol");
    ledger.receive("bob", "without carol", "alice");
    return ledger;
  };

  it.each([-60_000, -5_000, -500, 0, 500, 5_000, 60_000])(
    "hide no removal (%s ms), whoever reports it",
    (skewMs) => {
      for (const reporters of [["bob"], ["alice"], ["alice", "bob"]]) {
        const { events } = removed(skewMs, reporters);
        expect(noLoss(events, { asOf: 1e6 }).status, reporters.join()).toBe("pass");
        expect(membershipsOf(events).filter((one) => one.inboxId === "inbox-carol" && !one.until)).toEqual(
          [],
        );
      }
    },
  );
});
