import { setImmediate as turn } from "node:timers/promises";
import { describe, expect as assert, it } from "vitest";
import { expect } from "../../../../src/matchers/index.js";
import { LedgerBuilder } from "../oracles/ledger-builder.js";
import { failureOf, worker } from "./workers.js";

/** Short, as nothing here has to come from a network. */
const fast = { timeout: 60, settle: 20 };

function chat(...texts: string[]): LedgerBuilder {
  const ledger = new LedgerBuilder();
  ledger.stream("alice", "live");
  for (const text of texts) {
    ledger.send("alice", text);
    ledger.receive("bob", text, "alice");
  }
  return ledger;
}

describe("toHaveReceived", () => {
  it("sees what came before, by text, pattern and predicate", async () => {
    const bob = worker(chat("hello", "world"), "bob");
    await expect(bob).toHaveReceived("hello", fast);
    await expect(bob).toHaveReceived(/^wor/g, fast);
    await expect(bob).toHaveReceived((message) => message.senderInboxId === "inbox-alice", fast);
    await expect(bob).toHaveReceived("hello", {
      ...fast,
      from: "inbox-alice",
      conversationId: "conversation-1",
    });
  });

  it("sees what comes later, without polling", async () => {
    const ledger = new LedgerBuilder();
    const waiting = expect(worker(ledger, "bob")).toHaveReceived("hi", { timeout: 5_000 });
    await turn();
    ledger.receive("bob", "other", "alice");
    await turn();
    ledger.receive("bob", "hi", "alice");
    await waiting;
    assert(ledger.listenerCount).toBe(0);
  });

  it("says what was expected, what came with time and sender, the timeout, the faults and the log", async () => {
    const ledger = chat("hello");
    ledger.fault("applied", "latency", ["bob"], "300 ms both ways");
    ledger.fault("applied", "cut", ["alice"]);
    ledger.fault("lifted", "cut", ["alice"]);
    ledger.receive("bob", "late", "alice", { source: "gap" });
    const bob = worker(ledger, "bob");
    assert(
      await failureOf(
        expect(bob).toHaveReceived("hullo", { ...fast, from: { inboxId: "inbox-alice", name: "alice" } }),
      ),
    ).toBe(
      [
        "expect(bob).toHaveReceived(expected) failed",
        "",
        'Expected: "hullo" from alice',
        "Received: 2 messages, none of which fits",
        '  +0.003 s  alice: "hello" (text, id-hello)',
        '  +0.007 s  alice: "late" (text, id-late, from the database (gap))',
        "Timeout:  60 ms",
        "Faults:   1 active",
        "  latency on bob: 300 ms both ways",
        "Call log:",
        "  - 2 received before this check",
        "  - waited 60 ms",
      ].join("\n"),
    );
    assert(ledger.listenerCount).toBe(0);
  });

  it("shows the last ten messages", async () => {
    const bob = worker(chat(...Array.from("abcdefghijklm")), "bob");
    const text = await failureOf(expect(bob).toHaveReceived("z", fast));
    assert(text).toContain("… 3 earlier");
    assert(text).not.toContain('"c"');
    assert(text).toContain('"d"');
  });

  it("is not satisfied by another sender, conversation, worker, wrong value or its own message", async () => {
    const ledger = chat("hi");
    ledger.send("bob", "mine");
    ledger.receive("bob", "mine", "bob");
    const bob = worker(ledger, "bob");
    await failureOf(expect(bob).toHaveReceived("hi", { ...fast, from: "inbox-carol" }));
    await failureOf(expect(bob).toHaveReceived("hi", { ...fast, conversationId: "other" }));
    await failureOf(expect(worker(ledger, "carol")).toHaveReceived("hi", fast));
    await failureOf(expect(bob).toHaveReceived("h", fast));
    await failureOf(expect(bob).toHaveReceived("mine", fast));
  });

  it("receives what another installation of its inbox sent", async () => {
    const ledger = new LedgerBuilder();
    ledger.send("alice-b", "note", { inboxId: "inbox-alice" });
    ledger.receive("alice", "note", "alice");
    await expect(worker(ledger, "alice")).toHaveReceived("note", fast);
  });

  it("takes the timeout of expect where none is given", async () => {
    const quick = expect.configure({ timeout: 30 });
    assert(await failureOf(quick(worker(new LedgerBuilder(), "bob")).toHaveReceived("hi"))).toContain(
      "Timeout:  30 ms",
    );
  });

  it("fails with the predicate's own error, before and after waiting", async () => {
    const explode = (): boolean => {
      throw new Error("predicate broke");
    };
    const ledger = new LedgerBuilder();
    const waiting = failureOf(expect(worker(ledger, "bob")).toHaveReceived(explode, { timeout: 5_000 }));
    await turn();
    ledger.receive("bob", "hi", "alice");
    assert(await waiting).toContain("predicate broke");
    assert(ledger.listenerCount).toBe(0);
    assert(await failureOf(expect(worker(ledger, "bob")).toHaveReceived(explode, fast))).toContain(
      "predicate broke",
    );
  });
});

