import { describe, expect as assert, it } from "vitest";
import { expect } from "../../../../src/matchers/index.js";
import type { ConversationSnapshot } from "../../../../src/ledger/snapshot.js";
import type { Verdict } from "../../../../src/oracles/index.js";
import { conversation, LedgerBuilder } from "../oracles/ledger-builder.js";
import { snapshot } from "../oracles/snapshot-builder.js";
import { failureOf, worker } from "./workers.js";

/** Short, as nothing here has to come from a network. */
const fast = { timeout: 30, settle: 5 };
const because = "the bot answers within 10 ms";

/** The lines of a failure; figures of time, which differ from run to run, are "N". */
async function linesOf(assertion: Promise<unknown>): Promise<string[]> {
  const text = await failureOf(assertion);
  return text.replace(/(after|timeout:|drained in) \d+ ms/g, "$1 N ms").split("\n");
}

describe("toStaySilent", () => {
  const asked = (): LedgerBuilder => {
    const ledger = new LedgerBuilder().listening("alice");
    ledger.send("alice", "are you there?");
    return ledger;
  };

  it("says who broke the silence, how often, where it listened and for how long", async () => {
    const ledger = asked();
    ledger.receive("alice", "yes", "bot");
    const bot = { name: "bot", inboxId: "inbox-bot" };
    const options = { forMs: 5_000, because, from: bot, conversationId: "conversation-1" };
    assert(await linesOf(expect(worker(ledger, "alice")).toStaySilent(options))).toEqual([
      "expect(alice).toStaySilent(expected) failed",
      "",
      `Expected: silence from bot in conversation conversation-1 for 5000 ms, because ${because}`,
      "Received: 1 message",
      '  +0.005 s  inbox-bot: "yes" (text, id-yes)',
      "Faults:   none active",
      "Call log:",
      "  - heard after N ms",
    ]);
    ledger.receive("alice", "what is it?", "bot");
    const two = await linesOf(expect(worker(ledger, "alice")).toStaySilent({ forMs: 5_000, because }));
    assert(two.slice(2, 4)).toEqual([
      `Expected: silence for 5000 ms, because ${because}`,
      "Received: 2 messages",
    ]);
  });

  it("says that nothing came where something must", async () => {
    const text = await linesOf(expect(worker(asked(), "alice")).not.toStaySilent({ forMs: 20, because }));
    assert(text).toEqual([
      "expect(alice).not.toStaySilent(expected) failed",
      "",
      `Expected: not silence for 20 ms, because ${because}`,
      "Received: nothing",
      "Faults:   none active",
      "Call log:",
      "  - listened 20 ms",
      "  - all sends settled, streams drained, listened 1 ms longer",
    ]);
  });

  it("says why silence cannot be told", async () => {
    const mute = worker(asked(), "alice", { untilDrained: () => Promise.reject(new Error("no way")) });
    assert(await linesOf(expect(mute).toStaySilent({ forMs: 20, because }))).toEqual([
      "expect(alice).toStaySilent(expected) failed",
      "",
      `Expected: silence for 20 ms, because ${because}`,
      "Received: nothing",
      "Faults:   none active",
      "Call log:",
      "  - listened 20 ms",
      "  - cannot judge what did not come: alice's streams could not be drained: no way",
    ]);
  });

  it("hears what comes while the streams are drained", async () => {
    const ledger = asked();
    const untilDrained = (): Promise<void> => {
      ledger.receive("alice", "late", "bot");
      return Promise.resolve();
    };
    const alice = worker(ledger, "alice", { untilDrained });
    assert(await linesOf(expect(alice).toStaySilent({ forMs: 10, because }))).toContain(
      "Received: 1 message",
    );
  });

  it("listens from the worker's own last word there, and to nobody's word before", async () => {
    const ledger = new LedgerBuilder().listening("alice");
    ledger.receive("alice", "before", "bot");
    ledger.send("bob", "not hers");
    const alice = worker(ledger, "alice");
    await expect(alice).toStaySilent({ forMs: 10, because });
    ledger.send("alice", "elsewhere", { conversationId: "other" });
    ledger.receive("alice", "answer", "bot");
    ledger.send("alice", "elsewhere again", { conversationId: "other" });
    await expect(alice).toStaySilent({ forMs: 10, because });
    await expect(alice).toStaySilent({ forMs: 10, because, conversationId: "conversation-1" });
    ledger.send("alice", "here");
    ledger.receive("alice", "answer here", "bot");
    ledger.send("alice", "elsewhere at last", { conversationId: "other" });
    await expect(alice).toStaySilent({ forMs: 10, because });
    await expect(alice).not.toStaySilent({ forMs: 10, because, conversationId: "conversation-1" });
    await expect(alice).toStaySilent({ forMs: 10, because, conversationId: "other" });
  });

  it("says what it was given, and what is needed", async () => {
    const given = async (options: unknown): Promise<string> =>
      (await linesOf(expect(worker(asked(), "alice")).toStaySilent(options as never))).join(" ");
    const hint =
      'Say how long, and why that is long enough: { forMs: 2_000, because: "the slowest answer took 400 ms" }.';
    assert(await given(undefined)).toBe(
      `INVALID_ARGUMENT: toStaySilent was given forMs NaN and because "". ${hint}`,
    );
    assert(await given({ forMs: 20, because: "  " })).toBe(
      `INVALID_ARGUMENT: toStaySilent was given forMs 20 and because "  ". ${hint}`,
    );
    assert(await given({ forMs: -1, because })).toContain("forMs -1");
  });
});

