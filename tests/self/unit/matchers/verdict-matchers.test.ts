import { stripVTControlCharacters } from "node:util";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect as assert, it } from "vitest";
import { expect } from "../../../../src/matchers/index.js";
import { exactlyOnce, noLoss } from "../../../../src/oracles/index.js";
import type { Verdict } from "../../../../src/oracles/index.js";
import { LedgerBuilder } from "../oracles/ledger-builder.js";
import { failureOf, worker } from "./workers.js";

const fast = { timeout: 60, settle: 10 };

describe("toHold", () => {
  const fail: Verdict = {
    status: "fail",
    oracle: "noLoss",
    summary: "",
    offenders: [
      {
        kind: "lost",
        worker: "bob",
        installationId: "b",
        detail: `bob never received "hi" (${"ab".repeat(32)})`,
        seqs: [],
      },
    ],
  };
  const pass: Verdict = { status: "pass", oracle: "noLoss", checked: 3 };
  const open: Verdict = { status: "inconclusive", oracle: "noLoss", reason: "no send was acknowledged" };
  const textOf = (assertion: () => void): string => {
    try {
      assertion();
    } catch (error) {
      return stripVTControlCharacters((error as Error).message);
    }
    return "";
  };

  it("holds for a pass, of an oracle or of a verification", () => {
    expect(pass).toHold();
    expect({ verdict: pass }).toHold();
    expect(fail).not.toHold();
  });

  it("lists the offenders, and says why it cannot be said", () => {
    assert(textOf(() => expect(fail).toHold())).toBe(
      'expect(noLoss).toHold() failed\n\nExpected: no violation\nReceived: noLoss: 1 violation\n    lost: bob never received "hi" (abababab…)',
    );
    assert(textOf(() => expect(open).toHold())).toContain("inconclusive: no send was acknowledged");
    assert(textOf(() => expect(open).not.toHold())).toContain("Expected: a violation");
    assert(textOf(() => expect(pass).not.toHold())).toContain("noLoss: pass (3 judged)");
  });

  it("is for verdicts only", () => {
    for (const value of [undefined, 3, {}, Promise.resolve(pass)])
      assert(textOf(() => (expect(value as never) as unknown as { toHold(): void }).toHold())).toContain(
        "INVALID_ARGUMENT",
      );
  });
});

describe("toSatisfy", () => {
  const chat = (): LedgerBuilder => {
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.send("alice", "hi");
    return ledger;
  };

  it("waits for what is on its way, then until all has settled", async () => {
    const ledger = chat();
    const both = [worker(ledger, "alice"), worker(ledger, "bob")];
    const waiting = expect(both).toSatisfy(noLoss, exactlyOnce, { timeout: 5_000, settle: 10 });
    await turn();
    ledger.receive("bob", "hi", "alice");
    await waiting;
    assert(ledger.listenerCount).toBe(0);
  });

  it("names what is missing, and each oracle", async () => {
    const ledger = chat();
    ledger.at(-1e6).lifecycle("alice", "note");
    const text = await failureOf(
      expect([worker(ledger, "bob")]).toSatisfy(noLoss, { timeout: 30, settle: 1 }),
    );
    assert(text).toContain("expect(bob).toSatisfy(expected) failed");
    assert(text).toContain("Expected: noLoss");
    assert(text).toMatch(/noLoss: (1 violation|inconclusive)/);
    assert(text).toContain("Timeout:  30 ms");
  });

  it("sees a copy that comes while it settles", async () => {
    const ledger = chat();
    ledger.receive("bob", "hi", "alice");
    const untilDrained = (): Promise<void> => {
      ledger.receive("bob", "hi", "alice");
      return Promise.resolve();
    };
    const bob = worker(ledger, "bob", { untilDrained });
    const text = await failureOf(expect([bob]).toSatisfy(exactlyOnce, fast));
    assert(text).toContain("duplicate-id: bob received");
    await expect([bob]).not.toSatisfy(exactlyOnce, fast);
  });

  it("does not pass when nothing can be said about absence, nor without an oracle", async () => {
    const ledger = chat();
    ledger.receive("bob", "hi", "alice");
    const mute = worker(ledger, "bob", { untilDrained: () => Promise.reject(new Error("no way")) });
    assert(await failureOf(expect([mute]).toSatisfy(exactlyOnce, fast))).toContain("no way");
    const never = await failureOf(expect([worker(ledger, "bob")]).toSatisfy());
    assert(never).toContain("INVALID_ARGUMENT");
  });
});

describe("toStaySilent", () => {
  const because = "the bot answers within 10 ms";
  const asked = (): LedgerBuilder => {
    const ledger = new LedgerBuilder().listening("alice");
    ledger.receive("alice", "welcome", "bot");
    ledger.send("alice", "are you there?");
    return ledger;
  };

  it("passes when nobody answers the worker's last message", async () => {
    await expect(worker(asked(), "alice")).toStaySilent({ forMs: 20, because });
  });

  it("fails at the first answer, also one that came before the check, with the reason", async () => {
    const early = asked();
    early.receive("alice", "yes", "bot");
    const text = await failureOf(expect(worker(early, "alice")).toStaySilent({ forMs: 60_000, because }));
    assert(text).toContain(`Expected: silence for 60000 ms, because ${because}`);
    assert(text).toContain('"yes"');
    await expect(worker(early, "alice")).not.toStaySilent({ forMs: 60_000, because });
    const late = asked();
    const failing = failureOf(expect(worker(late, "alice")).toStaySilent({ forMs: 60_000, because }));
    await turn();
    late.receive("alice", "yes", "bot");
    assert(await failing).toContain("Received: 1 message");
  });

  it("hears only those it was told of, and no records of the group", async () => {
    const ledger = asked();
    ledger.receive("alice", "yes", "bot");
    ledger.update("alice", "bot", {});
    const alice = worker(ledger, "alice");
    await expect(alice).toStaySilent({ forMs: 20, because, from: "inbox-carol" });
    await expect(alice).toStaySilent({ forMs: 20, because, contentTypes: ["reaction"] });
    await expect(alice).toStaySilent({ forMs: 20, because, conversationId: "other" });
  });

  it("is told by nobody who cannot hear, either way round", async () => {
    const deaf = worker(new LedgerBuilder(), "alice");
    const text = await failureOf(expect(deaf).toStaySilent({ forMs: 20, because }));
    assert(text).toContain("no stream of alice was ever live");
    await failureOf(expect(deaf).not.toStaySilent({ forMs: 20, because }));
    const mute = worker(asked(), "alice", { untilDrained: () => Promise.reject(new Error("no way")) });
    assert(await failureOf(expect(mute).toStaySilent({ forMs: 20, because }))).toContain("no way");
    await failureOf(expect(mute).not.toStaySilent({ forMs: 20, because }));
  });

  it("wants to know how long and why", async () => {
    for (const options of [undefined, {}, { forMs: 0, because }, { forMs: 20 }, { forMs: Infinity, because }])
      assert(await failureOf(expect(worker(asked(), "alice")).toStaySilent(options as never))).toContain(
        "INVALID_ARGUMENT",
      );
  });
});
