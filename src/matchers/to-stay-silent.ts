import { performance } from "node:perf_hooks";
import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { XmtpTestError } from "../errors.js";
import type { LedgerEvent } from "../ledger/events.js";
import { isSaid, receivedBy } from "./content.js";
import type { Received, Where } from "./content.js";
import { answer, lastMessages, streamHint, whereText } from "./failure-text.js";
import { checkReceiver } from "./receivers.js";
import type { LedgerOwner } from "./receivers.js";
import { settle } from "./settle.js";
import { watch } from "./watch.js";

export interface SilenceOptions extends Where {
  /** How long nothing may arrive, in ms; more than 0. */
  readonly forMs: number;
  /**
   * Why that is long enough: what is known about the slowest answer, for example "the bot answers within 400 ms". The
   * failure text shows it, so that its reader can judge the wait.
   */
  readonly because: string;
  /** Content types that break the silence, for example `["text"]`. Default: any but the group's own records. */
  readonly contentTypes?: readonly string[];
}

/**
 * The worker receives nothing for `forMs`, from anybody or from `from`. Messages since the worker's own last message
 * (in that conversation) count too, so that a quick answer is not missed; if it sent none, only what arrives from now
 * on counts.
 *
 * It fails at the first message, and when silence cannot be established: without a live message stream, or with one
 * that is not drained. With `.not`, a message must arrive within `forMs`.
 */
export async function toStaySilent(
  this: ExpectMatcherState,
  owner: LedgerOwner,
  options: SilenceOptions,
): Promise<MatcherReturnType> {
  checkReceiver("toStaySilent", owner, "a worker");
  const { forMs, because } = checkOptions(options);
  const ledger = owner.worker.events;
  const since = lastOwnWord(owner, ledger.events, options.conversationId);
  const heard = (): Received[] =>
    receivedBy(owner, options).filter(
      (one) =>
        one.event.seq > since &&
        isSaid(one) &&
        (options.contentTypes?.includes(one.event.contentType) ?? true),
    );
  const begun = performance.now();
  const { look } = await watch(ledger, forMs, heard, (all) => all.length > 0);
  const log = [
    look.length > 0 ? `heard after ${Math.round(performance.now() - begun)} ms` : `listened ${forMs} ms`,
  ];
  let silent = look.length === 0;
  const deaf = streamHint(owner.name, ledger.events);
  if (silent && deaf.length === 0) {
    const { settled, how } = await settle(owner, () => heard().length > 0, forMs, 1);
    log.push(settled ? how : `cannot judge what did not come: ${how}`);
    silent = settled && heard().length === 0;
    if (!settled && this.isNot) silent = true;
  } else if (silent) silent = this.isNot;
  const messages = heard().map((one) => one.event);
  return answer(this, silent, {
    matcher: "toStaySilent",
    receiver: owner.name,
    expected: `silence for ${forMs} ms`,
    expectedText: `silence${whereText(options)} for ${forMs} ms, because ${because}`,
    actual: messages.map((one) => one.payload.text),
    received: [
      messages.length === 0 ? "nothing" : `${messages.length} message${messages.length === 1 ? "" : "s"}`,
      ...lastMessages(messages, ledger.events),
      ...deaf,
    ],
    timeoutMs: forMs,
    timedOut: false,
    events: ledger.events,
    log,
  });
}

function checkOptions(options: SilenceOptions | undefined): SilenceOptions {
  const { forMs, because } = options ?? { forMs: Number.NaN, because: "" };
  if (Number.isFinite(forMs) && forMs > 0 && typeof because === "string" && because.trim() !== "")
    return { ...options, forMs, because };
  throw new XmtpTestError(
    "INVALID_ARGUMENT",
    `toStaySilent was given forMs ${String(forMs)} and because ${JSON.stringify(because)}.`,
    'Say how long, and why that is long enough: { forMs: 2_000, because: "the slowest answer took 400 ms" }.',
  );
}

/** The place in the ledger of the worker's own last message there; the end of the ledger where it said nothing. */
function lastOwnWord(
  owner: LedgerOwner,
  events: readonly LedgerEvent[],
  conversationId: string | undefined,
): number {
  const own = events.findLast(
    (one) =>
      one.kind === "send" &&
      one.worker === owner.name &&
      (conversationId === undefined || one.conversationId === conversationId),
  );
  return own?.seq ?? events.length;
}
