import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReceiveEvent } from "../../../../src/ledger/events.js";
import { clockSkewMs, isOrdered, membershipChanges } from "../../../../src/oracles/evidence/changes.js";
import type { Change } from "../../../../src/oracles/evidence/changes.js";
import { LedgerBuilder, conversation, epoch, nanoseconds } from "./ledger-builder.js";

/** One commit as a reader was given it: who joined names it. */
interface Given {
  readonly reader: string;
  readonly commit: number;
  /** Stamp, in ledger time. */
  readonly stamp: number;
  readonly maker?: string;
  readonly source?: ReceiveEvent["source"];
}

function ledgerOf(given: readonly Given[]): LedgerBuilder {
  const ledger = new LedgerBuilder();
  ledger.at(100_000);
  for (const { reader, commit, stamp, maker = "maker", source = "stream" } of given)
    ledger.update(
      reader,
      maker,
      { addedInboxIds: [`inbox-${commit}`] },
      { messageId: `commit-${commit}`, sentAtNs: nanoseconds(stamp), source },
    );
  return ledger;
}

function orderOf(given: readonly Given[]): number[] {
  const changes = membershipChanges(ledgerOf(given).events).get(conversation) ?? [];
  expect(changes.map((one) => one.rank)).toEqual(changes.map((_, at) => at));
  return changes.map((one) => Number(one.inboxId.slice("inbox-".length)));
}

/** Commits 0, 1, 2 ... in the order in which they were made, and who was given which of them. */
const history = fc
  .integer({ min: 1, max: 7 })
  .chain((commits) =>
    fc.record({
      commits: fc.constant(commits),
      readers: fc.array(fc.subarray([...Array(commits).keys()], { minLength: 1 }), {
        minLength: 1,
        maxLength: 4,
      }),
      stamps: fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: commits, maxLength: commits }),
      makers: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: commits, maxLength: commits }),
      shuffle: fc.infiniteStream(fc.nat(1_000)),
    }),
  );

describe("the order of commits", () => {
  it("is that of each stream, whatever clocks far apart stamped, and however the streams interleave", () => {
    fc.assert(
      fc.property(history, ({ readers, stamps, makers, shuffle }) => {
        const queues = readers.map((own, reader) =>
          own.map((commit): Given => {
            // Each commit is of a clock of its own, unless the node's: no two stamps can be compared closely.
            return { reader: `r${reader}`, commit, stamp: stamps[commit] ?? 0, maker: `r${makers[commit]}` };
          }),
        );
        // Stamps of one clock that are close may reorder a stream: keep them further apart than that.
        const spread = queues.map((queue) =>
          queue.map((one) => ({ ...one, stamp: one.stamp * (clockSkewMs + 1) })),
        );
        const rest = spread.map((queue) => [...queue]);
        const given: Given[] = [];
        for (const draw of shuffle) {
          const open = rest.filter((queue) => queue.length > 0);
          if (open.length === 0) break;
          given.push((open[draw % open.length] as Given[]).shift() as Given);
        }
        const order = orderOf(given);
        expect([...order].sort((a, b) => a - b)).toEqual([...new Set(readers.flat())].sort((a, b) => a - b));
        for (const own of readers) expect(order.filter((commit) => own.includes(commit))).toEqual(own);
      }),
      { numRuns: Number(process.env["HISTORIES"] ?? 300) },
    );
  });

  it("is by the stamps where no stream shows it: of another source, or of streams that share no commit", () => {
    const [late, early] = [9_000, 5_000];
    for (const source of ["query", "gap"] as const)
      expect(
        orderOf([
          { reader: "r1", commit: 2, stamp: late, source },
          { reader: "r1", commit: 1, stamp: early, source },
        ]),
      ).toEqual([1, 2]);
    expect(
      orderOf([
        { reader: "r1", commit: 2, stamp: late },
        { reader: "r2", commit: 1, stamp: early },
      ]),
    ).toEqual([1, 2]);
    expect(
      orderOf([
        { reader: "r1", commit: 3, stamp: 12_000, source: "query" },
        { reader: "r1", commit: 2, stamp: late },
        { reader: "r1", commit: 1, stamp: early, source: "query" },
      ]),
    ).toEqual([1, 2, 3]);
  });

  it("takes a later copy on the same stream for a copy, and what was asked for before for no delivery", () => {
    expect(
      orderOf([
        { reader: "r1", commit: 1, stamp: 50_000 },
        { reader: "r1", commit: 2, stamp: 1_000 },
        { reader: "r1", commit: 1, stamp: 50_000 },
      ]),
    ).toEqual([1, 2]);
    expect(
      orderOf([
        { reader: "r1", commit: 2, stamp: 50_000, source: "query" },
        { reader: "r1", commit: 1, stamp: 90_000 },
        { reader: "r1", commit: 2, stamp: 50_000 },
      ]),
    ).toEqual([1, 2]);
  });

  it("is by one clock's stamps within its accuracy, and by the stream beyond", () => {
    const two = (first: number, second: number, maker?: string): number[] =>
      orderOf([
        { reader: "r1", commit: 1, stamp: first },
        { reader: "r1", commit: 2, stamp: second, ...(maker !== undefined && { maker }) },
      ]);
    expect(two(10_001, 10_000)).toEqual([2, 1]);
    expect(two(10_000 + clockSkewMs, 10_000)).toEqual([2, 1]);
    expect(two(10_001 + clockSkewMs, 10_000)).toEqual([1, 2]);
    expect(two(10_000, 10_000), "the same stamp").toEqual([1, 2]);
    expect(two(10_001, 10_000, "r1"), "the second by its maker's own clock").toEqual([1, 2]);
    expect(
      orderOf([
        { reader: "r1", commit: 1, stamp: 10_200 },
        { reader: "r1", commit: 2, stamp: 10_300 },
        { reader: "r1", commit: 3, stamp: 10_100 },
      ]),
      "over several places",
    ).toEqual([3, 1, 2]);
  });

  it("ends where streams contradict each other: the stamps decide", () => {
    expect(
      orderOf([
        { reader: "r1", commit: 1, stamp: 10_000 },
        { reader: "r1", commit: 2, stamp: 20_000 },
        { reader: "r2", commit: 2, stamp: 20_000 },
        { reader: "r2", commit: 1, stamp: 10_000 },
      ]),
    ).toEqual([1, 2]);
    expect(
      orderOf([
        { reader: "r1", commit: 1, stamp: 20_000 },
        { reader: "r1", commit: 2, stamp: 10_000 },
        { reader: "r2", commit: 2, stamp: 10_000 },
        { reader: "r2", commit: 1, stamp: 20_000 },
      ]),
    ).toEqual([2, 1]);
  });
});

