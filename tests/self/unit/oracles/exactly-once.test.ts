import { describe, expect, it } from "vitest";
import { exactlyOnce } from "../../../../src/oracles/index.js";
import type { ReceiveEvent } from "../../../../src/ledger/events.js";
import { LedgerBuilder } from "./ledger-builder.js";

describe("exactlyOnce", () => {
  it("passes when every installation got every message once, and counts what it judged", () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi");
    ledger.receive("bob", "hi", "alice");
    ledger.receive("carol", "hi", "alice");
    expect(exactlyOnce(ledger.events)).toEqual({ status: "pass", oracle: "exactlyOnce", checked: 2 });
  });

  it("has nothing to say when nothing was received", () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi");
    expect(exactlyOnce(ledger.events)).toEqual({
      status: "inconclusive",
      oracle: "exactlyOnce",
      reason: "nothing was received",
    });
  });

  it("names a message that a stream delivered twice", () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi");
    const first = ledger.receive("bob", "hi", "alice");
    const again = ledger.receive("bob", "hi", "alice");
    expect(exactlyOnce(ledger.events)).toEqual({
      status: "fail",
      oracle: "exactlyOnce",
      summary:
        'exactlyOnce: 1 violation, the first: bob received "hi" (id-hi) from alice 2 times by its stream',
      offenders: [
        {
          kind: "duplicate-id",
          worker: "bob",
          installationId: "bob-1",
          detail: 'bob received "hi" (id-hi) from alice 2 times by its stream',
          messageId: "id-hi",
          seqs: [first.seq, again.seq],
        },
      ],
    });
  });

  it("names a resend that came under a new id", () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi");
    const first = ledger.receive("bob", "hi", "alice");
    const again = ledger.receive("bob", "hi", "alice", { messageId: "id-2" });
    expect(exactlyOnce(ledger.events)).toMatchObject({
      offenders: [
        {
          kind: "duplicate-payload",
          detail: 'bob received "hi" (id-hi) from alice under 2 message ids for 1 send',
          seqs: [first.seq, again.seq],
        },
      ],
    });
  });

  it("allows as many copies of a text as were sent, and no more", () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "gm", { messageId: "id-1" });
    ledger.send("alice", "gm", { messageId: "id-2" });
    ledger.receive("bob", "gm", "alice", { messageId: "id-1" });
    ledger.receive("bob", "gm", "alice", { messageId: "id-2" });
    expect(exactlyOnce(ledger.events).status).toBe("pass");
    ledger.receive("bob", "gm", "alice", { messageId: "id-3" });
    expect(exactlyOnce(ledger.events)).toMatchObject({
      offenders: [{ detail: 'bob received "gm" (id-1) from alice under 3 message ids for 2 sends' }],
    });
  });

  it("does not count a failed send as leave for a second copy, but an unknown one", () => {
    const twice = (outcome: "failed" | "unknown"): LedgerBuilder => {
      const ledger = new LedgerBuilder();
      ledger.send("alice", "gm", { messageId: "id-1" });
      ledger.send("alice", "gm", { messageId: undefined as never, outcome });
      ledger.receive("bob", "gm", "alice", { messageId: "id-1" });
      ledger.receive("bob", "gm", "alice", { messageId: "id-2" });
      return ledger;
    };
    expect(exactlyOnce(twice("failed").events).status).toBe("fail");
    expect(exactlyOnce(twice("unknown").events).status).toBe("pass");
  });

  it("counts a message once that was streamed and also read from the database", () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice", "hi");
    ledger.receive("bob", "hi", "alice", { source: "gap" });
    ledger.receive("bob", "hi", "alice");
    ledger.receive("bob", "hi", "alice", { source: "query" });
    expect(exactlyOnce(ledger.events).status).toBe("pass");
  });

  it("does not judge payloads whose sends it has not seen, nor other conversations", () => {
    const ledger = new LedgerBuilder();
    ledger.receive("bob", "ok", "bot", { messageId: "id-1" });
    ledger.receive("bob", "ok", "bot", { messageId: "id-2" });
    expect(exactlyOnce(ledger.events).status).toBe("pass");
    ledger.receive("bob", "x", "bot", { conversationId: "other" });
    ledger.receive("bob", "x", "bot", { conversationId: "other" });
    expect(exactlyOnce(ledger.events, { conversationId: "conversation-1" }).status).toBe("pass");
    expect(exactlyOnce(ledger.events).status).toBe("fail");
  });

  describe("a message that its sender published again", () => {
    const first = { sentAtNs: "1000" };
    const later = { sentAtNs: "2000" };
    /** Bob gets alice's "hi" twice; she has it as `own` says. */
    const twice = (own: Partial<ReceiveEvent>): LedgerBuilder => {
      const ledger = new LedgerBuilder();
      ledger.send("alice", "hi");
      ledger.receive("alice", "hi", "alice", own);
      ledger.receive("bob", "hi", "alice", first);
      ledger.receive("bob", "hi", "alice", first);
      return ledger;
    };
    const allow = (ledger: LedgerBuilder): string =>
      exactlyOnce(ledger.events, { republished: "allow" }).status;

    it("is a duplicate unless it is allowed", () => {
      expect(exactlyOnce(twice(later).events).status).toBe("fail");
      expect(exactlyOnce(twice(later).events, { republished: "fail" }).status).toBe("fail");
      expect(allow(twice(later))).toBe("pass");
    });

    it("is known by its sender's time of sending: any other duplicate stays one", () => {
      expect(allow(twice(first))).toBe("fail");
      expect(allow(twice({ ...later, messageId: "id-other" }))).toBe("fail");
      expect(allow(twice({ ...later, source: "query" })), "a database may have it before the node").toBe(
        "fail",
      );
      expect(allow(twice({ ...later, installationId: "alice-2" })), "not the one that sent").toBe("fail");
      const mixed = twice(later);
      mixed.receive("bob", "hi", "alice", later);
      expect(allow(mixed), "the last copy has the sender's time").toBe("fail");
      const unsent = new LedgerBuilder();
      unsent.receive("bob", "hi", "alice", first);
      unsent.receive("bob", "hi", "alice", first);
      expect(allow(unsent), "nobody in the ledger sent it").toBe("fail");
    });

    it("is not a leave for its sender, nor for a second message id", () => {
      const own = twice(later);
      own.receive("alice", "hi", "alice", later);
      expect(exactlyOnce(own.events, { republished: "allow" })).toMatchObject({
        offenders: [{ kind: "duplicate-id", worker: "alice" }],
      });
      const renamed = twice(later);
      renamed.receive("bob", "hi", "alice", { ...first, messageId: "id-2" });
      expect(exactlyOnce(renamed.events, { republished: "allow" })).toMatchObject({
        offenders: [{ kind: "duplicate-payload", worker: "bob" }],
      });
    });
  });

  it("leaves transcript messages out", () => {
    const ledger = new LedgerBuilder();
    ledger.update("bob", "alice", {}, { messageId: "u" });
    ledger.update("bob", "alice", {}, { messageId: "u", contentType: "leave_request" });
    expect(exactlyOnce(ledger.events).status).toBe("inconclusive");
  });
});
