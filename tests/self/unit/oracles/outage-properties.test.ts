/** Random outages, ends and sends: loss judged by the oracles and by a slow reference written from the rule. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { gapAfterReconnect, noLoss } from "../../../../src/oracles/index.js";
import type { GapOptions, Verdict } from "../../../../src/oracles/index.js";
import type { LedgerEvent, ReceiveEvent, SendEvent } from "../../../../src/ledger/events.js";
import { conversation, LedgerBuilder } from "./ledger-builder.js";

const runs = { numRuns: 500, seed: 20261123 };
const receivers = ["bob", "carol"] as const;
const memberships = ["alice", ...receivers].map((name) => {
  return { conversationId: conversation, inboxId: `inbox-${name}`, since: 0 };
});
const states = ["live", "lost", "retry", "restart", "failed", "ending", "ended"] as const;

const step = fc.oneof(
  fc.record({
    do: fc.constant("send" as const),
    lasts: fc.constantFrom(1, 50, 700, 1_500),
    outcome: fc.constantFrom("ok", "ok", "ok", "unknown", "failed"),
  }),
  fc.record({ do: fc.constantFrom(...states), who: fc.constantFrom(...receivers) }),
  fc.record({ do: fc.constant("break" as const), who: fc.constantFrom(...receivers) }),
  fc.record({
    do: fc.constant("outage" as const),
    who: fc.constantFrom(...receivers),
    came: fc.constantFrom("stream", "gap", "gap", "not" as const),
  }),
  fc.record({
    do: fc.constant("deliver" as const),
    who: fc.constantFrom(...receivers),
    which: fc.nat(3),
    source: fc.constantFrom("stream", "gap"),
  }),
  fc.record({ do: fc.constant("deliver all" as const), source: fc.constantFrom("stream", "gap") }),
);

const histories = fc
  .array(fc.tuple(fc.constantFrom(1, 1, 100, 900, 2_000), step), { maxLength: 12 })
  .map((steps) => {
    const ledger = new LedgerBuilder();
    for (const name of receivers) ledger.stream(name, "live");
    const sent: SendEvent[] = [];
    let now = 10;
    const receive = (who: string, { payload, messageId }: SendEvent, source: string): void => {
      ledger.receive(who, payload.text, "alice", { messageId: messageId as string, source: source as "gap" });
    };
    for (const [wait, one] of steps) {
      ledger.at((now += wait + 10));
      if (one.do === "send") {
        const values = { outcome: one.outcome as "ok", endedAt: now + one.lasts };
        sent.push(ledger.send("alice", `text ${sent.length}`, values));
      } else if (one.do === "deliver") {
        const send = sent[one.which];
        if (send) receive(one.who, send, one.source);
      } else if (one.do === "deliver all") {
        for (const send of sent.slice(-2)) for (const name of receivers) receive(name, send, one.source);
      } else if (one.do === "outage") {
        ledger.stream(one.who, "lost");
        const send = ledger.send("alice", `text ${sent.length}`);
        sent.push(send);
        for (const name of receivers) if (name !== one.who) receive(name, send, "stream");
        ledger.stream(one.who, "restart");
        if (one.came !== "not") receive(one.who, send, one.came);
      } else if (one.do === "break") {
        for (const state of ["lost", "retry"] as const) ledger.stream(one.who, state);
      } else ledger.stream(one.who, one.do);
    }
    return ledger.events;
  });

/** When the ledger is read: at its end, or some time after. */
const reading = fc.constantFrom(0, 0, 400, 5_000);
const asOfIn = (events: readonly LedgerEvent[], wait: number): number => {
  const ends = events.map((one) => (one.kind === "send" ? Math.max(one.at, one.endedAt ?? 0) : one.at));
  return Math.max(...ends) + wait;
};

interface Span {
  readonly from: number;
  readonly to: number;
}

function statesOf(events: readonly LedgerEvent[], name: string, ...wanted: readonly string[]): number[] {
  return events
    .filter((one) => one.kind === "stream" && one.worker === name && wanted.includes(one.state))
    .map((one) => one.at);
}

function receivesOf(events: readonly LedgerEvent[], name: string): ReceiveEvent[] {
  return events.filter((one) => one.kind === "receive").filter((one) => one.worker === name);
}

/** From each `live` to the next end. */
function listening(events: readonly LedgerEvent[], name: string): Span[] {
  const ends = statesOf(events, name, "ending", "ended");
  return statesOf(events, name, "live").map((from) => {
    return { from, to: Math.min(...ends.filter((end) => end > from)) };
  });
}

/** For each loss that nothing resolved before: from the last sign of life to what comes next, if that is a restart. */
function outages(events: readonly LedgerEvent[], name: string): Span[] {
  const breaks = statesOf(events, name, "lost", "retry");
  const restarts = statesOf(events, name, "restart");
  const turns = [...restarts, ...statesOf(events, name, "failed", "ending", "ended")];
  const streamed = receivesOf(events, name).filter((one) => one.source === "stream");
  const signs = [...statesOf(events, name, "live", "restart"), ...streamed.map((one) => one.at)];
  return breaks.flatMap((at) => {
    const turn = Math.max(0, ...turns.filter((one) => one < at));
    if (breaks.some((other) => turn < other && other < at)) return [];
    const to = Math.min(...turns.filter((one) => one > at));
    if (to !== Infinity && !restarts.includes(to)) return [];
    return [{ from: Math.max(0, ...signs.filter((one) => one < at)), to }];
  });
}

