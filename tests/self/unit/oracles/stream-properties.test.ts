/** Random lives of streams, judged by the oracle and by a slow reference written from the rule. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { stopGuarantee, streamGuarantee } from "../../../../src/oracles/index.js";
import type { Verdict } from "../../../../src/oracles/index.js";
import type {
  ConversationEvent,
  LedgerEvent,
  ReceiveEvent,
  StreamEvent,
  StreamState,
} from "../../../../src/ledger/events.js";
import { LedgerBuilder } from "./ledger-builder.js";

const runs = { numRuns: 500, seed: 20261123 };

type Step = StreamState | "receive" | "joined" | "read" | "stale";

const states: readonly StreamState[] = [
  "starting",
  "live",
  "lost",
  "retry",
  "restart",
  "gap_filled",
  "failed",
  "ending",
  "ended",
];
/** What streams really do, and now and then anything at all. */
const usual: readonly (readonly Step[])[] = [
  ["starting", "live"],
  ["receive", "receive"],
  ["joined", "read"],
  ["lost", "retry", "restart", "gap_filled"],
  ["ending", "ended"],
];
const fragment = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...usual) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<Step>(...states, "receive", "joined", "read", "stale", "stale")
      .map((step): readonly Step[] => [step]),
  },
);
const part = fc.record({
  worker: fc.constantFrom("bob", "bob", "carol"),
  streamId: fc.constantFrom(1, 1, 2),
  streamType: fc.constantFrom("message", "message", "group_updated"),
  steps: fragment,
});
const lives = fc
  .record({ opened: fc.boolean(), parts: fc.array(part, { maxLength: 5 }) })
  .map(({ opened, parts }) => {
    const ledger = new LedgerBuilder();
    const play = (worker: string, streamId: number, streamType: string, step: Step): void => {
      const source = step === "read" ? "gap" : "stream";
      if (step === "joined") ledger.joined(worker);
      else if (step === "receive" || step === "read")
        ledger.receive(worker, "hi", "alice", { streamId, source });
      else if (step === "stale") ledger.receive(worker, "hi", "alice", { streamId, streamSeq: 1 });
      else ledger.stream(worker, step, { streamId, streamType: streamType as never });
    };
    if (opened)
      for (const streamId of [1, 2])
        for (const step of ["starting", "live"] as const) {
          for (const worker of ["bob", "carol"]) play(worker, streamId, "message", step);
        }
    for (const { worker, streamId, streamType, steps } of parts)
      for (const step of steps) play(worker, streamId, streamType, step);
    return ledger.events;
  });

type Delivery = ReceiveEvent | ConversationEvent;
type Own = StreamEvent | Delivery;

/** Each worker's two subscriptions, found by looking for them. */
function subscriptions(events: readonly LedgerEvent[]): Own[][] {
  return ["bob", "carol"].flatMap((worker) =>
    [1, 2].map((id) =>
      events.filter(
        (one): one is Own =>
          one.worker === worker &&
          (one.kind === "stream" ||
            ((one.kind === "receive" || one.kind === "conversation") && one.source === "stream")) &&
          one.streamId === id,
      ),
    ),
  );
}

function isState(event: Own | undefined, ...wanted: readonly string[]): boolean {
  return event?.kind === "stream" && wanted.includes(event.state);
}

function compare(verdict: Verdict, status: string, offenders: readonly string[]): void {
  const found = verdict.status === "fail" ? verdict.offenders : [];
  expect([verdict.status, found.map((one) => `${one.kind} ${one.seqs.join(" ")}`).sort()]).toEqual([
    status,
    [...offenders].sort(),
  ]);
}

function check(
  oracle: (events: readonly LedgerEvent[]) => Verdict,
  reference: (events: readonly LedgerEvent[]) => { status: string; offenders: string[] },
): { statuses: Set<string>; kinds: Set<string> } {
  const statuses = new Set<string>();
  const kinds = new Set<string>();
  fc.assert(
    fc.property(lives, (events) => {
      const { status, offenders } = reference(events);
      statuses.add(status);
      for (const one of offenders) kinds.add(one.split(" ")[0] ?? "");
      compare(oracle(events), status, offenders);
    }),
    runs,
  );
  return { statuses, kinds };
}

const all = new Set(["pass", "fail", "inconclusive"]);

it("stopGuarantee: no event is late unless an end closed all types before it, with no start in between", () => {
  const reference = (events: readonly LedgerEvent[]): { status: string; offenders: string[] } => {
    const offenders: string[] = [];
    let ends = 0;
    for (const life of subscriptions(events)) {
      /** The end that closed the subscription for whatever stands at `index`. */
      const closer = (index: number): Own | undefined => {
        for (let end = 0; end < index; end++) {
          const restarted = life.slice(end + 1, index).some((one) => isState(one, "starting"));
          if (!restarted && isState(life[end], "ended", "failed") && allClosed(end)) return life[end];
        }
        return undefined;
      };
      const allClosed = (index: number): boolean =>
        ["message", "group_updated"].every((type) => {
          const counting = life.filter(
            (one, at) =>
              at <= index &&
              one.kind === "stream" &&
              one.streamType === (type as never) &&
              (isState(one, "starting", "ended", "failed") || !closer(at)),
          );
          return counting.length === 0 || isState(counting.at(-1), "ended", "failed");
        });
      for (const [index, event] of life.entries()) {
        const over = closer(index);
        if (isState(event, "ended", "failed") && !over && allClosed(index)) ends += 1;
        if (over && !isState(event, "starting", "ending", "ended", "failed"))
          offenders.push(`event-after-end ${over.seq} ${event.seq}`);
      }
    }
    return { status: offenders.length > 0 ? "fail" : ends === 0 ? "inconclusive" : "pass", offenders };
  };
  expect(check(stopGuarantee, reference).statuses).toEqual(all);
});

it("streamGuarantee: live first, numbered upwards, restarted only after a loss, nothing left open", () => {
  const reference = (events: readonly LedgerEvent[]): { status: string; offenders: string[] } => {
    const offenders: string[] = [];
    let streams = 0;
    let open = 0;
    for (const life of subscriptions(events)) {
      if (!life.some((one) => one.kind === "stream")) continue;
      streams += 1;
      for (const [index, event] of life.entries()) {
        const before = life.slice(0, index);
        if (event.kind !== "stream") {
          if (!before.some((one) => isState(one, "live"))) offenders.push(`event-before-live ${event.seq}`);
          const last = before.filter((one) => one.kind !== "stream").at(-1);
          if (last && event.streamSeq <= last.streamSeq) offenders.push(`numbering ${last.seq} ${event.seq}`);
          continue;
        }
        const same = (list: readonly Own[]): Own[] =>
          list.filter((one) => one.kind === "stream" && one.streamType === event.streamType);
        const since = same(before).slice(same(before).findLastIndex((one) => isState(one, "restart")) + 1);
        if (isState(event, "restart") && !since.some((one) => isState(one, "lost", "retry")))
          offenders.push(`unexplained-restart ${event.seq}`);
        const isLast = same(life.slice(index + 1)).length === 0;
        if (isLast && isState(event, "starting", "lost", "retry", "ending")) open += 1;
      }
    }
    const undecided = streams === 0 || open > 0;
    return { status: offenders.length > 0 ? "fail" : undecided ? "inconclusive" : "pass", offenders };
  };
  const { statuses, kinds } = check(streamGuarantee, reference);
  expect(statuses).toEqual(all);
  expect(kinds).toEqual(new Set(["event-before-live", "numbering", "unexplained-restart"]));
});
