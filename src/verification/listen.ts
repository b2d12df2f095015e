import type { Installation, Verification } from "../oracles/index.js";
import type { LedgerEvent, typeofStream } from "../ledger/events.js";
import { after, timeoutOf } from "../async/timeout.js";
import type { TimeoutOption } from "../async/timeout.js";
import { toldUnlessRead } from "./asserted.js";
import { checkOptionObject } from "../workers/registry/worker-defaults.js";
import type { Worker } from "../workers/worker.js";

/** How long receivers may take. Default 10,000 ms. */
export type VerifyOptions = TimeoutOption;

const known = new Set(["timeout", "timeoutMs", "count", "template", "questions", "text"]);

/**
 * Options of a verification, checked: what means nothing is refused, not ignored.
 *
 * @throws XmtpTestError `INVALID_OPTION`
 */
export function checkedOptions<O extends VerifyOptions>(options: O): O {
  checkOptionObject("of the verification", options, known);
  return options;
}

/** A worker as the oracles name it. */
export function installationOf({ name, installationId, inboxId }: Worker): Installation {
  return { worker: name, installationId, inboxId };
}

/**
 * Runs a verification: the receivers listen (a stream that is still starting is waited for; those active already stay
 * as they are, the others are ended again), `act` does what they should see, and `judge` is asked after each event until it passes or the
 * deadline is over. What came after that is judged too, so that a late duplicate is not missed.
 *
 * @param judge judges the events since the start; pure
 */
export async function whileListening(
  receivers: readonly Worker[],
  type: typeofStream,
  act: () => Promise<(events: readonly LedgerEvent[]) => Verification>,
  options: VerifyOptions,
): Promise<Verification> {
  const timeoutMs = timeoutOf(checkedOptions(options), 10_000);
  const [first] = receivers;
  if (!first) return (await act())([]);
  const fresh = receivers.filter(
    ({ worker }) => !worker.activeStreamTypes.has(type) && !worker.startingStreamTypes.has(type),
  );
  // All of them: a start that was left unawaited may be under way, and to start again is to wait for it.
  await Promise.all(receivers.map(({ worker }) => worker.startStream(type)));
  try {
    const { ledger } = first.events;
    const from = ledger.events.length;
    const judge = await act();
    const look = (): Verification => judge(ledger.events.slice(from));
    await untilPass(ledger, look, timeoutMs);
    if (look().verdict.status === "pass")
      await Promise.all(receivers.map(({ worker }) => worker.untilDrained(timeoutMs)));
    return toldUnlessRead(look(), ledger);
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
      disarm();
      unsubscribe();
      resolve();
    };
    const unsubscribe = ledger.subscribe(() => {
      if (look().verdict.status === "pass") stop();
    });
    const disarm = after(timeoutMs, stop);
  });
}
