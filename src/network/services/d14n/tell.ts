import type { NodeStore } from "../../store/node-store.js";
import { ORIGINATORS, messageKind } from "./originators.js";
import type { Entry } from "./reader.js";

/** Tells whoever listens to the client's port which messages it was given. */
export function tellEntries(
  { traffic }: NodeStore,
  peer: string,
  entries: readonly Entry[],
  via: "stream" | "query",
): void {
  if (traffic?.hears(peer) !== true) return;
  for (const entry of entries) {
    const about = messageKind(entry.originator);
    if (about === undefined) continue;
    const { key, sequence: id, ns: createdNs, originator } = entry;
    const commit = originator === ORIGINATORS.commit;
    traffic.saw(peer, { what: "delivered", about, via, key, id, createdNs, commit });
  }
}
