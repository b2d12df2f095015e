import { describe, expect, it } from "vitest";
import { convergence, forkStatus } from "../../../../src/oracles/index.js";
import type { GroupUpdate } from "../../../../src/ledger/events.js";
import type { ConversationSnapshot } from "../../../../src/ledger/snapshot.js";
import { epoch, LedgerBuilder, nanoseconds } from "./ledger-builder.js";
import { message, snapshot } from "./snapshot-builder.js";

/** alice and bob agree; carol differs. */
function withCarol(values: Partial<ConversationSnapshot>, texts?: readonly string[]): ConversationSnapshot[] {
  return [snapshot("alice"), snapshot("bob"), snapshot("carol", texts, values)];
}

describe("convergence of a message that only its sender has", () => {
  /** carol's "late": sent while bob was added again, or while carol herself was removed. */
  function ledgerOf(change: "return" | "own removal"): LedgerBuilder {
    const ledger = new LedgerBuilder();
    const told = (who: string, update: Partial<GroupUpdate>, messageId: string): void =>
      void ledger.update(who, "alice", update, { messageId, sentAtNs: nanoseconds(200) });
    if (change === "return") {
      ledger.at(50).update("alice", "alice", { removedInboxIds: ["inbox-bob"] });
      ledger.at(210);
      told("alice", { addedInboxIds: ["inbox-bob"] }, "addition");
    }
    ledger.at(220).send("carol", "late", { endedAt: 250 });
    ledger.at(260);
    if (change === "return") told("carol", { addedInboxIds: ["inbox-bob"] }, "addition");
    else told("carol", { removedInboxIds: ["inbox-carol"] }, "removal");
    return ledger;
  }
  const late = message("late", { senderInboxId: "inbox-carol", sentAtNs: nanoseconds(220) });
  const snapshots = [snapshot("alice", []), snapshot("carol", [], { messages: [late] })];

  it("is not asked of others when its sender was removed while it sent", () => {
    expect(convergence(snapshots)).toMatchObject({ offenders: [{ kind: "messages", worker: "alice" }] });
    expect(convergence(snapshots, { events: ledgerOf("own removal").events }).status).toBe("pass");
  });

  it("is not asked of who was added while it was sent, and is of who was there", () => {
    const { events } = ledgerOf("return");
    const three = [snapshot("alice", [], { messages: [late] }), snapshot("bob", []), snapshot("dave", [])];
    expect(convergence(three, { events })).toMatchObject({
      offenders: [{ kind: "messages", worker: "dave" }],
    });
  });

  it("is asked of others when the return of a member overtook it, unless that is allowed", () => {
    const { events } = ledgerOf("return");
    expect(convergence(snapshots, { events })).toMatchObject({ offenders: [{ worker: "alice" }] });
    expect(convergence(snapshots, { events, overtaken: "allow" }).status).toBe("pass");
  });
});

