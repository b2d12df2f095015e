import type { FaultEvent, LedgerEvent } from "./events.js";

/** A fault that has been put on and not lifted. */
export interface ActiveFault {
  readonly applied: FaultEvent;
  /** What its proof has found so far. */
  readonly proof?: FaultEvent;
}

/** The faults that are on at the end of `events`, oldest first; those that hit `party` where one is named. */
export function activeFaults(events: readonly LedgerEvent[], party?: string): ActiveFault[] {
  const active = new Map<string, ActiveFault>();
  for (const event of events) {
    if (event.kind !== "fault" || (party !== undefined && !event.targets.includes(party))) continue;
    const { faultId, state } = event;
    if (state === "lifted") active.delete(faultId);
    else if (state === "applied") active.set(faultId, { applied: event });
    else active.set(faultId, { applied: active.get(faultId)?.applied ?? event, proof: event });
  }
  return [...active.values()];
}
