import type { LedgerEvent } from "../ledger/events.js";
import { chances } from "./evidence/chance.js";
import { readHistory } from "../ledger/history.js";
import { listeners } from "./evidence/listening.js";
import { cutShortReason, stillComingReason } from "./no-loss.js";
import type { LossOptions } from "./no-loss.js";
import { deliveries, membershipsFor, obligations } from "./evidence/obligations.js";
import type { Obligation } from "./evidence/obligations.js";
import { verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/** What {@link gapAfterReconnect} judges. Every field is optional. */
export interface GapOptions extends LossOptions {
  /**
   * `filled` (default): what was sent while a stream was down must have come by the stream or from the database.
   * `stream`: by the stream alone, as an app sees it that never reads the database after a reconnect.
   */
  readonly by?: "filled" | "stream";
}

/**
 * Nothing that was sent while an installation's stream was down is missing after the stream came back.
 *
 * An outage lasts from the stream's last sign of life before it broke to its restart, or from the end that going
 * offline brought it to its return. Inconclusive when
 * no stream reconnected, when nothing was owed across a reconnection, and when all that is missing belongs to
 * streams that were ended, or last seen (`asOf`), less than `chanceMs` after their restart.
 */
export function gapAfterReconnect(events: readonly LedgerEvent[], options: GapOptions = {}): Verdict {
  const history = readHistory(events, options);
  const reached = deliveries(history);
  const owed = obligations(history, membershipsFor(events, options.memberships)).filter(acrossReconnection);
  const chanceOf = chances(history, options);
  const open: Obligation[] = [];
  const cutShort: Obligation[] = [];
  const offenders = owed.flatMap((one) => {
    const sources = reached.sources(one.receiver, one.send);
    if (sources.has("stream")) return [];
    if (sources.size === 0) {
      const chance = chanceOf(one);
      if (chance === "had") return [offender("lost-in-gap", one, "which never came")];
      (chance === "open" ? open : cutShort).push(one);
      return [];
    }
    return options.by === "stream"
      ? [offender("only-in-database", one, "which only its database had afterwards")]
      : [];
  });
  return verdictOf("gapAfterReconnect", {
    checked: owed.length,
    offenders,
    undecided: undecided(events, owed, open, cutShort),
  });
}

function acrossReconnection({ send, receiver }: Obligation): boolean {
  return receiver.mended.touching(send.at, send.endedAt) !== undefined;
}

function undecided(
  events: readonly LedgerEvent[],
  owed: readonly Obligation[],
  open: readonly Obligation[],
  cutShort: readonly Obligation[],
): string | undefined {
  const reconnected = listeners(events).some((one) => one.outages.some((outage) => outage.to !== undefined));
  if (!reconnected) return "no message stream reconnected";
  if (owed.length === 0) return "nothing was sent to a stream while it was down";
  const reasons = [
    ...(open.length === 0 ? [] : [stillComingReason(open)]),
    ...(cutShort.length === 0 ? [] : [cutShortReason(cutShort)]),
  ];
  return reasons.join("; ") || undefined;
}

function offender(kind: string, { send, receiver }: Obligation, outcome: string): Offender {
  const { worker, installationId } = receiver;
  const what = `"${send.payload.text}" (${send.messageId ?? "no id"}) from ${send.worker}`;
  return {
    kind,
    worker,
    installationId,
    detail: `while ${worker}'s stream was down it missed ${what}, ${outcome}`,
    ...(send.messageId === undefined ? {} : { messageId: send.messageId }),
    seqs: [send.seq],
  };
}
