import { describe, expect, it } from "vitest";
import { membershipsOf } from "../../../../src/oracles/index.js";
import { readdedInboxes } from "../../../../src/oracles/evidence/membership.js";
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