describe(".not.toHaveReceived", () => {
  it("passes when the message still has not come after settling", async () => {
    await expect(worker(chat("hi"), "bob")).not.toHaveReceived("ho", fast);
  });

  it("fails at once when it has come", async () => {
    const text = await failureOf(
      expect(worker(chat("hi"), "bob")).not.toHaveReceived("hi", { timeout: 60_000 }),
    );
    assert(text).toContain("expect(bob).not.toHaveReceived(expected)");
    assert(text).toContain('Expected: not "hi"');
    assert(text).toContain("Received: 1 message\n");
  });

  it("waits for sends in flight, and sees what they bring", async () => {
    const ledger = new LedgerBuilder();
    const send = ledger.send("alice", "hi", { outcome: "pending" });
    const failing = failureOf(
      expect(worker(ledger, "bob")).not.toHaveReceived("hi", { timeout: 5_000, settle: 20 }),
    );
    await turn();
    ledger.receive("bob", "hi", "alice");
    ledger.settle(send, { outcome: "ok" });
    assert(await failing).toContain("all sends settled, streams drained, listened 20 ms longer");
  });

  it("hears a late message in the window after draining", async () => {
    const ledger = new LedgerBuilder();
    const bob = worker(ledger, "bob", {
      untilDrained: () => {
        setImmediate(() => ledger.receive("bob", "late", "alice"));
        return Promise.resolve();
      },
    });
    await failureOf(expect(bob).not.toHaveReceived("late", { timeout: 5_000, settle: 5_000 }));
  });

  it.each([
    ["the sends never settle", "1 of the sends in flight never settled", true, undefined],
    [
      "draining fails",
      "bob's streams could not be drained: no way",
      false,
      () => Promise.reject(new Error("no way")),
    ],
    ["draining hangs", "bob's streams were not drained in", false, () => new Promise<void>(() => undefined)],
  ])("does not pass when %s", async (_, reason, pending, untilDrained) => {
    const ledger = new LedgerBuilder();
    if (pending) ledger.send("alice", "hi", { outcome: "pending" });
    const bob = worker(ledger, "bob", untilDrained ? { untilDrained } : {});
    const text = await failureOf(expect(bob).not.toHaveReceived("hi", fast));
    assert(text).toContain(`cannot judge what did not come: ${reason}`);
  });

  it("listens longer when the worker cannot say that it is drained", async () => {
    const bob = worker(new LedgerBuilder(), "bob");
    const blind = { ...bob, worker: { events: bob.worker.events } };
    const begun = performance.now();
    await expect(blind).not.toHaveReceived("hi");
    assert(performance.now() - begun).toBeGreaterThanOrEqual(990);
  });
});