describe("convergence", () => {
  it("passes when all see the same, in whatever order lists come", () => {
    const bob = snapshot("bob");
    const turned = { ...bob, members: [...bob.members].reverse() };
    expect(convergence([snapshot("alice"), turned])).toEqual({
      status: "pass",
      oracle: "convergence",
      checked: 2,
    });
    const admins = (list: string[]) => ({ admins: list, superAdmins: list, metadata: { a: "1", b: "2" } });
    const one = snapshot("alice", [], admins(["x", "y"]));
    const two = snapshot("bob", [], { ...admins(["y", "x"]), metadata: { b: "2", a: "1" } });
    expect(convergence([one, two]).status).toBe("pass");
  });

  it.each<[string, Partial<ConversationSnapshot>, string]>([
    ["active", { active: false }, "carol has active false, 2 installations have true"],
    ["epoch", { epoch: 4 }, "carol has epoch 4, 2 installations have 3"],
    [
      "members",
      { members: [{ inboxId: "inbox-alice", permission: "super_admin" }] },
      "carol has members [inbox-alice:super_admin], 2 installations have [inbox-alice:super_admin, inbox-bob:member]",
    ],
    ["admins", { admins: [] }, "carol has admins [], 2 installations have [inbox-bob]"],
    ["super-admins", { superAdmins: [] }, "carol has super-admins [], 2 installations have [inbox-alice]"],
    [
      "metadata",
      { metadata: { name: "Party" } },
      'carol has metadata [name="Party"], 2 installations have [name="Picnic"]',
    ],
  ])("names whoever differs in %s", (kind, values, detail) => {
    expect(convergence(withCarol(values))).toEqual({
      status: "fail",
      oracle: "convergence",
      summary: `convergence: 1 violation, the first: ${detail}`,
      offenders: [{ kind, worker: "carol", installationId: "carol-1", detail, seqs: [] }],
    });
  });

  it("goes by what most have, wherever they stand, and by the first where they are as many", () => {
    const three = [snapshot("alice", ["a"], { epoch: 9 }), snapshot("bob", ["a"]), snapshot("carol", ["a"])];
    expect(convergence(three)).toMatchObject({
      offenders: [{ detail: "alice has epoch 9, 2 installations have 3" }],
    });
    expect(convergence(three.slice(0, 2))).toMatchObject({
      offenders: [{ detail: "bob has epoch 3, 1 installation has 9" }],
    });
  });

  it("compares consent only when asked", () => {
    const snapshots = withCarol({ consent: "denied" });
    expect(convergence(snapshots).status).toBe("pass");
    expect(convergence(snapshots, { consent: true })).toMatchObject({
      offenders: [{ kind: "consent", detail: "carol has consent denied, 2 installations have allowed" }],
    });
  });

  it("names who lacks which messages, and leaves transcripts out", () => {
    const transcript = message("t", { kind: "membership" });
    expect(convergence(withCarol({ messages: [transcript] }))).toMatchObject({
      offenders: [{ kind: "messages", worker: "carol", detail: "carol lacks 2 of 2 messages: id-a, id-b" }],
    });
    expect(convergence([snapshot("alice", ["a"]), snapshot("bob", [])])).toMatchObject({
      offenders: [{ detail: "bob lacks 1 of 1 message: id-a" }],
    });
    expect(convergence([snapshot("alice", []), snapshot("bob", [], { messages: [transcript] })]).status).toBe(
      "pass",
    );
  });

  it("leaves the order out when asked to, and nothing else", () => {
    expect(convergence(withCarol({}, ["b", "a"]), { order: false }).status).toBe("pass");
    expect(convergence(withCarol({}, ["b", "a"]), { order: true }).status).toBe("fail");
    expect(convergence(withCarol({}, ["b"]), { order: false }).status).toBe("fail");
  });

  it("names who has messages in another order", () => {
    expect(convergence(withCarol({}, ["b", "a"]))).toMatchObject({
      offenders: [
        {
          kind: "message-order",
          worker: "carol",
          detail: "carol has id-b before id-a, alice the other way round",
        },
      ],
    });
  });

  it("names who lacks the conversation", () => {
    expect(convergence(withCarol({ known: false, epoch: 0, messages: [] }))).toEqual(
      expect.objectContaining({
        offenders: [
          {
            kind: "unknown-conversation",
            worker: "carol",
            installationId: "carol-1",
            detail: "carol lacks the conversation",
            seqs: [],
          },
        ],
      }),
    );
  });

  it.each<[string, ConversationSnapshot[], string]>([
    ["no snapshot", [], "it takes two installations to compare, there were 0"],
    ["one snapshot", [snapshot("alice")], "it takes two installations to compare, there was 1"],
    [
      "two conversations",
      [snapshot("alice"), snapshot("bob", [], { conversationId: "other" })],
      "the snapshots show 2 different conversations",
    ],
    [
      "nobody who has it",
      [snapshot("alice", [], { known: false }), snapshot("bob", [], { known: false })],
      "no installation has the conversation",
    ],
    [
      "an unknown fork status",
      withCarol({ fork: "unknown" }),
      "forkStatus: the fork status of 1 installation (carol) is unknown; reconcile the commit log first, then take the snapshot again",
    ],
  ])("cannot say with %s", (_, snapshots, reason) => {
    const verdict = convergence(snapshots);
    expect(verdict.status).toBe("inconclusive");
    expect(verdict.status === "inconclusive" && verdict.reason).toContain(reason);
  });

  it("fails on a fork, and on a difference whatever the fork status", () => {
    expect(convergence(withCarol({ fork: "forked" }))).toMatchObject({ offenders: [{ kind: "forked" }] });
    expect(convergence(withCarol({ fork: "unknown", epoch: 4 }))).toMatchObject({
      offenders: [{ kind: "epoch" }],
    });
  });

  describe("asks nobody for the past", () => {
    const late = (fill: (ledger: LedgerBuilder) => void, texts: readonly string[]): string => {
      const ledger = new LedgerBuilder();
      fill(ledger);
      const verdict = convergence([snapshot("alice", ["a", "b", "c"]), snapshot("carol", texts)], {
        events: ledger.events,
      });
      return verdict.status === "fail" ? (verdict.offenders[0]?.detail ?? "") : verdict.status;
    };
    const change = (ledger: LedgerBuilder, update: object, at: number): void => {
      ledger.update("alice", "alice", update, { sentAtNs: nanoseconds(at) });
    };

    it("from before it was added: messages are at 100, 101, 102", () => {
      const added = (ledger: LedgerBuilder): void => change(ledger, { addedInboxIds: ["inbox-carol"] }, 101);
      expect(late(added, ["c"])).toBe("pass");
      expect(late(added, [])).toBe("carol lacks 1 of 3 messages: id-c");
      expect(late((ledger) => change(ledger, { addedInboxIds: ["inbox-bob"] }, 101), ["c"])).toContain(
        "id-a, id-b",
      );
    });

    it("from between its removal and its return", () => {
      const gone = (ledger: LedgerBuilder): void => change(ledger, { removedInboxIds: ["inbox-carol"] }, 101);
      const back = (ledger: LedgerBuilder): void => change(ledger, { addedInboxIds: ["inbox-carol"] }, 101.5);
      expect(late(gone, ["a"])).toBe("pass");
      expect(late((ledger) => change(ledger, { leftInboxIds: ["inbox-carol"] }, 101), ["a"])).toBe("pass");
      const both = (ledger: LedgerBuilder): void => {
        back(ledger);
        gone(ledger);
      };
      expect(late(both, ["a", "c"])).toBe("pass");
      expect(late(both, ["a"])).toBe("carol lacks 1 of 3 messages: id-c");
      expect(late(both, ["c"])).toBe("carol lacks 1 of 3 messages: id-a");
      const gonetwice = (ledger: LedgerBuilder): void => {
        change(ledger, { removedInboxIds: ["inbox-carol"] }, 100.5);
        change(ledger, { removedInboxIds: ["inbox-carol"] }, 101.5);
        change(ledger, { addedInboxIds: ["inbox-carol"] }, 101.7);
      };
      expect(late(gonetwice, ["a", "c"])).toBe("pass");
      const addedtwice = (ledger: LedgerBuilder): void => {
        change(ledger, { addedInboxIds: ["inbox-carol"] }, 99);
        change(ledger, { addedInboxIds: ["inbox-carol"] }, 101.5);
      };
      expect(late(addedtwice, ["a", "c"])).toBe("carol lacks 1 of 3 messages: id-b");
    });

    it("from before its installation was made", () => {
      for (const state of ["created", "installation_added", "reinstalled"] as const) {
        expect(late((ledger) => ledger.lifecycle("carol", state, "", { wall: epoch + 101 }), ["c"])).toBe(
          "pass",
        );
      }
      const note = (ledger: LedgerBuilder): void =>
        ledger.lifecycle("carol", "note", "", { wall: epoch + 101 });
      expect(late(note, ["c"])).toContain("lacks 2");
      const other = (ledger: LedgerBuilder): void =>
        ledger.lifecycle("bob", "created", "", { wall: epoch + 101 });
      expect(late(other, ["c"])).toContain("lacks 2");
    });

    it("but only of this conversation", () => {
      const elsewhere = (ledger: LedgerBuilder): void => {
        ledger.update(
          "alice",
          "alice",
          { addedInboxIds: ["inbox-carol"] },
          { sentAtNs: nanoseconds(101), conversationId: "other" },
        );
        ledger.receive("alice", "plain", "alice", { sentAtNs: nanoseconds(101) });
      };
      expect(late(elsewhere, ["c"])).toContain("lacks 2");
    });
  });
});