describe("toHaveReceivedInOrder", () => {
  const bob = (...texts: string[]): ReturnType<typeof worker> => {
    const ledger = new LedgerBuilder().listening("bob");
    for (const [at, text] of texts.entries())
      ledger.receive("bob", text, "alice", { messageId: `message-${at}`, content: text });
    return worker(ledger, "bob");
  };
  const received = async (assertion: Promise<unknown>): Promise<string | undefined> =>
    (await linesOf(assertion)).find((line) => line.startsWith("Received: "));

  it("names the two that are the wrong way round, and all that are missing", async () => {
    const wanted = ["a", "b", "c"];
    assert(await received(expect(bob("b", "a", "c")).toHaveReceivedInOrder(wanted, fast))).toBe(
      'Received: 3 messages, "b" came before "a"',
    );
    assert(await received(expect(bob("c", "a", "b")).toHaveReceivedInOrder(wanted, fast))).toBe(
      'Received: 3 messages, "c" came before "a"',
    );
    assert(await received(expect(bob("b")).toHaveReceivedInOrder(wanted, fast))).toBe(
      'Received: 1 message, without "a", "c"',
    );
    assert(await received(expect(bob("a", "b", "c")).not.toHaveReceivedInOrder(wanted, fast))).toBe(
      "Received: 3 messages, all in order",
    );
  });

  it("decides at once what no later message can mend, and waits for the rest", async () => {
    const swapped = await linesOf(
      expect(bob("b", "a")).toHaveReceivedInOrder(["a", "b"], { timeout: 60_000 }),
    );
    assert(swapped.join("\n")).not.toContain("Timeout:");
    const missing = await linesOf(expect(bob("a")).toHaveReceivedInOrder(["a", "b"], fast));
    assert(missing).toContain("Timeout:  30 ms");
  });

  it("takes a pattern for the next that fits, and else for the first of all", async () => {
    await expect(bob("x1", "a", "x2")).toHaveReceivedInOrder(["a", /x/], fast);
    await expect(bob("x1", "x2")).toHaveReceivedInOrder([/x/, /x/], fast);
    await expect(bob("a", "x1", "b", "x2")).toHaveReceivedInOrder(["a", /x/, "b", /x/], fast);
    assert(await received(expect(bob("x1", "a")).toHaveReceivedInOrder(["a", /x/], fast))).toBe(
      'Received: 2 messages, /x/ came before "a"',
    );
    assert(await received(expect(bob("x1", "a", "x1")).toHaveReceivedInOrder(["a", /x/], fast))).toBe(
      'Received: 3 messages, /x/ came before "a"',
    );
    assert(await received(expect(bob("x1")).toHaveReceivedInOrder([/x/, /x/], fast))).toBe(
      "Received: 1 message, without /x/",
    );
  });

  it("tells long texts apart by more than the ledger shows of them", async () => {
    const long = "x".repeat(200);
    await expect(bob(`${long}1`, `${long}2`)).toHaveReceivedInOrder([`${long}1`, `${long}2`], fast);
    await failureOf(
      expect(bob(`${long}2`, `${long}1`)).toHaveReceivedInOrder([`${long}1`, `${long}2`], fast),
    );
    await failureOf(expect(bob(long)).toHaveReceivedInOrder([`${long}1`], fast));
    await expect(bob(long, long)).toHaveReceivedInOrder([long, long], fast);
    await failureOf(
      expect(bob(`${long}1`, `${long}1`)).toHaveReceivedInOrder([`${long}1`, `${long}2`], fast),
    );
  });

  it("says what it was given instead of a list", async () => {
    assert(await failureOf(expect(bob()).toHaveReceivedInOrder("a" as never))).toBe(
      'INVALID_ARGUMENT: toHaveReceivedInOrder was not given a list. Give the contents as one: toHaveReceivedInOrder(["one", "two"]).',
    );
  });
});