describe("toHaveReceivedExactlyOnce", () => {
  it("passes when one copy came and none follows", async () => {
    await expect(worker(chat("hi", "ho"), "bob")).toHaveReceivedExactlyOnce("hi", fast);
  });

  it("names a second stream delivery, and a second id", async () => {
    const twice = chat("hi");
    twice.receive("bob", "hi", "alice");
    const text = await failureOf(expect(worker(twice, "bob")).toHaveReceivedExactlyOnce("hi", fast));
    assert(text).toContain('Expected: exactly once "hi"');
    assert(text).toContain("Received: 1 message, it 2 times: id-hi 2 times");
    const resent = chat("hi");
    resent.receive("bob", "hi", "alice", { messageId: "again" });
    assert(await failureOf(expect(worker(resent, "bob")).toHaveReceivedExactlyOnce("hi", fast))).toContain(
      "Received: 2 messages, it 2 times: id-hi, again",
    );
  });

  it("sees a copy that comes while it settles", async () => {
    const ledger = chat("hi");
    const untilDrained = (): Promise<void> => {
      ledger.receive("bob", "hi", "alice");
      return Promise.resolve();
    };
    const text = await failureOf(
      expect(worker(ledger, "bob", { untilDrained })).toHaveReceivedExactlyOnce("hi", { timeout: 5_000 }),
    );
    assert(text).toContain("it 2 times");
  });

  it("says never when it did not come", async () => {
    assert(await failureOf(expect(worker(chat(), "bob")).toHaveReceivedExactlyOnce("hi", fast))).toContain(
      "Received: 0 messages, it never",
    );
  });

  it("counts what was streamed and read from the database once", async () => {
    const ledger = chat("hi");
    ledger.receive("bob", "hi", "alice", { source: "gap" });
    await expect(worker(ledger, "bob")).toHaveReceivedExactlyOnce("hi", fast);
  });

  it("with .not passes for none and for two, and fails for one", async () => {
    const twice = chat("hi");
    twice.receive("bob", "hi", "alice");
    await expect(worker(twice, "bob")).not.toHaveReceivedExactlyOnce("hi", fast);
    await expect(worker(chat(), "bob")).not.toHaveReceivedExactlyOnce("hi", fast);
    assert(
      await failureOf(expect(worker(chat("hi"), "bob")).not.toHaveReceivedExactlyOnce("hi", fast)),
    ).toContain("1 message, it once");
  });
});

describe("toHaveReceivedInOrder", () => {
  it("passes when all came in order, with others between", async () => {
    await expect(worker(chat("a", "x", "b", "c"), "bob")).toHaveReceivedInOrder(["a", /b/, "c"], fast);
    await expect(worker(chat("a", "b"), "bob")).not.toHaveReceivedInOrder(["b", "a"], fast);
  });

  it("names what came too early, at once, and what is missing", async () => {
    const swapped = worker(chat("b", "a"), "bob");
    const text = await failureOf(expect(swapped).toHaveReceivedInOrder(["a", "b"], { timeout: 60_000 }));
    assert(text).toContain('Expected: in this order: "a", "b"');
    assert(text).toContain('Received: 2 messages, "b" came before "a"');
    assert(await failureOf(expect(swapped).toHaveReceivedInOrder(["b", "a", "c"], fast))).toContain(
      'Received: 2 messages, without "c"',
    );
  });

  it("is not fooled by a late copy of what came too early", async () => {
    const ledger = chat("b", "a");
    ledger.receive("bob", "b", "alice", { messageId: "again" });
    await failureOf(expect(worker(ledger, "bob")).toHaveReceivedInOrder(["a", "b"], fast));
  });

  it("asks for as many copies as are listed", async () => {
    await failureOf(expect(worker(chat("gm"), "bob")).toHaveReceivedInOrder(["gm", "gm"], fast));
    await failureOf(expect(worker(chat("a", "b"), "bob")).not.toHaveReceivedInOrder(["a", "b"], fast));
  });
});