describe("forkStatus", () => {
  it("passes when all are healthy, and leaves out who lacks the conversation", () => {
    const snapshots = [snapshot("alice"), snapshot("bob", [], { known: false, fork: "unknown" })];
    expect(forkStatus(snapshots)).toEqual({ status: "pass", oracle: "forkStatus", checked: 1 });
    expect(forkStatus(snapshots.slice(1))).toEqual({
      status: "inconclusive",
      oracle: "forkStatus",
      reason: "no installation has the conversation",
    });
  });

  it("names forked installations with what the SDK said", () => {
    const detail = "carol is forked at epoch 3 (commit 7 differs)";
    expect(forkStatus(withCarol({ fork: "forked", forkDetail: "commit 7 differs" }))).toEqual({
      status: "fail",
      oracle: "forkStatus",
      summary: `forkStatus: 1 violation, the first: ${detail}`,
      offenders: [{ kind: "forked", worker: "carol", installationId: "carol-1", detail, seqs: [] }],
    });
    expect(forkStatus(withCarol({ fork: "forked" }))).toMatchObject({
      offenders: [{ detail: "carol is forked at epoch 3" }],
    });
    const split = withCarol({ epochAuthenticator: "ff", forkDetail: "said" });
    const peers = split.map((one) => ({ epochAuthenticator: "aa", ...one }));
    expect(forkStatus(peers)).toMatchObject({
      offenders: [
        { detail: "carol is forked at epoch 3 (its epoch authenticator is ff, most have another; said)" },
      ],
    });
    const otherEpochs = peers.map((one, index) => ({ ...one, epoch: index }));
    expect(forkStatus(otherEpochs).status).toBe("pass");
  });

  it("is vouched for by another installation only", () => {
    const lone = [snapshot("alice", [], { fork: "unknown", epochAuthenticator: "aa" })];
    expect(forkStatus(lone).status).toBe("inconclusive");
    const silent = ["alice", "bob"].map((name) => snapshot(name, [], { fork: "unknown" }));
    expect(forkStatus(silent)).toMatchObject({
      reason:
        "the fork status of 2 installations (alice, bob) is unknown; reconcile the commit log first, then take the snapshot again",
    });
    expect(forkStatus(silent.map((one) => ({ ...one, epochAuthenticator: "aa" }))).status).toBe("pass");
  });

  it("knows the flag that a removal and re-addition raises falsely (libxmtp #3760)", () => {
    const ledger = new LedgerBuilder();
    ledger.update("alice", "alice", { removedInboxIds: ["inbox-carol"] });
    ledger.update("alice", "alice", { addedInboxIds: ["inbox-carol"] });
    const { events } = ledger;
    const carol = withCarol({ fork: "forked" });
    expect(forkStatus(carol, { events })).toEqual({
      status: "inconclusive",
      oracle: "forkStatus",
      reason:
        "carol is flagged as forked, but was removed and added again, which raises the flag falsely before libxmtp #3760; compare epochs and messages instead",
    });
    expect(forkStatus(carol, { events: events.slice(0, 1) }).status).toBe("fail");
    expect(forkStatus(carol, { events: events.slice(1) }).status).toBe("fail");
    expect(forkStatus([...carol, snapshot("dave", [], { fork: "unknown" })], { events })).toMatchObject({
      reason: expect.stringContaining("instead; the fork status of 1 installation (dave)") as string,
    });
    const elsewhere = carol.map((one) => ({ ...one, conversationId: "other" }));
    expect(forkStatus(elsewhere, { events }).status).toBe("fail");
    expect(forkStatus(withCarol({ fork: "forked", inboxId: "inbox-zoe" }), { events }).status).toBe("fail");
    const proven = carol.map((one) => ({ ...one, epochAuthenticator: one.worker === "carol" ? "ff" : "aa" }));
    expect(forkStatus(proven, { events }).status).toBe("fail");
  });
});
