import type { History } from "./history.js";
import { coveredBy, overlaps } from "./listening.js";
import type { Obligation } from "./obligations.js";

/**
 * How long a stream must have listened on, in ms, before what it was not given counts as lost. Far above a delivery
 * on a healthy link; with added latency ask for more.
 */
export const defaultChanceMs = 1_000;

/**
 * Whether an installation could have been given what it is owed before its listening ended: it listened on for
 * `chanceMs` after the acknowledgement (after the restart, where an outage lay in between), or its stream
 * gave it a later message of the same conversation instead.
 *
 * Nothing that arrives once a stream's end has begun is recorded, so a message that was still under way then is no loss.
 */
export function hadItsChance(history: History, owed: Obligation, chanceMs = defaultChanceMs): boolean {
  const { send, receiver } = owed;
  const restarts = receiver.outages.flatMap((one) =>
    one.to !== undefined && overlaps(one, send.at, send.endedAt) ? [one.to] : [],
  );
  const ends = receiver.stretches
    .filter((one) => coveredBy([one], send.at, send.endedAt))
    .map((one) => one.to ?? Infinity);
  if (Math.max(...ends) - Math.max(send.endedAt, ...restarts) >= chanceMs) return true;
  return restarts.length === 0 && wasOvertaken(history, owed);
}

/** True when the stream delivered a message that was sent only after this one had been acknowledged. */
function wasOvertaken(history: History, { send, receiver }: Obligation): boolean {
  return history.receives.some((one) => {
    if (one.installationId !== receiver.installationId || one.source !== "stream") return false;
    const other = history.sendOf(one);
    return other?.conversationId === send.conversationId && other.at >= send.endedAt;
  });
}
