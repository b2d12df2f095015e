/** When an installation listened to messages, and when its listening was interrupted. */
import type { LedgerEvent, StreamEvent } from "../../ledger/events.js";
import { groupBy } from "./history.js";

/** One worker's installation as the ledger names it. */
export interface Installation {
  readonly worker: string;
  readonly inboxId: string;
  readonly installationId: string;
}

/** A stretch of time on the monotonic clock; `to` is absent while it lasts. */
export interface Stretch {
  readonly from: number;
  readonly to?: number;
}

export interface Listening extends Installation {
  /** From a message stream's `live` to its `ending` (or the worker's end). A failed stream still owes. */
  readonly stretches: readonly Stretch[];
  /**
   * From the last sign of life before a break (or from going offline for good) to the restart; without `to`
   * when the ledger ends before the stream is back.
   */
  readonly outages: readonly Stretch[];
}

/** Stream types that deliver what people write. A group-update stream alone owes no messages. */
const messageTypes: ReadonlySet<string> = new Set(["message", "message_and_response"]);

/** Every installation that ever had a live message stream. */
export function listeners(events: readonly LedgerEvent[]): Listening[] {
  const own = events.filter((event) => event.installationId !== "");
  return [...groupBy(own, (event) => event.installationId).values()].flatMap((group) => {
    const [first] = group as [LedgerEvent];
    const stretches = listeningStretches(group);
    if (stretches.length === 0) return [];
    const { worker, inboxId, installationId } = first;
    return [{ worker, inboxId, installationId, stretches, outages: outagesOf(group) }];
  });
}

/** True when `[from, to]` lies inside one of the stretches. */
export function coveredBy(stretches: readonly Stretch[], from: number, to: number): boolean {
  return stretches.some((one) => one.from <= from && to <= (one.to ?? Infinity));
}

/** True when `[from, to]` and the stretch share a moment. */
export function overlaps(stretch: Stretch, from: number, to: number): boolean {
  return stretch.from <= to && from <= (stretch.to ?? Infinity);
}

function listeningStretches(events: readonly LedgerEvent[]): Stretch[] {
  const done: Stretch[] = [];
  const open = new Map<string, number>();
  const close = (type: string, to: number): void => {
    const from = open.get(type);
    if (from !== undefined) done.push({ from, to });
    open.delete(type);
  };
  for (const event of events) {
    if (event.kind === "lifecycle" && (event.state === "terminated" || event.state === "reinstalled"))
      for (const type of [...open.keys()]) close(type, event.at);
    if (!isMessageStream(event)) continue;
    if (event.state === "live" && !open.has(event.streamType)) open.set(event.streamType, event.at);
    if (event.state === "ending" || event.state === "ended") close(event.streamType, event.at);
  }
  return [...done, ...[...open.values()].map((from) => ({ from }))];
}

function outagesOf(events: readonly LedgerEvent[]): Stretch[] {
  const done: Stretch[] = [];
  let alive = 0;
  let since: number | undefined;
  let offline: number | undefined;
  for (const event of events) {
    if (event.kind === "lifecycle" && event.state === "offline") offline = event.at;
    if (event.kind === "lifecycle" && event.state === "online") offline = undefined;
    if (isMessageStream(event) && brokenStates.has(event.state)) since ??= alive;
    if (isMessageStream(event) && event.state === "restart" && since !== undefined) {
      done.push({ from: since, to: event.at });
      since = undefined;
    }
    if (isSignOfLife(event)) alive = event.at;
    if (isMessageStream(event) && endStates.has(event.state)) since = undefined;
  }
  const open = since ?? offline;
  return open === undefined ? done : [...done, { from: open }];
}

/** Its connection is gone, and it is trying to come back. */
const brokenStates: ReadonlySet<string> = new Set(["lost", "retry"]);

/** After these nothing will come back: what is missing then is lost, not late. */
const endStates: ReadonlySet<string> = new Set(["failed", "ending", "ended"]);

function isSignOfLife(event: LedgerEvent): boolean {
  if (event.kind === "receive") return event.source === "stream";
  return isMessageStream(event) && (event.state === "live" || event.state === "restart");
}

function isMessageStream(event: LedgerEvent): event is StreamEvent {
  return event.kind === "stream" && messageTypes.has(event.streamType);
}