interface Owed {
  readonly name: string;
  readonly send: SendEvent;
  readonly sources: readonly string[];
  /** Those that the send falls into. */
  readonly outages: readonly Span[];
  readonly isOpen: boolean;
  readonly hadItsChance: boolean;
}

function owedIn(events: readonly LedgerEvent[], asOf: number): Owed[] {
  const sends = events.filter((one) => one.kind === "send");
  return receivers.flatMap((name) =>
    sends.flatMap((send) => {
      const acknowledged = send.endedAt ?? Infinity;
      const spans = listening(events, name).filter((one) => one.from <= send.at && acknowledged <= one.to);
      if (send.outcome !== "ok" || spans.length === 0) return [];
      const missed = outages(events, name).filter((one) => one.from <= acknowledged && send.at <= one.to);
      const restarts = missed.map((one) => one.to).filter((to) => to !== Infinity);
      const end = Math.min(asOf, Math.max(...spans.map((one) => one.to)));
      const rest = end - Math.max(acknowledged, ...restarts);
      const received = receivesOf(events, name);
      const overtaken = received.some(
        (one) =>
          one.source === "stream" &&
          sends.some((later) => later.messageId === one.messageId && later.at >= acknowledged),
      );
      return [
        {
          name,
          send,
          sources: received.filter((one) => one.messageId === send.messageId).map((one) => one.source),
          outages: missed,
          isOpen: spans.some((one) => one.to === Infinity),
          hadItsChance: rest >= 1_000 || (restarts.length === 0 && overtaken),
        },
      ];
    }),
  );
}

function compare(verdict: Verdict, status: string, offenders: readonly string[]): void {
  const found = verdict.status === "fail" ? verdict.offenders : [];
  expect([verdict.status, found.map((one) => `${one.kind} ${one.worker} ${one.messageId}`).sort()]).toEqual([
    status,
    [...offenders].sort(),
  ]);
}

const all = new Set(["pass", "fail", "inconclusive"]);

it("noLoss: what is missing is lost unless it may still come or had no chance", () => {
  const seen = new Set<string>();
  const why = new Set<string>();
  fc.assert(
    fc.property(histories, reading, (events, wait) => {
      const asOf = asOfIn(events, wait);
      const owed = owedIn(events, asOf);
      const missing = owed.filter((one) => one.sources.length === 0);
      const isDown = (one: Owed): boolean => one.outages.some(({ to }) => to === Infinity);
      const lost = missing.filter((one) => !isDown(one) && one.hadItsChance);
      const status =
        lost.length > 0 ? "fail" : missing.length > 0 || owed.length === 0 ? "inconclusive" : "pass";
      seen.add(status);
      for (const one of missing)
        why.add(isDown(one) ? "down" : one.hadItsChance ? "lost" : one.isOpen ? "open" : "cut short");
      compare(
        noLoss(events, { memberships, ...(wait > 0 && { asOf }) }),
        status,
        lost.map((one) => `lost ${one.name} ${one.send.messageId}`),
      );
    }),
    runs,
  );
  expect(seen).toEqual(all);
  expect(why).toEqual(new Set(["down", "lost", "open", "cut short"]));
});

it.each(["filled", "stream"] as const)(
  "gapAfterReconnect by %s: what was sent in an outage that is over came",
  (by) => {
    const seen = new Set<string>();
    const kinds = new Set<string>();
    const options: GapOptions = { memberships, by };
    fc.assert(
      fc.property(histories, reading, (events, wait) => {
        const asOf = asOfIn(events, wait);
        const owed = owedIn(events, asOf).filter((one) => one.outages.some(({ to }) => to !== Infinity));
        const never = owed.filter((one) => one.sources.length === 0);
        const read = owed.filter((one) => one.sources.length > 0 && !one.sources.includes("stream"));
        const offenders = [
          ...never
            .filter((one) => one.hadItsChance)
            .map((one) => `lost-in-gap ${one.name} ${one.send.messageId}`),
          ...(by === "filled" ? [] : read.map((one) => `only-in-database ${one.name} ${one.send.messageId}`)),
        ];
        const open = owed.length === 0 || never.some((one) => !one.hadItsChance);
        const status = offenders.length > 0 ? "fail" : open ? "inconclusive" : "pass";
        seen.add(status);
        for (const one of offenders) kinds.add(one.split(" ")[0] ?? "");
        compare(gapAfterReconnect(events, { ...options, asOf }), status, offenders);
      }),
      runs,
    );
    expect(seen).toEqual(all);
    expect(kinds).toEqual(new Set(by === "filled" ? ["lost-in-gap"] : ["lost-in-gap", "only-in-database"]));
  },
);
