import type { LedgerEvent, ReceiveEvent } from "../ledger/events.js";
import { readHistory } from "../ledger/history.js";
import type { Scope } from "../ledger/history.js";
import { clockSkewMs } from "./evidence/changes.js";
import { isAcknowledged } from "./evidence/obligations.js";
import { verdictOf } from "./verdict.js";
import type { Offender, Verdict } from "./verdict.js";

/** What {@link clockSkew} judges, and how exactly. Every field is optional. */
export interface SkewOptions extends Scope {
  /** How far a stamp may lie outside of what is possible, ms. Default 1,000: what NTP keeps machines within. */
  readonly withinMs?: number;
}

/**
 * The clocks behind the messages agree: each message that somebody in the ledger sent is stamped between the call and
 * its acknowledgement, and none is stamped later than it was received.
 *
 * Other oracles compare stamps where nothing better shows an order (who was a member when, what a database owes), and
 * are right within this bound. Inconclusive when nothing was received.
 */
export function clockSkew(events: readonly LedgerEvent[], options: SkewOptions = {}): Verdict {
  const { withinMs = clockSkewMs } = options;
  const history = readHistory(events, options);
  const offenders = history.receives.flatMap((one): Offender[] => {
    const send = history.sendOf(one);
    const stamp = Number(one.sentAtNs) / 1e6;
    const acknowledged = send && isAcknowledged(send) ? send.wall + (send.endedAt - send.at) : one.wall;
    const early = send ? send.wall - stamp : -Infinity;
    const late = stamp - Math.min(one.wall, acknowledged);
    const off = Math.max(early, late);
    return off > withinMs ? [offender(one, early > late ? -early : late)] : [];
  });
  return verdictOf("clockSkew", {
    checked: history.receives.length,
    offenders,
    undecided: history.receives.length === 0 ? "nothing was received" : undefined,
  });
}

function offender({ worker, installationId, messageId, payload, seq }: ReceiveEvent, off: number): Offender {
  const way = off > 0 ? "later" : "earlier";
  const detail = `"${payload.text}" (${messageId}) at ${worker} is stamped ${Math.round(Math.abs(off))} ms ${way} than it can have been sent`;
  return { kind: "skew", worker, installationId, detail, messageId, seqs: [seq] };
}
