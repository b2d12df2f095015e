import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { timeoutOf } from "../async/timeout.js";
import type { Where } from "./content.js";
import { answer, lastMessages, streamHint } from "./failure-text.js";
import { receivedBy } from "./content.js";
import { checkReceiver } from "./receivers.js";
import type { LedgerOwner } from "./receivers.js";
import { settle } from "./settle.js";
import type { Look } from "./watch.js";
import { watch } from "./watch.js";

export interface ReceiveOptions extends Where {
  /** How long to wait, ms; 0 and `Infinity`: no limit. Default: the timeout of `expect` (5,000 ms unless configured). */
  readonly timeout?: number;
  /**
   * How long to keep listening for late copies, ms, once the sends have settled and the worker's streams are drained.
   * Used when absence is judged (exactly once, `.not`). Default 250 ms, or 1,000 ms for a worker that cannot report
   * that its streams are drained. Draining itself may take up to another `timeout`, or 2,000 ms.
   */
  readonly settle?: number;
}

/** What a ledger matcher decides by; `received` is what the first line after "Received:" says. */
export interface LedgerLook extends Look {
  readonly received: string;
}

export interface LedgerExpectation {
  readonly matcher: string;
  readonly expected: unknown;
  readonly expectedText: string;
  look(): LedgerLook;
}

/**
 * Waits for an expectation on what a worker received, or for its opposite with `.not`.
 *
 * A final look decides at once. One that holds only so far (or, with `.not`, does not hold so far) decides after
 * settling, so that a late copy is still seen; if the ledger cannot settle, neither way round passes.
 */
export async function expectOfLedger(
  state: ExpectMatcherState,
  owner: LedgerOwner,
  expectation: LedgerExpectation,
  options: ReceiveOptions,
): Promise<MatcherReturnType> {
  checkReceiver(expectation.matcher, owner, "a worker");
  const timeoutMs = timeoutOf(options, state.timeout);
  const wanted = !state.isNot;
  const ledger = owner.worker.events;
  const before = receivedBy(owner, options).length;
  const log = [`${before} received before this check`];
  const look = (): LedgerLook => expectation.look();
  const { look: found, timedOut } = await watch(
    ledger,
    timeoutMs,
    look,
    (one) => one.final || one.holds === wanted,
  );
  log.push(timedOut ? `waited ${timeoutMs} ms` : `decided by message ${receivedBy(owner, options).length}`);
  let last = found;
  let holds = found.holds;
  if (!found.final && found.holds === wanted) {
    const changed = (): boolean => look().holds !== wanted;
    const { settled, how } = await settle(owner, changed, timeoutMs, options.settle);
    log.push(settled ? how : `cannot judge what did not come: ${how}`);
    last = look();
    holds = settled ? last.holds : !wanted;
  }
  const messages = receivedBy(owner, options).map((one) => one.event);
  const { matcher, expected, expectedText } = expectation;
  return answer(state, holds, {
    matcher,
    receiver: owner.name,
    expected,
    expectedText,
    actual: messages.map((one) => one.payload.text),
    received: [
      last.received,
      ...lastMessages(messages, ledger.events),
      ...(messages.length === 0 ? streamHint(owner.name, ledger.events) : []),
    ],
    timeoutMs,
    timedOut,
    events: ledger.events,
    log,
  });
}