describe("toSatisfy", () => {
  const ledger = (): LedgerBuilder => new LedgerBuilder().listening("alice", "bob");
  const of = (status: Verdict["status"], oracle = "rule"): Verdict => {
    if (status === "pass") return { status, oracle, checked: 2 };
    if (status === "inconclusive") return { status, oracle, reason: "nothing was said" };
    const offender = { kind: "odd", worker: "bob", installationId: "bob-1", detail: "bob is odd", seqs: [] };
    return { status, oracle, summary: "", offenders: [offender] };
  };
  const passing = (): Verdict => of("pass", "passing");
  const failing = (): Verdict => of("fail", "failing");
  const open = (): Verdict => of("inconclusive", "open");
  const both = (its = ledger()): ReturnType<typeof worker>[] => [worker(its, "alice"), worker(its, "bob")];

  it("names workers, oracles and each verdict", async () => {
    assert(await linesOf(expect(both()).toSatisfy(passing, failing, fast))).toEqual([
      "expect(alice, bob).toSatisfy(expected) failed",
      "",
      "Expected: passing, failing",
      "Received: passing: pass (2 judged)",
      "  failing: 1 violation",
      "    odd: bob is odd",
      "Timeout:  30 ms",
      "Faults:   none active",
      "Call log:",
      "  - waited 30 ms",
    ]);
    assert(await linesOf(expect(both()).not.toSatisfy(passing, () => of("inconclusive"), fast))).toEqual([
      "expect(alice, bob).not.toSatisfy(expected) failed",
      "",
      "Expected: not passing, the oracle",
      "Received: passing: pass (2 judged)",
      "  rule: inconclusive: nothing was said",
      "Timeout:  30 ms",
      "Faults:   none active",
      "Call log:",
      "  - waited 30 ms",
    ]);
  });

  it("needs all to pass, or with .not one to fail; an inconclusive verdict is neither", async () => {
    await expect(both()).toSatisfy(passing, passing, fast);
    await expect(both()).not.toSatisfy(passing, failing, fast);
    await expect(both()).not.toSatisfy(open, failing, fast);
    for (const oracles of [[open], [passing, open], [failing], [passing, failing]])
      await failureOf(expect(both()).toSatisfy(...oracles, fast));
    for (const oracles of [[passing], [open], [passing, open]])
      await failureOf(expect(both()).not.toSatisfy(...oracles, fast));
  });

  it("says who could not be drained, and judges once more what came meanwhile", async () => {
    const its = ledger();
    const mute = worker(its, "bob", { untilDrained: () => Promise.reject(new Error("no way")) });
    const text = await linesOf(expect([worker(its, "alice"), mute]).toSatisfy(passing, fast));
    assert(text).toEqual([
      "expect(alice, bob).toSatisfy(expected) failed",
      "",
      "Expected: passing",
      "Received: passing: pass (2 judged)",
      "  settling: inconclusive: bob's streams could not be drained: no way",
      "Faults:   none active",
      "Call log:",
      `  - judged ${its.events.length} events`,
      "  - bob's streams could not be drained: no way",
    ]);
  });

  it("judges again as time passes, also where nothing is added to the ledger, and tells oracles what time it is", async () => {
    const times: number[] = [];
    const later = (_: unknown, { asOf = 0 }: { readonly asOf?: number } = {}): Verdict => {
      times.push(asOf);
      return of(asOf - (times[0] ?? 0) < 300 ? "inconclusive" : "pass", "later");
    };
    await expect(both()).toSatisfy(later, { timeout: 20_000, settle: 1 });
    assert(times.length).toBeGreaterThan(1);
    assert(times).toEqual([...times].sort((a, b) => a - b));
  });

  it("says what it was given, and what is needed", async () => {
    const given = async (workers: unknown[], ...args: unknown[]): Promise<string> =>
      await failureOf(expect(workers as ReturnType<typeof worker>[]).toSatisfy(...(args as [])));
    const hint = "Give at least one of each: expect(workers).toSatisfy(noLoss, exactlyOnce).";
    assert(await given(both())).toBe(
      `INVALID_ARGUMENT: toSatisfy was given 2 workers and 0 oracles. ${hint}`,
    );
    assert(await given([], passing)).toContain("0 workers and 1 oracles");
    assert(await given(both(), passing, {}, {})).toContain("2 workers and 1 oracles");
  });
});

