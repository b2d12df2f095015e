import { XmtpTestError } from "playwright-xmtp";
import type { Worker } from "playwright-xmtp";

/**
 * When each receiver had it, in ms since `start`: stamped as the event came, whoever else is still waiting.
 * `undefined` where the collector gave up; every other error is thrown.
 */
export async function delaysSince(
  start: number,
  receivers: readonly Worker[],
  collect: (receiver: Worker) => Promise<readonly { readonly at: number }[]>,
): Promise<(number | undefined)[]> {
  return await Promise.all(
    receivers.map(async (receiver) => {
      try {
        const events = await collect(receiver);
        return Math.max(...events.map(({ at }) => at)) - start;
      } catch (error) {
        if (error instanceof XmtpTestError && error.code === "COLLECT_TIMEOUT") return undefined;
        throw error;
      }
    }),
  );
}

/** The last position in the test's ledger, for `afterSeq`. */
export function ledgerEnd(worker: Worker): number {
  return worker.events.ledger.events.at(-1)?.seq ?? 0;
}
