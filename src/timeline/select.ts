import type { LedgerEvent } from "../ledger/events.js";
import { readHistory } from "../ledger/history.js";
import { LineLinks } from "./line-links.js";

/** Tells the events that the picture of these can show. */
export function drawnOf(events: readonly LedgerEvent[]): (event: LedgerEvent) => boolean {
  const links = new LineLinks(readHistory(events));
  return (event) => (event.kind === "line" ? links.shows(event) : isDrawn(event));
}

/** What is left out says nothing by itself: own bookkeeping, and states on the way. */
function isDrawn(event: Exclude<LedgerEvent, { readonly kind: "line" }>): boolean {
  switch (event.kind) {
    case "send":
    case "conversation":
      return true;
    case "receive":
      return event.source !== "query";
    case "consent":
      return true;
    case "stream":
      return event.state !== "starting" && event.state !== "ending";
    case "sync":
      return event.state === "failed";
    case "fault":
      return event.state !== "effective";
    case "lifecycle":
      return event.state !== "created";
  }
}

/**
 * The `seq` of the events to draw, at most `limit`: those that show a violation first (and everything on the same
 * message), then the latest, because a test fails at its end.
 */
export function selectEvents(
  events: readonly LedgerEvent[],
  violating: ReadonlySet<number>,
  limit: number,
  isShown: (event: LedgerEvent) => boolean,
): { readonly kept: ReadonlySet<number>; readonly hidden: number } {
  const drawn = events.filter(isShown);
  const messages = new Set(
    drawn.filter((one) => violating.has(one.seq)).flatMap((one) => messageOf(one) ?? []),
  );
  const concerned = drawn.filter((one) => violating.has(one.seq) || messages.has(messageOf(one) ?? ""));
  const first = new Set(concerned);
  const byWorth = [...concerned, ...drawn.filter((one) => !first.has(one)).reverse()];
  const kept = new Set(byWorth.slice(0, limit).map((one) => one.seq));
  return { kept, hidden: drawn.length - kept.size };
}

function messageOf(event: LedgerEvent): string | undefined {
  return event.kind === "send" || event.kind === "receive" ? event.messageId : undefined;
}
