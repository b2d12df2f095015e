/** What the streams themselves promise, whatever they carry. */
import type {
  ConsentEvent,
  ConversationEvent,
  LedgerEvent,
  ReceiveEvent,
  StreamEvent,
} from "../ledger/events.js";
import { groupBy } from "../ledger/group.js";
import { verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

type Delivery = ReceiveEvent | ConversationEvent | ConsentEvent;

/**
 * No stream delivered anything, nor came back to life, after it had ended (or failed for good).
 *
 * Several stream types may share one SDK subscription: it is over when the last of them is. Inconclusive when no
 * subscription was over.
 */
export function stopGuarantee(events: readonly LedgerEvent[]): Verdict {
  const offenders: Offender[] = [];
  let checked = 0;
  for (const life of subscriptions(events)) {
    const open = new Set<string>();
    let over: StreamEvent | undefined;
    for (const event of life) {
      if (event.kind !== "stream") {
        if (over) offenders.push(late(event, over));
        continue;
      }
      if (event.state === "starting") {
        open.add(event.streamType);
        over = undefined;
      } else if (endStates.has(event.state)) {
        open.delete(event.streamType);
        if (open.size === 0 && !over) {
          over = event;
          checked += 1;
        }
      } else if (over && event.state !== "ending") {
        offenders.push(late(event, over));
      } else if (!over) {
        open.add(event.streamType);
      }
    }
  }
  return verdictOf("stopGuarantee", {
    checked,
    offenders,
    undecided: checked === 0 ? "no stream was ended" : undefined,
  });
}

/**
 * Every subscription was live before it delivered anything, numbered what it delivered upwards, and restarted only after it
 * had been lost; each loss led to a restart, a failure or an end.
 *
 * Inconclusive when no stream was started, or when a stream was still on its way when the ledger ended.
 */
export function streamGuarantee(events: readonly LedgerEvent[]): Verdict {
  const offenders: Offender[] = [];
  const pending: string[] = [];
  const lives = subscriptions(events).filter((life) => life.some((event) => event.kind === "stream"));
  for (const life of lives) {
    offenders.push(...beforeLive(life), ...misnumbered(life));
    for (const ofType of groupBy(life.filter(isStream), (event) => event.streamType).values()) {
      offenders.push(...unexplainedRestarts(ofType));
      const last = ofType.at(-1);
      if (last && waiting.has(last.state))
        pending.push(`${last.worker}'s ${last.streamType} stream was still in state "${last.state}"`);
    }
  }
  const nothing = lives.length === 0 ? "no stream was started" : undefined;
  return verdictOf("streamGuarantee", {
    checked: lives.length,
    offenders,
    undecided: pending.join("; ") || nothing,
  });
}

const endStates: ReadonlySet<string> = new Set(["ended", "failed"]);
const breaks: ReadonlySet<string> = new Set(["lost", "retry"]);
const waiting: ReadonlySet<string> = new Set(["starting", "lost", "retry", "ending"]);

/** The events of each SDK subscription of each installation, oldest first; only what streams did themselves. */
function subscriptions(events: readonly LedgerEvent[]): (Delivery | StreamEvent)[][] {
  const own = events.filter((event) => isStream(event) || isDelivery(event));
  return [...groupBy(own, (event) => `${event.installationId} ${event.streamId}`).values()];
}

function isStream(event: LedgerEvent): event is StreamEvent {
  return event.kind === "stream";
}

function isDelivery(event: LedgerEvent): event is Delivery {
  if (event.kind !== "receive" && event.kind !== "conversation" && event.kind !== "consent") return false;
  return event.source === "stream";
}

function late(event: Delivery | StreamEvent, over: StreamEvent): Offender {
  const { worker, installationId, seq } = event;
  const detail = `${worker}'s stream ${over.streamId} ${nameOf(event)} ${ms(event.at - over.at)} after it had ${over.state}`;
  return { kind: "event-after-end", worker, installationId, detail, seqs: [over.seq, seq] };
}

function beforeLive(life: readonly (Delivery | StreamEvent)[]): Offender[] {
  const live = life.findIndex((event) => isStream(event) && event.state === "live");
  const early = life.slice(0, live === -1 ? life.length : live).filter((event) => !isStream(event));
  return early.map((event) => {
    const { worker, installationId, seq, streamId } = event;
    const detail = `${worker}'s stream ${streamId} ${nameOf(event)} before it was live`;
    return { kind: "event-before-live", worker, installationId, detail, seqs: [seq] };
  });
}

function misnumbered(life: readonly (Delivery | StreamEvent)[]): Offender[] {
  const delivered = life.flatMap((event) => (isStream(event) ? [] : [event]));
  return delivered.flatMap((event, index) => {
    const before = delivered[index - 1];
    if (!before || event.streamSeq > before.streamSeq) return [];
    const { worker, installationId, seq, streamId, streamSeq } = event;
    const detail = `${worker}'s stream ${streamId} numbered an event ${streamSeq} after ${before.streamSeq}`;
    return [{ kind: "numbering", worker, installationId, detail, seqs: [before.seq, seq] }];
  });
}

function unexplainedRestarts(ofType: readonly StreamEvent[]): Offender[] {
  let retried = false;
  return ofType.flatMap((event) => {
    const unexplained = event.state === "restart" && !retried;
    retried = breaks.has(event.state) || (retried && event.state !== "restart");
    if (!unexplained) return [];
    const { worker, installationId, seq, streamType } = event;
    const detail = `${worker}'s ${streamType} stream restarted without having been lost`;
    return [{ kind: "unexplained-restart", worker, installationId, detail, seqs: [seq] }];
  });
}

function nameOf(event: Delivery | StreamEvent): string {
  if (event.kind === "stream") return `reported "${event.state}"`;
  if (event.kind === "receive") return `delivered "${event.payload.text}" (${event.messageId})`;
  if (event.kind === "conversation") return `delivered conversation ${event.conversationId}`;
  return `delivered consent ${event.state} for ${event.entity}`;
}

function ms(value: number): string {
  return `${Math.round(value * 10) / 10} ms`;
}
