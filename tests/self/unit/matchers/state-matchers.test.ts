import { setImmediate as turn } from "node:timers/promises";
import { describe, expect as assert, it } from "vitest";
import { expect } from "../../../../src/matchers/index.js";
import type { ConversationSnapshot } from "../../../../src/ledger/snapshot.js";
import { typeofStream } from "../../../../src/ledger/events.js";
import { conversation, LedgerBuilder } from "../oracles/ledger-builder.js";
import { snapshot } from "../oracles/snapshot-builder.js";
import { failureOf, worker } from "./workers.js";
import type { FakeWorker } from "./workers.js";

const fast = { timeout: 60, settle: 10 };

function seeing(...snapshots: readonly ConversationSnapshot[]): FakeWorker[] {
  const ledger = new LedgerBuilder();
  return snapshots.map((one) => worker(ledger, one.worker, { snapshot: () => Promise.resolve(one) }));
}

describe("toHaveConversation", () => {
  const unknown = (name: string): ConversationSnapshot => snapshot(name, [], { known: false });

  it("takes the stream's word, else the database's", async () => {
    const ledger = new LedgerBuilder();
    ledger.joined("bob");
    await expect(worker(ledger, "bob")).toHaveConversation(conversation, fast);
    const [alice] = seeing(snapshot("alice"));
    await expect(alice as FakeWorker).toHaveConversation(conversation, fast);
  });

  it("looks again until it has come", async () => {
    let looks = 0;
    const late = worker(new LedgerBuilder(), "bob", {
      snapshot: () => Promise.resolve((looks += 1) > 1 ? snapshot("bob") : unknown("bob")),
    });
    await expect(late).toHaveConversation(conversation, { timeout: 5_000 });
    assert(looks).toBe(2);
  });

  it("says what its stream delivered instead", async () => {
    const ledger = new LedgerBuilder();
    ledger.joined("bob");
    ledger.joined("carol");
    const bob = worker(ledger, "bob", { snapshot: () => Promise.resolve(unknown("bob")) });
    const text = await failureOf(expect(bob).toHaveConversation("other", fast));
    assert(text).toContain('Expected: "other"');
    assert(text).toContain("Received: not it\n  conversations its stream delivered: conversation-1\n");
  });

  it("with .not looks twice, and never passes without an answer", async () => {
    const [bob] = seeing(unknown("bob"));
    await expect(bob as FakeWorker).not.toHaveConversation(conversation, fast);
    let looks = 0;
    const late = worker(new LedgerBuilder(), "bob", {
      snapshot: () => Promise.resolve((looks += 1) > 1 ? snapshot("bob") : unknown("bob")),
    });
    assert(await failureOf(expect(late).not.toHaveConversation(conversation, fast))).toContain(
      "Received: it",
    );
    for (const assertion of [
      expect(worker(new LedgerBuilder(), "bob")).not.toHaveConversation("c", fast),
      expect(worker(new LedgerBuilder(), "bob")).toHaveConversation("c", fast),
    ]) {
      const text = await failureOf(assertion);
      assert(text).toContain("Received: no answer");
      assert(text).toContain("look 1 failed: no snapshot here");
    }
  });

  it("does not hang on a look that hangs", async () => {
    const stuck = worker(new LedgerBuilder(), "bob", { snapshot: () => new Promise(() => undefined) });
    assert(await failureOf(expect(stuck).toHaveConversation("c", fast))).toContain(
      "look 1 did not come back in 60 ms",
    );
  });
});

describe("toHaveMembers", () => {
  const group = (...inboxIds: string[]) => {
    let synced = 0;
    return {
      id: "g1",
      sync: () => Promise.resolve((synced += 1)),
      members: () => Promise.resolve(synced > 0 ? inboxIds.map((inboxId) => ({ inboxId })) : []),
    };
  };
  const alice = { name: "alice", inboxId: "inbox-alice" };

  it("compares the sets after a sync", async () => {
    await expect(group("inbox-alice", "inbox-bob")).toHaveMembers(["inbox-bob", alice], fast);
    await expect(group("inbox-alice")).not.toHaveMembers([alice, "inbox-bob"], fast);
    await expect(group("inbox-alice", "inbox-bob")).not.toHaveMembers([alice], fast);
  });

  it("names who is missing and who is not expected", async () => {
    const text = await failureOf(
      expect(group("inbox-bob", "inbox-zoe")).toHaveMembers([alice, "inbox-bob"], fast),
    );
    assert(text).toContain("expect(group g1).toHaveMembers(expected)");
    assert(text).toContain("Expected: members alice, inbox-bob");
    assert(text).toContain(
      "Received: members: inbox-bob, inbox-zoe\n  missing: alice\n  not expected: inbox-zoe\n",
    );
    await failureOf(expect(group("inbox-alice")).not.toHaveMembers([alice], fast));
  });

  it("never passes without an answer", async () => {
    const broken = { id: "g1", members: () => Promise.reject(new Error("gone")) };
    assert(await failureOf(expect(broken).toHaveMembers([], fast))).toContain("look 1 failed: gone");
    await failureOf(expect(broken).not.toHaveMembers([alice], fast));
  });
});

