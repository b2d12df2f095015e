/** What plain JavaScript lets pass: wrong receivers, timeouts of all kinds, predicates that are not synchronous. */
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect as assert, it } from "vitest";
import { expect } from "../../../../src/matchers/index.js";
import { conversation, LedgerBuilder } from "../oracles/ledger-builder.js";
import { snapshot } from "../oracles/snapshot-builder.js";
import { failureOf, worker } from "./workers.js";

type Loose = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
const loosely = (value: unknown): Loose & { readonly not: Loose } => expect(value) as never;

describe("a wrong receiver", () => {
  const bob = worker(new LedgerBuilder(), "bob");
  const client = { inboxId: "i", conversations: {} };
  const group = { id: "g", members: () => Promise.resolve([]) };

  it.each([
    ["toHaveReceived", client, "expect(a client).toHaveReceived was called. toHaveReceived is for a worker"],
    ["toHaveReceivedExactlyOnce", [bob], "expect(a list of 1)"],
    ["toHaveReceivedInOrder", undefined, "INVALID_ARGUMENT"],
    ["toHaveConversation", client, "expect(a client)"],
    ["toHaveNoActiveStreams", group, "expect(a conversation)"],
    ["toHaveMembers", bob, "expect(bob).toHaveMembers was called. toHaveMembers is for a group or DM"],
    ["toHaveConverged", bob, "expect([alice, bob]).toHaveConverged"],
    ["toSatisfy", bob, "expect([alice, bob]).toSatisfy"],
    ["toStaySilent", Promise.resolve(bob), "a promise: await it first"],
  ])("of %s is told", async (matcher, receiver, words) => {
    for (const side of [loosely(receiver), loosely(receiver).not]) {
      const call = side[matcher]?.(["x"]) ?? Promise.resolve();
      assert(await failureOf(Promise.resolve(call))).toContain(words);
    }
  });

  it("is not a conversation given as such", async () => {
    const two = ["alice", "bob"].map((name) =>
      worker(new LedgerBuilder(), name, { snapshot: () => Promise.resolve(snapshot(name)) }),
    );
    await expect(two).toHaveConverged({ id: conversation }, { timeout: 60 });
    assert(await failureOf(loosely(two)["toHaveConverged"]?.({}) ?? Promise.resolve())).toContain(
      "INVALID_ARGUMENT",
    );
  });

  it("is not an app or page: the workers beside it are compared, and it is told", async () => {
    const two = ["alice", "bob"].map((name) =>
      worker(new LedgerBuilder(), name, { snapshot: () => Promise.resolve(snapshot(name)) }),
    );
    const bot = { name: "bot", inboxId: "inbox-bot", installationId: "one", address: "0x1" };
    await expect([...two, bot]).toHaveConverged(conversation, { timeout: 60 });
    const forked = worker(new LedgerBuilder(), "bob", {
      snapshot: () => Promise.resolve(snapshot("bob", undefined, { epoch: 99 })),
    });
    for (const [list, what] of [
      [[...two.slice(0, 1), bot], "inconclusive"],
      [[bot], "inconclusive"],
      [[...two.slice(0, 1), forked, bot], "epoch"],
    ] as const) {
      const text = await failureOf(expect(list).toHaveConverged(conversation, { timeout: 60 }));
      assert(text).toContain(what);
      assert(text).toContain("bot: not judged, only a worker shows its state");
    }
  });
});

