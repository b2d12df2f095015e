import { performance } from "node:perf_hooks";
import { errorText } from "../errors.js";
import type { LedgerOwner } from "./receivers.js";
import { watch, within } from "./watch.js";

/** How long to listen on after everything known has come, when the worker can say that it has; ms. */
const listenMs = 250;
/** The same for a worker that cannot say it (no `untilDrained`); ms. */
const listenBlindMs = 1_000;

/**
 * What settling may take at least, ms: a short timeout says how long to wait for a message, and is not a reason to call
 * what has not been waited for absent, or to fail.
 */
const leastMs = 2_000;

/** Whether absence can be judged now, and how that was found out. */
export interface Settled {
  readonly settled: boolean;
  readonly how: string;
}

/**
 * Waits until what has not come can be said not to come: the sends in flight have settled, the node's stored
 * messages have passed the worker's streams, and `listenFor` ms more went by without the expectation changing.
 *
 * Ends early when `changed()`. Not settled by `timeout` (at least 2,000 ms): nothing can be said about absence.
 */
export async function settle(
  owner: LedgerOwner,
  changed: () => boolean,
  timeout: number,
  listenFor: number | undefined,
): Promise<Settled> {
  const timeoutMs = Math.max(timeout, leastMs);
  const until = performance.now() + timeoutMs;
  const ledger = owner.worker.events;
  const inFlight = ledger.events.filter((event) => event.kind === "send" && event.outcome === "pending");
  const open = (): number =>
    inFlight.filter((event) => event.kind === "send" && event.outcome === "pending").length;
  const sends = await watch(ledger, timeoutMs, open, (count) => count === 0 || changed());
  if (sends.timedOut) return { settled: false, how: `${sends.look} of the sends in flight never settled` };
  const drained = await drain(owner, Math.max(1, until - performance.now()));
  if (drained !== undefined && !changed()) return { settled: false, how: drained };
  const window = listenFor ?? (owner.worker.untilDrained ? listenMs : listenBlindMs);
  await watch(ledger, window, changed, (yes) => yes);
  return { settled: true, how: `all sends settled, streams drained, listened ${window} ms longer` };
}

/** Undefined when drained, else why that is not known. */
async function drain(owner: LedgerOwner, timeoutMs: number): Promise<string | undefined> {
  if (!owner.worker.untilDrained) return undefined;
  const draining = owner.worker.untilDrained(timeoutMs).then(
    () => undefined,
    (error: unknown) => `${owner.name}'s streams could not be drained: ${errorText(error)}`,
  );
  return await within(
    draining,
    timeoutMs,
    () => `${owner.name}'s streams were not drained in ${Math.round(timeoutMs)} ms`,
  );
}
