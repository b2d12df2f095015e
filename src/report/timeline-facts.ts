import type { FaultEvent, LedgerEvent, ReceiveEvent, SendEvent } from "../ledger/events.js";

/** A fault that a test put on. */
export interface FaultFact {
  /** The verb, for example "latency". */
  readonly fault: string;
  readonly targets: readonly string[];
  readonly detail: string;
  /** Whether it took effect; `applied` when nothing was recorded about that. */
  readonly state: FaultEvent["state"];
}

/** What the report takes from the timeline of one test. */
export interface TimelineFacts {
  readonly sent: number;
  /** Sends that failed, or of which nobody knows. */
  readonly sendFailures: number;
  readonly received: number;
  readonly streamRetries: number;
  /** Milliseconds from a send to each receipt by a stream, of messages that the same test sent. */
  readonly delays: readonly number[];
  /** The same for receipts between whose send and arrival a fault was on. */
  readonly faultDelays: readonly number[];
  /** How many delays there were: an attachment keeps only some of many. */
  readonly delayCount: number;
  readonly faultDelayCount: number;
  readonly faults: readonly FaultFact[];
  /** What was left open, in words. */
  readonly leaks: readonly string[];
}

/** Sums up the events of one test. */
export function timelineFacts(events: readonly LedgerEvent[], leaks: readonly string[] = []): TimelineFacts {
  const sends = events.filter((event) => event.kind === "send");
  const receipts = events.filter((event) => event.kind === "receive");
  const faults = events.filter((event) => event.kind === "fault");
  const retries = events.filter((event) => event.kind === "stream" && event.state === "retry");
  const deliveries = deliveriesOf(sends, receipts, faults);
  const delaysOf = (underFault: boolean): number[] =>
    deliveries.filter((one) => one.underFault === underFault).map((one) => one.delayMs);
  const [delays, faultDelays] = [delaysOf(false), delaysOf(true)];
  return {
    sent: sends.length,
    sendFailures: sends.filter((send) => send.outcome === "failed" || send.outcome === "unknown").length,
    received: receipts.length,
    streamRetries: retries.length,
    delays,
    faultDelays,
    delayCount: delays.length,
    faultDelayCount: faultDelays.length,
    faults: faultsOf(faults),
    leaks,
  };
}

/** Reads a timeline attachment (`{ events: [...] }`); of a later format it takes what it understands. */
export function readTimeline(text: string): TimelineFacts {
  const parsed = JSON.parse(text) as { readonly events?: unknown; readonly leaks?: unknown } | null;
  const all = Array.isArray(parsed?.events) ? parsed.events : [];
  const events = all.filter((event): event is LedgerEvent => {
    const { kind, at } = (event ?? {}) as { kind?: unknown; at?: unknown };
    return typeof kind === "string" && typeof at === "number";
  });
  const leaks = Array.isArray(parsed?.leaks) ? parsed.leaks : [];
  return timelineFacts(
    events,
    leaks.map((leak) => (typeof leak === "string" ? leak : JSON.stringify(leak))),
  );
}

interface Delivery {
  readonly delayMs: number;
  readonly underFault: boolean;
}

function deliveriesOf(
  sends: readonly SendEvent[],
  receipts: readonly ReceiveEvent[],
  faults: readonly FaultEvent[],
): Delivery[] {
  const sentAt = new Map<string, number>();
  for (const { messageId, at } of sends) if (messageId !== undefined) sentAt.set(messageId, at);
  const spans = faultSpans(faults);
  return receipts.flatMap((receipt) => {
    const start = sentAt.get(receipt.messageId);
    if (start === undefined || receipt.source === "query") return [];
    const underFault = spans.some(([from, to]) => from <= receipt.at && to >= start);
    return [{ delayMs: Math.max(0, Math.round((receipt.at - start) * 1000) / 1000), underFault }];
  });
}

function faultSpans(faults: readonly FaultEvent[]): (readonly [number, number])[] {
  return faults
    .filter(({ state }) => state === "applied")
    .map(({ faultId, at }) => {
      const lifted = faults.find((other) => other.faultId === faultId && other.state === "lifted");
      return [at, lifted?.at ?? Infinity] as const;
    });
}

function faultsOf(events: readonly FaultEvent[]): FaultFact[] {
  const byId = new Map<string, FaultFact>();
  for (const { faultId, fault, targets, detail, state } of events) {
    // "lifted" is every fault's end; whether it took effect is what a reader wants to know.
    const before = byId.get(faultId);
    const told = state === "lifted" && before ? before.state : state;
    byId.set(faultId, { fault, targets, detail: before?.detail ?? detail, state: told });
  }
  return [...byId.values()];
}
