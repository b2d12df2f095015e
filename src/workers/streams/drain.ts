import { collect } from "../collecting/collect.js";
import type { LedgerEvent, ReceiveEvent } from "../../ledger/events.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import type { SdkClient } from "../sdk/types.js";
import { isSince } from "./kinds.js";

/**
 * Resolves once everything the node had stored for a worker when called has passed its message stream: it
 * syncs, then waits until each application message sent since `sinceMs` (local time, Unix ms; when the stream
 * went live) is in the ledger.
 *
 * It goes by when a message was sent: what was sent before is not streamed, yet a later sync may store it.
 *
 * @throws XmtpTestError `COLLECT_TIMEOUT` at the deadline, when the stream has lost some
 */
export async function drain(
  ledger: WorkerLedger,
  sdk: SdkClient,
  sinceMs: number,
  timeoutMs: number,
): Promise<void> {
  await sdk.syncAll();
  const conversations = await sdk.listConversations();
  const stored = await Promise.all(conversations.map(({ id }) => sdk.listMessages(id, sinceMs)));
  const owed = stored
    .flat()
    .filter(({ kind, sentAtNs }) => kind === "application" && isSince(sentAtNs, sinceMs));
  const received = new Set(ledger.events.map((event) => (event.kind === "receive" ? event.messageId : "")));
  const missing = new Set(owed.filter(({ id }) => !received.has(id)).map(({ id }) => id));
  if (missing.size === 0) return;
  const isMissing = (event: LedgerEvent): event is ReceiveEvent =>
    event.kind === "receive" && missing.has(event.messageId);
  await collect(ledger, "stored messages on its stream", missing.size, isMissing, { timeout: timeoutMs });
}
