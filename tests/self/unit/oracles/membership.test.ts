import { describe, expect, it } from "vitest";
import { membershipsOf } from "../../../../src/oracles/index.js";
import { Members, readdedInboxes } from "../../../../src/oracles/evidence/membership.js";
import { conversation, LedgerBuilder, nanoseconds } from "./ledger-builder.js";

function of(ledger: LedgerBuilder, name: string): [since: number, until?: number][] {
  return membershipsOf(ledger.events)
    .filter((one) => one.inboxId === `inbox-${name}` && one.conversationId === conversation)
    .map(({ since, until }) => (until === undefined ? [since] : [since, until]));
}

const carol = ["inbox-carol"];

describe("membershipsOf", () => {
  it("takes a conversation event, a send or a receipt for membership by then", () => {
    const ledger = new LedgerBuilder();
    ledger.at(5).joined("bob");
    ledger.at(7).send("alice", "hi");
    ledger.at(9).receive("dave", "hi", "alice");
    ledger.at(11).receive("bob", "hi", "alice");
    ledger.stream("eve", "live");
    expect([of(ledger, "bob"), of(ledger, "alice"), of(ledger, "dave"), of(ledger, "eve")]).toEqual([
      [[5]],
      [[7]],
      [[9]],
      [],
    ]);
    expect(membershipsOf(ledger.events)[0]).toEqual({
      conversationId: conversation,
      inboxId: "inbox-bob",
      since: 5,
    });
  });

  it("takes an addition as known from its first report, and a removal from when it was made", () => {
    const ledger = new LedgerBuilder();
    ledger.at(20).update("alice", "alice", { addedInboxIds: carol }, { sentAtNs: nanoseconds(15) });
    ledger.at(30).update("bob", "alice", { addedInboxIds: carol }, { sentAtNs: nanoseconds(15) });
    expect(of(ledger, "carol")).toEqual([[20]]);
    ledger.at(50).update("alice", "alice", { removedInboxIds: carol }, { sentAtNs: nanoseconds(45) });
    expect(of(ledger, "carol")).toEqual([[20, 45]]);
  });

  it("never takes a removal for later than its report", () => {
    const ledger = new LedgerBuilder();
    ledger.at(5).joined("carol");
    ledger.at(50).update("alice", "alice", { leftInboxIds: carol }, { sentAtNs: nanoseconds(60) });
    expect(of(ledger, "carol")).toEqual([[5, 50]]);
  });

  it("keeps changes in the order in which they were made, however late they are reported", () => {
    const ledger = new LedgerBuilder();
    ledger.at(10).update("alice", "alice", { addedInboxIds: carol }, { sentAtNs: nanoseconds(9) });
    ledger.at(20).update("alice", "alice", { removedInboxIds: carol }, { sentAtNs: nanoseconds(19) });
    ledger.at(30).update("bob", "alice", { addedInboxIds: carol }, { sentAtNs: nanoseconds(9) });
    ledger.at(35).update("bob", "alice", { removedInboxIds: carol }, { sentAtNs: nanoseconds(19) });
    expect(of(ledger, "carol")).toEqual([[10, 19]]);
  });

  it("does not take a late receipt for a return, but an addition", () => {
    const ledger = new LedgerBuilder();
    ledger.at(5).joined("carol");
    ledger.at(20).update("alice", "alice", { removedInboxIds: carol }, { sentAtNs: nanoseconds(19) });
    ledger.at(22).receive("carol", "old", "alice");
    ledger.at(23).update("carol", "alice", { removedInboxIds: carol }, { sentAtNs: nanoseconds(19) });
    expect(of(ledger, "carol")).toEqual([[5, 19]]);
    ledger.at(30).update("alice", "alice", { addedInboxIds: carol }, { sentAtNs: nanoseconds(29) });
    expect(of(ledger, "carol")).toEqual([[5, 19], [30]]);
  });

  it("does not take the report of one's own removal for membership", () => {
    for (const update of [{ removedInboxIds: carol }, { leftInboxIds: carol }]) {
      const ledger = new LedgerBuilder();
      ledger.at(5).update("carol", "alice", update);
      expect(of(ledger, "carol")).toEqual([]);
    }
    const other = new LedgerBuilder();
    other.at(5).update("carol", "alice", { removedInboxIds: ["inbox-bob"] });
    expect(of(other, "carol")).toEqual([[5]]);
  });

  it("takes the earliest report where a later change is reported earlier", () => {
    const ledger = new LedgerBuilder();
    ledger.at(30).update("bob", "alice", { addedInboxIds: carol }, { sentAtNs: nanoseconds(5) });
    ledger.at(20).joined("carol");
    expect(of(ledger, "carol")).toEqual([[20]]);
  });
});

