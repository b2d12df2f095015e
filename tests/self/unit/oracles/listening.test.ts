import { describe, expect, it } from "vitest";
import { coveredBy, listeners, overlaps } from "../../../../src/oracles/evidence/listening.js";
import { isMemberThroughout } from "../../../../src/oracles/evidence/membership.js";
import { LedgerBuilder } from "./ledger-builder.js";

const other = { streamType: "message_and_response" as never };

function bob(fill: (ledger: LedgerBuilder) => void): ReturnType<typeof listeners>[number] | undefined {
  const ledger = new LedgerBuilder();
  fill(ledger);
  return listeners(ledger.events)[0];
}

describe("listeners", () => {
  it("lists installations with a live message stream, from live to ending", () => {
    const ledger = new LedgerBuilder();
    ledger.fault("applied", "cut", ["bob"]);
    ledger.lifecycle("carol", "created");
    ledger.at(10).stream("bob", "live");
    ledger.at(20).stream("bob", "live");
    ledger.at(30).stream("bob", "ending");
    ledger.at(40).stream("bob", "ended");
    expect(listeners(ledger.events)).toEqual([
      {
        worker: "bob",
        inboxId: "inbox-bob",
        installationId: "bob-1",
        stretches: [{ from: 10, to: 30 }],
        outages: [],
      },
    ]);
  });

  it("keeps each type's stretch, and closes what is open when the worker ends", () => {
    const found = bob((ledger) => {
      ledger.at(10).stream("bob", "live");
      ledger.at(20).stream("bob", "live", other);
      ledger.at(25).lifecycle("bob", "note");
      ledger.at(30).stream("bob", "ended");
      ledger.at(40).lifecycle("bob", "terminated");
      ledger.at(50).stream("bob", "live");
    });
    expect(found?.stretches).toEqual([{ from: 10, to: 30 }, { from: 20, to: 40 }, { from: 50 }]);
  });

  it("begins an outage at the last sign of life: a stream's delivery, live or restart", () => {
    const broken = (sign: (ledger: LedgerBuilder) => void): unknown =>
      bob((ledger) => {
        ledger.at(10).stream("bob", "live");
        ledger.at(20);
        sign(ledger);
        ledger.at(30).stream("bob", "lost");
        ledger.at(40).stream("bob", "retry");
      })?.outages;
    expect(broken((ledger) => ledger.receive("bob", "x", "alice"))).toEqual([{ from: 20 }]);
    expect(broken((ledger) => ledger.stream("bob", "restart"))).toEqual([{ from: 20 }]);
    expect(broken((ledger) => ledger.receive("bob", "x", "alice", { source: "query" }))).toEqual([
      { from: 10 },
    ]);
    expect(broken((ledger) => ledger.stream("bob", "gap_filled"))).toEqual([{ from: 10 }]);
    expect(broken((ledger) => ledger.stream("bob", "live", { streamType: "consent" as never }))).toEqual([
      { from: 10 },
    ]);
    expect(broken((ledger) => ledger.joined("bob"))).toEqual([{ from: 10 }]);
  });

  it("ends an outage at the restart, forgets it at an end, and starts a new one after", () => {
    const found = (...states: ("lost" | "restart" | "failed" | "ending" | "ended")[]): unknown =>
      bob((ledger) => {
        ledger.at(10).stream("bob", "live");
        for (const [index, state] of states.entries()) ledger.at(20 + index * 10).stream("bob", state);
      })?.outages;
    expect(found("lost", "restart")).toEqual([{ from: 10, to: 30 }]);
    expect(found("lost", "restart", "lost")).toEqual([{ from: 10, to: 30 }, { from: 30 }]);
    for (const end of ["failed", "ending", "ended"] as const) expect(found("lost", end)).toEqual([]);
    expect(found("restart")).toEqual([]);
  });

  it("counts being offline at the end as an outage, whatever else happens to the worker", () => {
    const found = (...states: ("offline" | "online" | "note")[]): unknown =>
      bob((ledger) => {
        ledger.at(10).stream("bob", "live");
        for (const [index, state] of states.entries()) ledger.at(20 + index * 10).lifecycle("bob", state);
      })?.outages;
    expect(found("offline", "note")).toEqual([{ from: 20 }]);
    expect(found("offline", "online")).toEqual([]);
    expect(found("note")).toEqual([]);
  });
});

describe("stretches", () => {
  it("cover with both ends, and overlap in one moment", () => {
    const stretch = { from: 10, to: 20 };
    expect([coveredBy([stretch], 10, 20), coveredBy([stretch], 9, 20), coveredBy([stretch], 10, 21)]).toEqual(
      [true, false, false],
    );
    expect([coveredBy([{ from: 10 }], 10, 1e9), coveredBy([], 1, 2)]).toEqual([true, false]);
    expect([overlaps(stretch, 20, 30), overlaps(stretch, 0, 10), overlaps(stretch, 21, 30)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([overlaps(stretch, 0, 9), overlaps({ from: 10 }, 1e9, 1e9)]).toEqual([false, true]);
  });
});

describe("isMemberThroughout", () => {
  it("asks for the whole stretch, with both ends", () => {
    const who = { conversationId: "c", inboxId: "i" };
    const within = [{ ...who, since: 10, until: 20 }];
    const asked = [
      [10, 20],
      [9, 20],
      [10, 21],
    ] as const;
    expect(asked.map(([from, to]) => isMemberThroughout(within, who, from, to))).toEqual([
      true,
      false,
      false,
    ]);
    expect(isMemberThroughout([{ ...who, since: 10 }], who, 10, 1e9)).toBe(true);
  });
});
