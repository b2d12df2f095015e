import type { LedgerEvent } from "../ledger/events.js";
import { shown } from "../redaction.js";

/** Bump when a reader of version 1 would misread it. */
export const timelineVersion = 1;

/** What the test says about itself; every value lands in the report, so no secrets. */
export type TimelineMeta = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

export interface TimelineOptions {
  /** At most this many events, the latest ones; the rest is counted in `omitted`. Default 5,000. */
  readonly maxEvents?: number;
}

/**
 * The timeline as JSON text: `{ version, meta, workers, omitted, events }`, events oldest first, `at` in ms since
 * the first event of the ledger (three decimals), `wall` in Unix ms.
 *
 * Only the fields of the event vocabulary are written, so decoded content and whatever an SDK object carries stay
 * out. Secrets are blanked in every text, control and direction characters are shown (redaction.ts).
 */
export function timelineJson(
  events: readonly LedgerEvent[],
  meta: TimelineMeta,
  options: TimelineOptions = {},
): string {
  const start = events[0]?.at ?? 0;
  const kept = events.slice(-(options.maxEvents ?? 5_000));
  const workers = new Map<string, { name: string; inboxId: string; installationIds: Set<string> }>();
  for (const { worker, inboxId, installationId } of events) {
    if (worker === "") continue;
    const known = workers.get(worker) ?? { name: worker, inboxId, installationIds: new Set<string>() };
    workers.set(worker, known);
    // An app has none before it has registered.
    if (known.inboxId === "") known.inboxId = inboxId;
    if (installationId !== "") known.installationIds.add(installationId);
  }
  const timeline = {
    version: timelineVersion,
    meta,
    workers: [...workers.values()].map((one) => ({ ...one, installationIds: [...one.installationIds] })),
    omitted: events.length - kept.length,
    events: kept.map((event) => written(event, start)),
  };
  return `${JSON.stringify(timeline, blank, 1)}\n`;
}

const common = ["kind", "seq", "at", "wall", "worker", "inboxId", "installationId"];

/** Which fields of each kind are written, besides the common ones. */
const fields: Readonly<Record<LedgerEvent["kind"], readonly string[]>> = {
  send: ["conversationId", "contentType", "payload", "automatic", "outcome", "messageId", "endedAt", "error"],
  receive: [
    ...["source", "streamId", "streamSeq", "conversationId", "messageId", "senderInboxId"],
    ...["contentType", "payload", "sentAtNs", "update"],
  ],
  conversation: ["source", "streamId", "streamSeq", "conversationId", "conversationType", "addedByInboxId"],
  consent: ["source", "streamId", "streamSeq", "entityType", "entity", "state"],
  stream: ["streamType", "streamId", "state", "count", "error"],
  sync: ["syncType", "state", "durationMs", "error"],
  fault: ["faultId", "fault", "state", "targets", "detail"],
  line: [
    ...["what", "about", "via", "conversationId", "recipientInstallationId"],
    ...["sequenceId", "createdNs", "commit"],
  ],
  lifecycle: ["state", "detail"],
};

function written(event: LedgerEvent, start: number): Record<string, unknown> {
  const values = new Map<string, unknown>(Object.entries(event));
  const out: Record<string, unknown> = {};
  for (const name of [...common, ...fields[event.kind]]) {
    const value = values.get(name);
    if (value === undefined) continue;
    out[name] =
      (name === "at" || name === "endedAt") && typeof value === "number" ? millis(value - start) : value;
  }
  return out;
}

function millis(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function blank(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "string") return value;
  return shown(value);
}
