import type { History } from "../../ledger/history.js";
import type { Obligation } from "./obligations.js";

/**
 * How long a stream must have listened on, in ms, before what it was not given counts as lost. Far above a delivery
 * on a healthy link; with added latency ask for more.
 */
const defaultChanceMs = 1_000;

/** Why what is missing is not called lost yet: it may still come, or it could no longer come. */
export type Chance = "had" | "open" | "cut-short";

export interface ChanceOptions {
  readonly chanceMs?: number | undefined;
  readonly asOf?: number | undefined;
}

/**
 * Judges whether an installation could have been given what it is owed: it listened on for `chanceMs` after the
 * acknowledgement (after the restart, where an outage lay in between), or its stream gave it a later message of the
 * same conversation instead.
 *
 * A stream that still listens has had its time when `asOf` (default: the ledger's last event) is that late. Nothing
 * that arrives once a stream's end has begun is recorded, so a message that was still under way then is not a loss.
 */
export function chances(history: History, options: ChanceOptions): (owed: Obligation) => Chance {
  const { chanceMs = defaultChanceMs } = options;
  const end = Math.max(options.asOf ?? -Infinity, history.endsAt);
  const overtaking = latestSends(history);
  return ({ send, receiver }) => {
    const restart = receiver.mended.touching(send.at, send.endedAt);
    const since = Math.max(send.endedAt, restart ?? -Infinity);
    const stretch = receiver.listened.covering(send.at, send.endedAt) ?? -Infinity;
    if (Math.min(stretch, end) - since >= chanceMs) return "had";
    const later = overtaking.get(`${receiver.installationId} ${send.conversationId}`) ?? -Infinity;
    if (restart === undefined && later >= send.endedAt) return "had";
    return stretch === Infinity ? "open" : "cut-short";
  };
}

/** When the latest send began that each installation's stream delivered, by installation and conversation. */
function latestSends(history: History): ReadonlyMap<string, number> {
  const latest = new Map<string, number>();
  for (const receive of history.receives) {
    const send = receive.source === "stream" ? history.sendOf(receive) : undefined;
    if (!send) continue;
    const key = `${receive.installationId} ${send.conversationId}`;
    latest.set(key, Math.max(send.at, latest.get(key) ?? -Infinity));
  }
  return latest;
}
