import { describe, expect, it } from "vitest";
import type { SendEvent } from "../../../../src/ledger/events.js";
import { readHistory } from "../../../../src/ledger/history.js";
import { SendRaces, overtakenSends } from "../../../../src/oracles/evidence/send-races.js";
import { LedgerBuilder, nanoseconds } from "./ledger-builder.js";

type Change = "added" | "removed" | "left";

/** A commit that was made at one time, and that the stream of `told` delivered at another. */
function commit(
  ledger: LedgerBuilder,
  change: Change,
  who: string,
  made: number,
  told = made,
  to = "carol",
): void {
  const key = { added: "addedInboxIds", removed: "removedInboxIds", left: "leftInboxIds" }[change];
  const values = { messageId: `${change}-${who}-${made}`, sentAtNs: nanoseconds(made) };
  const update = { [key]: [`inbox-${who}`] };
  ledger.at(made).update("dave", "alice", update, { ...values, source: "query" });
  ledger.at(told).update(to, "alice", update, values);
}

/** Carol's send from 100 to 110, in a ledger with what `fill` writes. */
function sent(fill: (ledger: LedgerBuilder) => void): {
  ledger: LedgerBuilder;
  send: SendEvent;
  races: SendRaces;
} {
  const ledger = new LedgerBuilder();
  const send = ledger.at(100).send("carol", "hi", { endedAt: 110 });
  fill(ledger);
  return { ledger, send, races: new SendRaces(ledger.events) };
}

describe("a send races with a change that was made before it ended and told after it began", () => {
  const times: readonly (readonly [made: number, told: number, races: boolean])[] = [
    [50, 100, false],
    [50, 101, true],
    [50, 200, true],
    [110, 200, true],
    [111, 200, false],
    [105, 105, true],
    [20, 60, false],
  ];
  for (const [made, told, races] of times)
    it(`made at ${made}, told at ${told}: ${races}`, () => {
      const of = sent((ledger) => {
        commit(ledger, "added", "bob", made, told);
        commit(ledger, "removed", "carol", made, told);
      });
      expect(of.races.withAdditionOf(of.send, "inbox-bob")).toBe(races);
      expect(of.races.withOwnRemoval(of.send)).toBe(races);
    });

  it("and without an end with each that was told after it began", () => {
    const { races, send } = sent((ledger) => commit(ledger, "added", "bob", 5_000, 6_000));
    const { endedAt: _, ...open } = send;
    expect(races.withAdditionOf(open as SendEvent, "inbox-bob")).toBe(true);
  });
});

describe("a race is", () => {
  it("one with the addition, or the removal, of that inbox", () => {
    const { races, send } = sent((ledger) => {
      commit(ledger, "added", "bob", 105, 200);
      commit(ledger, "removed", "dave", 105, 200);
    });
    expect(["bob", "carol", "dave"].map((who) => races.withAdditionOf(send, `inbox-${who}`))).toEqual([
      true,
      false,
      false,
    ]);
    expect([races.withOwnRemoval(send), races.withReturn(send)]).toEqual([false, false]);
    expect(races.withOwnRemoval({ ...send, inboxId: "inbox-dave" })).toBe(true);
    expect(races.withOwnRemoval({ ...send, inboxId: "inbox-bob" })).toBe(false);
  });

  it("none for an installation that no stream told, nor in another conversation", () => {
    const { races, send } = sent((ledger) => commit(ledger, "added", "bob", 105, 200, "erin"));
    expect(races.withAdditionOf(send, "inbox-bob")).toBe(false);
    const told = sent((ledger) => commit(ledger, "added", "bob", 105, 200));
    expect(told.races.withAdditionOf({ ...told.send, conversationId: "other" }, "inbox-bob")).toBe(false);
    expect(told.races.withAdditionOf({ ...told.send, installationId: "carol-2" }, "inbox-bob")).toBe(false);
    expect(told.races.withAdditionOf(told.send, "inbox-bob"), "after the others were asked").toBe(true);
  });
});

describe("a return", () => {
  const returns = (fill: (ledger: LedgerBuilder) => void): boolean => {
    const { races, send } = sent(fill);
    return races.withReturn(send);
  };

  it("is the addition of who was removed, or had left, before", () => {
    for (const gone of ["removed", "left"] as const)
      expect(
        returns((ledger) => {
          commit(ledger, gone, "bob", 10);
          commit(ledger, "added", "bob", 105, 200);
        }),
        gone,
      ).toBe(true);
  });

  it("is neither a first addition nor a removal, and nothing of long ago", () => {
    expect(returns((ledger) => commit(ledger, "added", "bob", 105, 200))).toBe(false);
    expect(
      returns((ledger) => {
        commit(ledger, "removed", "dave", 10);
        commit(ledger, "added", "bob", 105, 200);
      }),
      "somebody else was removed",
    ).toBe(false);
    expect(
      returns((ledger) => {
        commit(ledger, "added", "bob", 10);
        commit(ledger, "removed", "bob", 105, 200);
      }),
      "only removed since",
    ).toBe(false);
    expect(
      returns((ledger) => {
        commit(ledger, "removed", "bob", 10);
        commit(ledger, "added", "bob", 20);
      }),
      "told before",
    ).toBe(false);
    expect(
      returns((ledger) => {
        commit(ledger, "added", "bob", 105, 200);
        commit(ledger, "removed", "bob", 300);
      }),
      "removed afterwards",
    ).toBe(false);
  });
});

describe("what a return overtook is allowed", () => {
  const overtaken = (allow: "allow" | "fail" | undefined, fill: (ledger: LedgerBuilder) => void): unknown => {
    const { ledger, send, races } = sent((its) => {
      commit(its, "removed", "bob", 10);
      commit(its, "added", "bob", 105, 200);
      fill(its);
    });
    const options = allow === undefined ? {} : { overtaken: allow };
    return overtakenSends(readHistory(ledger.events, {}), races, options)(send);
  };

  it("only where the test says so", () => {
    expect([overtaken("allow", () => undefined), overtaken("fail", () => undefined)]).toEqual([true, false]);
    expect(overtaken(undefined, () => undefined)).toBe(false);
  });

  it("only as long as nobody but its sender was given it", () => {
    expect(overtaken("allow", (ledger) => ledger.receive("carol", "hi", "carol"))).toBe(true);
    expect(overtaken("allow", (ledger) => ledger.receive("dave", "hi", "carol"))).toBe(false);
    expect(
      overtaken("allow", (ledger) =>
        ledger.receive("carol", "hi", "carol", { installationId: "carol-2", worker: "carol-b" }),
      ),
    ).toBe(false);
    expect(overtaken("allow", (ledger) => ledger.receive("dave", "something else", "alice"))).toBe(true);
  });
});
