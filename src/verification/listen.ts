import { clearTimeout, setTimeout } from "node:timers";
import type { Installation, Verification } from "../oracles/index.js";
import type { LedgerEvent, typeofStream } from "../ledger/events.js";
import type { Worker } from "../workers/worker.js";

export interface VerifyOptions {
  /** How long receivers may take, ms. Default 10,000. */
  readonly timeoutMs?: number;
}

/** A worker as the oracles name it. */
export function installationOf({ name, installationId, inboxId }: Worker): Installation {
  return { worker: name, installationId, inboxId };
}

/**
 * Runs a verification: the receivers listen (streams already active stay as they are, the others are ended
 * again), `act` does what they should see, and `judge` is asked after each event until it passes or the
 * deadline is over. What came after that is judged too, so that a late duplicate is not missed.
 *
 * @param judge judges the events since the start; pure
 */
export async function whileListening(
  receivers: readonly Worker[],
  type: typeofStream,
  act: () => Promise<(events: readonly LedgerEvent[]) => Verification>,
  { timeoutMs = 10_000 }: VerifyOptions,
): Promise<Verification> {
  const [first] = receivers;
  if (!first) return (await act())([]);
  const fresh = receivers.filter(({ worker }) => !worker.activeStreamTypes.has(type));
  await Promise.all(fresh.map(({ worker }) => worker.startStream(type)));
  try {
    const { events: ledger } = first.worker;
    const from = ledger.events.length;
    const judge = await act();
    const look = (): Verification => judge(ledger.events.slice(from));
    await untilPass(ledger, look, timeoutMs);
    if (look().verdict.status === "pass")
      await Promise.all(receivers.map(({ worker }) => worker.untilDrained(timeoutMs)));
    return look();
  } finally {
    await Promise.all(fresh.map(({ worker }) => worker.endStream(type)));
  }
}

/** Resolves when the verdict is a pass, or at the deadline; the caller looks again. */
async function untilPass(
  ledger: { subscribe(listener: () => void): () => void },
  look: () => Verification,
  timeoutMs: number,
): Promise<void> {
  if (look().verdict.status === "pass") return;
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const unsubscribe = ledger.subscribe(() => {
      if (look().verdict.status === "pass") stop();
    });
    const timer = setTimeout(stop, timeoutMs);
  });
}