describe("timeouts", () => {
  it.each([0, Infinity])("%s is not a limit", async (timeout) => {
    const ledger = new LedgerBuilder();
    let done = false;
    const waiting = expect(worker(ledger, "bob"))
      .toHaveReceived("hi", { timeout })
      .then(() => (done = true));
    for (let at = 0; at < 20; at += 1) await turn();
    assert(done).toBe(false);
    ledger.receive("bob", "hi", "alice");
    await waiting;
    await expect(worker(ledger, "bob")).not.toHaveReceived("ho", { timeout, settle: 10 });
  });

  it("that are short do not decide absence", async () => {
    const away = worker(new LedgerBuilder(), "bob", {
      snapshot: () => Promise.resolve(snapshot("bob", [], { known: false })),
    });
    await expect(away).not.toHaveConversation(conversation, { timeout: 1 });
    await expect(away).not.toHaveConversation(conversation, { timeout: 1, settle: 5 });
    const slow = worker(new LedgerBuilder(), "bob", { untilDrained: () => turn() });
    await expect(slow).not.toHaveReceived("hi", { timeout: 1, settle: 5 });
  });

  it.each([-1, Number.NaN, "5"])("%s is refused", async (timeout) => {
    const call = loosely(worker(new LedgerBuilder(), "bob"))["toHaveReceived"]?.("hi", { timeout });
    assert(await failureOf(call ?? Promise.resolve())).toContain("INVALID_OPTION");
  });

  it("are told only where they decided", async () => {
    const ledger = new LedgerBuilder();
    ledger.receive("bob", "hi", "alice");
    const bob = worker(ledger, "bob");
    assert(await failureOf(expect(bob).not.toHaveReceived("hi", { timeout: 50 }))).not.toContain("Timeout:");
    assert(await failureOf(expect(bob).toHaveReceived("ho", { timeout: 50 }))).toContain("Timeout:  50 ms");
  });
});

describe("a predicate", () => {
  it.each([
    ["a promise", () => Promise.reject(new Error("nobody hears this"))],
    ["undefined", () => undefined],
  ])("that answers %s is refused", async (words, predicate) => {
    const ledger = new LedgerBuilder();
    ledger.receive("bob", "hi", "alice");
    const call = loosely(worker(ledger, "bob"))["toHaveReceived"]?.(predicate, { timeout: 50 });
    assert(await failureOf(call ?? Promise.resolve())).toContain(`returned ${words}.`);
  });
});

describe("what a failure says", () => {
  const id = "0123456789abcdef".repeat(4);

  it("short ids, people by name, the fault once with its proof, and a worker that never listened", async () => {
    const ledger = new LedgerBuilder();
    ledger.lifecycle("alice", "created", "", { inboxId: id });
    ledger.fault("applied", "latency", ["bob"], "300 ms");
    ledger.fault("effective", "latency", ["bob"], "bob: 301 ms more");
    const deaf = await failureOf(expect(worker(ledger, "bob")).toHaveReceived("x", { timeout: 20 }));
    assert(deaf).toContain("no stream of bob was ever live: call bob.startStream(...) first");
    assert(deaf).toContain("Faults:   1 active\n  latency on bob: 300 ms\n    proved: bob: 301 ms more\n");
    ledger.receive("bob", "hi", "alice", { senderInboxId: id, messageId: "ab".repeat(32) });
    const text = await failureOf(expect(worker(ledger, "bob")).toHaveReceived("x", { timeout: 20 }));
    assert(text).toContain('alice: "hi" (text, abababab…)');
    assert(text).not.toContain(id);
  });

  it("nothing of faults where no ledger is known", async () => {
    const group = { id: "g", members: () => Promise.resolve([]) };
    const text = await failureOf(expect(group).toHaveMembers(["inbox-bob"], { timeout: 20 }));
    assert(text).not.toContain("Faults:");
    const ledger = new LedgerBuilder();
    ledger.fault("applied", "cut", ["bob"]);
    const known = await failureOf(expect(group).toHaveMembers([worker(ledger, "bob")], { timeout: 20 }));
    assert(known).toContain("Faults:   1 active");
  });
});

it("a pattern in a list is met by what comes after, other than a late copy of what came too early", async () => {
  const bob = (...texts: readonly string[]) => {
    const ledger = new LedgerBuilder();
    for (const [at, text] of texts.entries()) ledger.receive("bob", text, "alice", { messageId: `m${at}` });
    return worker(ledger, "bob");
  };
  const any = (): boolean => true;
  await expect(bob("a", "b", "c")).toHaveReceivedInOrder(["b", any], { timeout: 20, settle: 1 });
  await expect(bob("a", "b")).toHaveReceivedInOrder([/./, /./], { timeout: 20, settle: 1 });
  await failureOf(expect(bob("b", "a", "b")).toHaveReceivedInOrder(["a", /^b$/], { timeout: 20 }));
  await failureOf(expect(bob("a", "b")).toHaveReceivedInOrder(["b", any], { timeout: 20 }));
  const long = "x".repeat(300);
  await expect(bob(long, "b")).toHaveReceivedInOrder([long, "b"], { timeout: 20, settle: 1 });
});
