import type { mls } from "../proto/index.js";
import type { Envelope } from "../store/envelope-table.js";
import { hexKey } from "../store/envelope-table.js";
import type { NodeStore } from "../store/node-store.js";
import type { Traffic } from "../store/traffic.js";

type Way = Pick<Traffic, "what" | "via">;

/** A group message or a welcome as the node keeps it. */
export type Stored = Envelope<mls.GroupMessage | mls.WelcomeMessage>;

/** A stored row as traffic; undefined for what is neither a group message nor a welcome. */
function trafficOf({ message }: Stored, way: Way): Traffic | undefined {
  const { value } = message.version;
  if (value === undefined) return undefined;
  const { id, createdNs } = value;
  if ("groupId" in value)
    return { ...way, about: "group", key: hexKey(value.groupId), id, createdNs, commit: value.isCommit };
  return { ...way, about: "welcome", key: hexKey(value.installationKey), id, createdNs, commit: false };
}

/** Counts a delivery on a stream, and tells whoever listens to the client's port. */
export function deliveredTo(store: NodeStore, peer: string, row: Stored, via: "stream" | "query"): void {
  if (via === "stream") store.deliveries++;
  tell(store, peer, row, { what: "delivered", via });
}

/** Tells whoever listens what a client had stored. */
export function publishedBy(store: NodeStore, peer: string, row: Stored): void {
  tell(store, peer, row, { what: "published", via: "query" });
}

function tell({ traffic }: NodeStore, peer: string, row: Stored, way: Way): void {
  if (traffic?.hears(peer) !== true) return;
  const seen = trafficOf(row, way);
  if (seen) traffic.saw(peer, seen);
}