describe("signs of membership", () => {
  const change = (
    ledger: LedgerBuilder,
    key: "addedInboxIds" | "removedInboxIds",
    made: number,
    told: number,
  ): void => {
    const values = { messageId: `${key}-${made}`, sentAtNs: nanoseconds(made), source: "query" } as const;
    ledger.at(told).update("alice", "alice", { [key]: carol }, values);
  };

  it("before a removal was made show a membership, whenever the removal was reported", () => {
    const ledger = new LedgerBuilder();
    change(ledger, "removedInboxIds", 40, 60);
    ledger.at(40).joined("carol");
    expect(of(ledger, "carol"), "in the same moment").toEqual([[40, 40]]);
    const after = new LedgerBuilder();
    change(after, "removedInboxIds", 40, 60);
    after.at(41).joined("carol");
    expect(of(after, "carol"), "after it").toEqual([]);
    const before = new LedgerBuilder();
    change(before, "removedInboxIds", 40, 60);
    before.at(39).joined("carol");
    expect(of(before, "carol"), "before it").toEqual([[39, 40]]);
  });

  it("after a return was told bring it forward no further than its report, and one between says nothing", () => {
    const ledger = new LedgerBuilder();
    ledger.at(5).joined("carol");
    change(ledger, "removedInboxIds", 20, 21);
    ledger.at(25).send("carol", "am I still here?");
    change(ledger, "addedInboxIds", 30, 50);
    ledger.at(60).send("carol", "back");
    expect(of(ledger, "carol")).toEqual([[5, 20], [50]]);
  });

  it("count by the wall clock where monotonic clocks of machines differ", () => {
    const ledger = new LedgerBuilder();
    const early = ledger.at(30).send("carol", "one");
    const late = ledger.at(20).send("carol", "two");
    Object.assign(early, { wall: late.wall - 10 });
    change(ledger, "removedInboxIds", 25, 35);
    expect(of(ledger, "carol")).toEqual([[20, 25]]);
  });

  it("are the worker's own events: a sync, a stream or a consent show nothing", () => {
    const ledger = new LedgerBuilder();
    ledger.sync("carol");
    ledger.stream("carol", "live");
    ledger.consent("carol", "inbox-alice", "allowed");
    expect(membershipsOf(ledger.events)).toEqual([]);
  });

  it("of somebody whose changes are of another conversation are told apart", () => {
    const ledger = new LedgerBuilder();
    ledger.at(5).send("carol", "here");
    ledger.at(9).send("carol", "here too");
    ledger
      .at(10)
      .update(
        "alice",
        "alice",
        { removedInboxIds: carol },
        { conversationId: "other", messageId: "elsewhere" },
      );
    expect(of(ledger, "carol")).toEqual([[5]]);
  });

  it("a removal that is stamped far in the future ends what has begun, without a time of its own", () => {
    const far = (made: number): [number, number?][] => {
      const ledger = new LedgerBuilder();
      ledger.at(5).joined("carol");
      change(ledger, "removedInboxIds", made, 50);
      return of(ledger, "carol");
    };
    expect([far(1_050), far(1_051)]).toEqual([[[5, 50]], [[5, 5]]]);
  });
});

describe("members", () => {
  it("are looked up by conversation and inbox", () => {
    const ledger = new LedgerBuilder();
    ledger.at(5).joined("carol");
    ledger.at(7).joined("bob", "query", { conversationId: "other" });
    const members = new Members(membershipsOf(ledger.events));
    expect(members.spans(conversation, "inbox-carol")).toEqual([{ from: 5 }]);
    expect(members.spans(conversation, "inbox-bob")).toEqual([]);
    expect(members.spans("none", "inbox-bob")).toEqual([]);
    expect(members.of("none")).toEqual([]);
    const once = members.of("other");
    expect(once.map(([id, spans]) => [id, spans.covering(7, 8)])).toEqual([["inbox-bob", Infinity]]);
    expect(members.of("other"), "made once").toBe(once);
  });
});

describe("readdedInboxes", () => {
  it("lists who was removed and then added, in this conversation", () => {
    const ledger = new LedgerBuilder();
    ledger.at(1).update("alice", "alice", { addedInboxIds: ["inbox-bob"], removedInboxIds: carol });
    ledger
      .at(2)
      .update("alice", "alice", { addedInboxIds: ["inbox-dave", ...carol], leftInboxIds: ["inbox-bob"] });
    ledger.at(3).joined("dave");
    expect([...readdedInboxes(ledger.events, conversation)]).toEqual(carol);
    expect([...readdedInboxes(ledger.events, "other")]).toEqual([]);
    const atOnce = new LedgerBuilder();
    atOnce.update("alice", "alice", { addedInboxIds: carol, removedInboxIds: carol });
    expect([...readdedInboxes(atOnce.events, conversation)]).toEqual([]);
  });

  it("takes no weak evidence for an addition", () => {
    const ledger = new LedgerBuilder();
    ledger.at(1).update("alice", "alice", { removedInboxIds: carol });
    ledger.at(5).joined("carol");
    expect([...readdedInboxes(ledger.events, conversation)]).toEqual([]);
  });
});