describe("toHaveConverged", () => {
  const seeing = (...views: readonly ConversationSnapshot[]): ReturnType<typeof worker>[] => {
    const ledger = new LedgerBuilder();
    return views.map((one) => worker(ledger, one.worker, { snapshot: () => Promise.resolve(one) }));
  };
  const bot = { name: "bot", inboxId: "inbox-bot", installationId: "bot-1", address: "0xb07" };

  it("shows the difference, each worker's state, and who could not be compared", async () => {
    const [alice, bob] = [snapshot("alice"), snapshot("bob", ["a"])];
    const text = await linesOf(expect([...seeing(alice, bob), bot]).toHaveConverged(conversation, fast));
    assert(text.slice(0, 3)).toEqual([
      "expect(alice, bob, bot).toHaveConverged(expected) failed",
      "",
      "Expected: the same state of conversation conversation-1 on all of them",
    ]);
    assert(text).toContain("  alice: epoch 3, 2 members, 2 messages, fork status healthy");
    assert(text).toContain("  bob: epoch 3, 2 members, 1 messages, fork status healthy");
    assert(text).toContain("  bot: not judged, only a worker shows its state");
    assert(text.at(-1)).toBe("  - compared 2 workers, without bot");
    assert(text.filter((line) => line.startsWith("  - ")).some((line) => / 1 differences/.test(line))).toBe(
      true,
    );
    const without = await linesOf(expect(seeing(alice, bob)).toHaveConverged(conversation, fast));
    assert(without.join("\n")).not.toContain("compared");
  });

  it("shows who lacks the conversation, and what an inconclusive look was", async () => {
    const views = [snapshot("alice"), snapshot("bob", [], { known: false })];
    assert(await linesOf(expect(seeing(...views)).toHaveConverged(conversation, fast))).toContain(
      "  bob: lacks the conversation",
    );
    const unknown = [snapshot("alice"), snapshot("bob", undefined, { fork: "unknown", forkDetail: "mute" })];
    for (const assertion of [
      expect(seeing(...unknown)).toHaveConverged(conversation, fast),
      expect(seeing(...unknown)).not.toHaveConverged(conversation, fast),
    ])
      assert((await linesOf(assertion)).some((line) => /^ {2}- .*inconclusive: /.test(line))).toBe(true);
  });

  it("with .not says that they agree", async () => {
    const text = await linesOf(
      expect(seeing(snapshot("alice"), snapshot("bob"))).not.toHaveConverged(conversation, fast),
    );
    assert(text).toContain("Expected: not the same state of conversation conversation-1 on all of them");
    assert(text.some((line) => /^ {2}- .*converged/.test(line))).toBe(true);
    await expect(seeing(snapshot("alice"), snapshot("bob", ["a"]))).not.toHaveConverged(conversation, fast);
  });
});

describe("what every failure says", () => {
  it("what the proof of an active fault found", async () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.fault("applied", "latency", ["bob", "carol"], "300 ms");
    ledger.fault("effective", "latency", ["bob", "carol"], "measured 301 ms");
    ledger.fault("applied", "cut", ["dave"], "both ways");
    ledger.fault("not_effective", "cut", ["dave"], "it answered");
    const text = await linesOf(expect(worker(ledger, "bob")).toHaveReceived("hi", fast));
    const from = text.indexOf("Faults:   2 active");
    assert(text.slice(from, from + 5)).toEqual([
      "Faults:   2 active",
      "  latency on bob, carol: 300 ms",
      "    proved: measured 301 ms",
      "  cut on dave: both ways",
      "    not effective: it answered",
    ]);
  });

  it("ten messages without a word of earlier ones", async () => {
    const ledger = new LedgerBuilder().listening("bob");
    for (let at = 0; at < 10; at += 1) ledger.receive("bob", `m${at}`, "alice");
    const ten = (await linesOf(expect(worker(ledger, "bob")).toHaveReceived("z", fast))).join("\n");
    assert(ten).not.toContain("earlier");
    ledger.receive("bob", "m10", "alice");
    const more = (await linesOf(expect(worker(ledger, "bob")).toHaveReceived("z", fast))).join("\n");
    assert(more).toContain("… 1 earlier");
  });

  it("a predicate's name, and whether the worker could hear at all", async () => {
    const isLong = (): boolean => false;
    const ledger = new LedgerBuilder();
    ledger.stream("alice", "live");
    ledger.stream("bob", "starting");
    const bob = worker(ledger, "bob");
    const named = (await linesOf(expect(bob).toHaveReceived(isLong, fast))).join("\n");
    assert(named).toContain("Expected: a message that fits isLong\n");
    assert(named).toContain("no stream of bob was ever live: call bob.startStream(...) first");
    const unnamed = (await linesOf(expect(bob).toHaveReceived(() => false, fast))).join("\n");
    assert(unnamed).toContain("Expected: a message that fits the predicate\n");
    ledger.stream("bob", "live");
    assert((await linesOf(expect(bob).toHaveReceived("hi", fast))).join("\n")).not.toContain("was ever live");
  });
});
