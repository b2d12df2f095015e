import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamState } from "../../../../src/ledger/events.js";
import { listeners } from "../../../../src/oracles/evidence/listening.js";
import { Spans } from "../../../../src/oracles/evidence/spans.js";
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
    expect(listeners(ledger.events)).toMatchObject([
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

describe("going offline and coming back", () => {
  const streams = (ledger: LedgerBuilder, ...states: readonly StreamState[]): void => {
    for (const state of states) ledger.stream("bob", state);
  };
  const of = (fill: (ledger: LedgerBuilder) => void): unknown => {
    const found = bob((ledger) => {
      ledger.at(10);
      streams(ledger, "starting", "live");
      fill(ledger);
    });
    return found && { stretches: found.stretches, outages: found.outages };
  };
  /** As a worker does it: its streams end, then it is offline; later it is online, and the streams come back. */
  const away = (ledger: LedgerBuilder): void => {
    ledger.at(20);
    streams(ledger, "ending", "ended");
    ledger.lifecycle("bob", "offline");
    ledger.at(30).lifecycle("bob", "online");
  };

  it("is one stretch with an outage, whichever of end and offline is recorded first", () => {
    const back = { stretches: [{ from: 11 }], outages: [{ from: 20, to: 32 }] };
    expect(
      of((ledger) => {
        away(ledger);
        streams(ledger, "starting", "live", "gap_filled");
      }),
    ).toEqual(back);
    expect(
      of((ledger) => {
        ledger.at(20).lifecycle("bob", "offline");
        streams(ledger, "ending", "ended");
        ledger.at(30).lifecycle("bob", "online");
        streams(ledger, "starting", "live", "gap_filled");
      }),
    ).toEqual(back);
  });

  it("is an open outage while the stream is not back, or its gap not filled", () => {
    const open = { stretches: [{ from: 11 }], outages: [{ from: 20 }] };
    for (const states of [[], ["starting"], ["starting", "failed"], ["starting", "live"]] as const) {
      expect(
        of((ledger) => {
          away(ledger);
          streams(ledger, ...states);
        }),
        states.join(" "),
      ).toEqual(open);
    }
    expect(
      of((ledger) => {
        ledger.at(20);
        streams(ledger, "ending", "ended");
        ledger.lifecycle("bob", "offline");
      }),
      "never online again",
    ).toEqual(open);
  });

  it("survives a second way offline before the gap was filled, and a failed way back", () => {
    expect(
      of((ledger) => {
        away(ledger);
        streams(ledger, "starting", "live");
        ledger.at(40);
        streams(ledger, "ending", "ended");
        ledger.lifecycle("bob", "offline");
        ledger.at(50).lifecycle("bob", "online");
        streams(ledger, "starting", "failed");
        ledger.at(60).lifecycle("bob", "online");
        streams(ledger, "starting", "live", "gap_filled");
      }),
    ).toEqual({ stretches: [{ from: 32, to: 40 }, { from: 11 }], outages: [{ from: 20, to: 62 }] });
  });

  it("owes nothing for a stream that the test itself had ended before", () => {
    expect(
      of((ledger) => {
        ledger.at(20);
        streams(ledger, "ending", "ended");
        ledger.send("bob", "still here");
        ledger.lifecycle("bob", "offline");
        ledger.lifecycle("bob", "online");
        ledger.at(40);
        streams(ledger, "starting", "live", "gap_filled");
      }),
    ).toEqual({ stretches: [{ from: 11, to: 20 }, { from: 41 }], outages: [] });
  });

  it("owes nothing for one that does not come back while its worker goes on", () => {
    expect(
      of((ledger) => {
        away(ledger);
        ledger.send("bob", "I do not listen any more");
        ledger.at(40);
        streams(ledger, "starting", "live");
      }),
    ).toEqual({ stretches: [{ from: 11, to: 20 }, { from: 41 }], outages: [] });
  });

  describe("what happens between", () => {
    const what: Readonly<Record<string, (ledger: LedgerBuilder) => void>> = {
      "a send": (ledger) => ledger.send("bob", "hi"),
      "an automatic send": (ledger) => ledger.send("bob", "hi", { automatic: true }),
      "a received message": (ledger) => ledger.receive("bob", "hi", "alice"),
      "a filled gap's message": (ledger) => ledger.receive("bob", "hi", "alice", { source: "gap" }),
      "a message that was asked for": (ledger) => ledger.receive("bob", "hi", "alice", { source: "query" }),
      "a conversation": (ledger) => ledger.joined("bob"),
      "a conversation that was asked for": (ledger) => ledger.joined("bob", "query"),
      "a consent": (ledger) => ledger.consent("bob", "inbox-alice", "allowed"),
      "another stream": (ledger) => ledger.stream("bob", "live", { streamType: "consent" as never }),
      "a sync": (ledger) => ledger.sync("bob"),
      "its line": (ledger) => ledger.line("bob", "subscribed"),
    };
    const ownDoing = ["a send", "a message that was asked for", "a conversation that was asked for"];

    for (const [name, happens] of Object.entries(what)) {
      const own = ownDoing.includes(name);

      it(`${name} is ${own ? "the test's doing: the stream has stayed ended" : "no sign that the stream stays ended"}`, () => {
        const found = of((ledger) => {
          away(ledger);
          happens(ledger);
          ledger.at(40);
          streams(ledger, "starting", "live", "gap_filled");
        });
        expect(found).toEqual(
          own
            ? { stretches: [{ from: 11, to: 20 }, { from: 41 }], outages: [] }
            : { stretches: [{ from: 11 }], outages: [{ from: 20, to: 41 }] },
        );
      });

      it(`${name} while the worker is offline leaves all open`, () => {
        const found = of((ledger) => {
          ledger.at(20);
          streams(ledger, "ending", "ended");
          ledger.lifecycle("bob", "offline");
          happens(ledger);
          ledger.at(30).lifecycle("bob", "online");
          ledger.at(40);
          streams(ledger, "starting", "live", "gap_filled");
        });
        expect(found).toEqual({ stretches: [{ from: 11 }], outages: [{ from: 20, to: 41 }] });
      });
    }

    it("a start while the worker is offline does not bring the stream back", () => {
      const found = of((ledger) => {
        ledger.at(20);
        streams(ledger, "ending", "ended");
        ledger.lifecycle("bob", "offline");
        ledger.at(25);
        streams(ledger, "starting", "live");
        ledger.at(30).lifecycle("bob", "online");
        ledger.at(40).send("bob", "on my own");
        ledger.at(50);
        streams(ledger, "starting", "live");
      });
      expect(found).toEqual({ stretches: [{ from: 11, to: 20 }, { from: 26 }], outages: [] });
    });

    it("the first of several breaks that last is where the outage begins", () => {
      const found = of((ledger) => {
        ledger.at(15).stream("bob", "live", other);
        ledger.at(20).stream("bob", "ending");
        ledger.at(22).lifecycle("bob", "offline");
      });
      expect(found).toEqual({ stretches: [{ from: 15 }, { from: 11 }], outages: [{ from: 20 }] });
    });
  });

  it("takes a restart without a filled gap for a stream for itself", () => {
    expect(
      of((ledger) => {
        away(ledger);
        streams(ledger, "starting", "live", "lost", "restart", "gap_filled");
      }),
    ).toEqual({ stretches: [{ from: 11, to: 20 }, { from: 32 }], outages: [{ from: 32, to: 34 }] });
  });

  it("ends with the worker or its installation", () => {
    for (const state of ["terminated", "reinstalled"] as const) {
      expect(
        of((ledger) => {
          away(ledger);
          ledger.at(50).lifecycle("bob", state);
        }),
        state,
      ).toEqual({ stretches: [{ from: 11, to: 20 }], outages: [] });
    }
  });
});

describe("spans", () => {
  it("cover with both ends, and touch in one moment", () => {
    const one = new Spans([{ from: 10, to: 20 }]);
    const covering = [one.covering(10, 20), one.covering(9, 20), one.covering(10, 21)];
    expect(covering).toEqual([20, undefined, undefined]);
    const touching = [one.touching(20, 30), one.touching(0, 10), one.touching(21, 30), one.touching(0, 9)];
    expect(touching).toEqual([20, 20, undefined, undefined]);
    const open = new Spans([{ from: 10 }]);
    expect([open.covering(10, 1e9), open.touching(1e9, 1e9)]).toEqual([Infinity, Infinity]);
    expect([new Spans([]).covering(1, 2), new Spans([]).touching(1, 2)]).toEqual([undefined, undefined]);
  });

  it("say what looking through all of them says", () => {
    const stretch = fc
      .tuple(fc.nat(20), fc.option(fc.nat(8), { nil: undefined }))
      .map(([from, length]) => (length === undefined ? { from } : { from, to: from + length }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 6 }), fc.nat(30), fc.nat(6), (stretches, from, length) => {
        const to = from + length;
        const ends = (holds: (one: { from: number; to: number }) => boolean): number | undefined => {
          const found = stretches.map((one) => ({ to: Infinity, ...one })).filter(holds);
          return found.length === 0 ? undefined : Math.max(...found.map((one) => one.to));
        };
        const spans = new Spans(stretches);
        expect(spans.covering(from, to)).toBe(ends((one) => one.from <= from && to <= one.to));
        expect(spans.touching(from, to)).toBe(ends((one) => one.from <= to && from <= one.to));
      }),
      { seed: 20261124 },
    );
  });
});
