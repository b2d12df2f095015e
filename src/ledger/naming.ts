import type { LedgerEvent } from "./events.js";

/** Message, conversation and inbox ids are 32 or 64 hex digits: their beginning tells them apart. */
export function withShortIds(text: string): string {
  return text.replace(/\b([0-9a-f]{8})[0-9a-f]{24}(?:[0-9a-f]{32})?\b/g, "$1…");
}

/** The names of all parties by their inbox ids, as far as the ledger knows them. */
export function namesByInbox(events: readonly LedgerEvent[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { inboxId, worker } of events)
    if (inboxId !== "" && worker !== "" && !names.has(inboxId)) names.set(inboxId, worker);
  return names;
}

/** `text` with the names of parties for their inbox ids, and short ids for the rest. */
export function readable(text: string, names: ReadonlyMap<string, string>): string {
  const named = text.replace(/\b[0-9a-f]{64}\b/g, (id) => names.get(id) ?? id);
  return withShortIds(named);
}