describe("a change", () => {
  it("is that of its first report, with who was given it when", () => {
    const ledger = new LedgerBuilder();
    const values = { messageId: "commit", sentAtNs: nanoseconds(400) };
    const update = { addedInboxIds: ["inbox-x"], removedInboxIds: ["inbox-y"], leftInboxIds: ["inbox-z"] };
    ledger.at(500).update("alice", "alice", update, { ...values, source: "query" });
    ledger.at(600).update("bob", "alice", update, values);
    ledger.at(700).update("carol", "alice", update, values);
    ledger.at(800).update("bob", "alice", update, values);
    ledger.receive("bob", "no update", "alice");
    const changes = membershipChanges(ledger.events, conversation).get(conversation);
    const common = {
      ...{ rank: 0, stamp: epoch + 400, clock: "node", at: 500, wall: epoch + 500, madeAt: 400 },
      streamedTo: new Map([
        ["bob-1", 600],
        ["carol-1", 700],
      ]),
    };
    expect(changes).toEqual([
      { ...common, inboxId: "inbox-x", change: "joined" },
      { ...common, inboxId: "inbox-y", change: "left" },
      { ...common, inboxId: "inbox-z", change: "left" },
    ]);
    expect([...membershipChanges(ledger.events, "another")]).toEqual([]);
    expect(changesOf({ messageId: "own", sentAtNs: nanoseconds(9_000) })).toMatchObject([
      { clock: "inbox-alice", madeAt: 500 },
    ]);
  });

  /** What alice herself was told of her own commit at 500. */
  function changesOf(values: Partial<ReceiveEvent>): Change[] | undefined {
    const ledger = new LedgerBuilder();
    ledger.at(500).update("alice", "alice", { addedInboxIds: ["inbox-x"] }, values);
    return membershipChanges(ledger.events).get(conversation);
  }

  it("is surely before another by one clock, by stamps near their reports, or by one stream", () => {
    const change = (values: Partial<Change>): Change => ({
      ...{ inboxId: "x", change: "joined", rank: 0, stamp: 0, clock: "a", at: 0, wall: 0, madeAt: 0 },
      streamedTo: new Map<string, number>(),
      ...values,
    });
    const far = { wall: 0, stamp: clockSkewMs + 1 };
    const near = { wall: 0, stamp: clockSkewMs };
    const to = (...ids: string[]): Partial<Change> => ({ streamedTo: new Map(ids.map((id) => [id, 1])) });
    const ordered = (one: Partial<Change>, other: Partial<Change>): boolean =>
      isOrdered(change({ clock: "a", ...one }), change({ clock: "b", ...other }));
    expect(ordered(far, { ...far, clock: "a" }), "one clock").toBe(true);
    expect(ordered(near, near), "both near").toBe(true);
    expect(ordered(near, { wall: 0, stamp: -clockSkewMs }), "before and after").toBe(true);
    expect([ordered(far, near), ordered(near, far), ordered(far, far)]).toEqual([false, false, false]);
    expect(ordered({ ...far, ...to("i", "j") }, { ...far, ...to("k", "j") }), "one stream").toBe(true);
    expect(ordered({ ...far, ...to("i") }, { ...far, ...to("j") }), "two streams").toBe(false);
  });
});
