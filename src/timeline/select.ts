import type { LedgerEvent } from "../ledger/events.js";

/** Events the picture can show. What is left out says nothing by itself: own bookkeeping, and states on the way. */
export function isDrawn(event: LedgerEvent): boolean {
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
    case "line":
      return false;
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
): { readonly kept: ReadonlySet<number>; readonly hidden: number } {
  const drawn = events.filter(isDrawn);
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