describe("toHaveNoActiveStreams", () => {
  it("waits until the last stream has ended", async () => {
    const ledger = new LedgerBuilder();
    const bob = worker(ledger, "bob");
    await expect(bob).toHaveNoActiveStreams(fast);
    bob.worker.activeStreamTypes.add(typeofStream.Message);
    const waiting = expect(bob).toHaveNoActiveStreams({ timeout: 5_000 });
    await turn();
    ledger.stream("bob", "ended");
    bob.worker.activeStreamTypes.clear();
    await waiting;
  });

  it("names the active streams and their last states", async () => {
    const ledger = new LedgerBuilder().listening("bob", "carol");
    const bob = worker(ledger, "bob");
    bob.worker.activeStreamTypes.add(typeofStream.Message);
    await expect(bob).not.toHaveNoActiveStreams(fast);
    const text = await failureOf(expect(bob).toHaveNoActiveStreams(fast));
    assert(text).toContain("Received: active: message\n  message #1 starting\n  message #1 live\n");
    bob.worker.activeStreamTypes.clear();
    assert(await failureOf(expect(bob).not.toHaveNoActiveStreams(fast))).toContain(
      "Received: no active stream",
    );
  });
});

describe("toHaveConverged", () => {
  it("passes when all agree, and takes any iterable", async () => {
    const workers = seeing(snapshot("alice"), snapshot("bob"));
    await expect(workers).toHaveConverged(conversation, fast);
    await expect(new Set(workers)).toHaveConverged(conversation, fast);
  });

  it("lists the differences and each worker's state", async () => {
    const workers = seeing(snapshot("alice"), snapshot("bob"), snapshot("carol", ["a"], { epoch: 4 }));
    const text = await failureOf(expect(workers).toHaveConverged(conversation, fast));
    assert(text).toContain("expect(alice, bob, carol).toHaveConverged(expected)");
    assert(text).toContain(
      [
        "Received: convergence: 2 violations",
        "    epoch: carol has epoch 4, 2 installations have 3",
        "    messages: carol lacks 1 of 2 messages: id-b",
        "  alice: epoch 3, 2 members, 2 messages, fork status healthy",
        "  bob: epoch 3, 2 members, 2 messages, fork status healthy",
        "  carol: epoch 4, 2 members, 1 messages, fork status healthy",
      ].join("\n"),
    );
    await expect(workers).not.toHaveConverged(conversation, fast);
  });

  it("fails on a fork, and on an unknown fork status both ways round", async () => {
    const forked = seeing(snapshot("alice"), snapshot("bob", ["a", "b"], { fork: "forked" }));
    assert(await failureOf(expect(forked).toHaveConverged(conversation, fast))).toContain(
      "forked: bob is forked at epoch 3",
    );
    const unknown = seeing(snapshot("alice"), snapshot("bob", ["a", "b"], { fork: "unknown" }));
    for (const assertion of [
      expect(unknown).toHaveConverged(conversation, fast),
      expect(unknown).not.toHaveConverged(conversation, fast),
    ]) {
      assert(await failureOf(assertion)).toContain("the fork status of 1 installation (bob) is unknown");
    }
  });

  it("fails with .not when all agree, and both ways round without an answer or without workers", async () => {
    const agreed = seeing(snapshot("alice"), snapshot("bob"));
    assert(await failureOf(expect(agreed).not.toHaveConverged(conversation, fast))).toContain(
      "convergence: pass (2 judged)",
    );
    const mute = [worker(new LedgerBuilder(), "alice"), worker(new LedgerBuilder(), "bob")];
    assert(await failureOf(expect(mute).toHaveConverged(conversation, fast))).toContain(
      "Received: no answer",
    );
    await failureOf(expect(mute).not.toHaveConverged(conversation, fast));
    assert(await failureOf(expect([]).toHaveConverged(conversation, fast))).toContain("expect(no workers)");
  });
});

/** Whether TypeScript offers the matcher on this receiver: a wrong answer below does not compile. */
type Offers<Receiver, Matcher extends string> = Matcher extends keyof ReturnType<typeof expect<Receiver>>
  ? true
  : false;

describe("types", () => {
  it("offer each matcher only where it fits", () => {
    const onWorker: [Offers<FakeWorker, "toHaveReceived">, Offers<FakeWorker, "toHaveNoActiveStreams">] = [
      true,
      true,
    ];
    const notOnWorker: [Offers<FakeWorker, "toHaveConverged">, Offers<FakeWorker, "toHaveMembers">] = [
      false,
      false,
    ];
    const onList: [Offers<FakeWorker[], "toHaveConverged">, Offers<FakeWorker[], "toHaveReceived">] = [
      true,
      false,
    ];
    const onNumber: Offers<number, "toHaveReceived"> = false;
    assert([onWorker, notOnWorker, onList, onNumber].flat()).toContain(true);
  });
});
