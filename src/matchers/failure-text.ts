/** The words of a failed expectation: hint, expected, received, timeout, active faults, call log. */
import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import type { FaultEvent, LedgerEvent, ReceiveEvent } from "../ledger/events.js";
import type { Content, Where } from "./content.js";
import { labelOf } from "./content.js";

/** How many of the last messages are shown. */
const shown = 10;

export interface Failure {
  readonly matcher: string;
  /** The worker, list or group the matcher was called on. */
  readonly receiver: string;
  readonly expected: unknown;
  /** The line after "Expected:"; default: `expected` printed. */
  readonly expectedText?: string;
  readonly actual: unknown;
  /** The lines after "Received:". */
  readonly received: readonly string[];
  readonly timeoutMs: number;
  readonly events: readonly LedgerEvent[];
  readonly log: readonly string[];
}

/** A matcher's answer. The assertion fails when `pass` equals `state.isNot`. */
export function answer(state: ExpectMatcherState, pass: boolean, failure: Failure): MatcherReturnType {
  const { matcher, expected, actual, timeoutMs, log } = failure;
  return {
    pass,
    name: matcher,
    expected,
    actual,
    timeout: timeoutMs,
    log: [...log],
    message: () => text(state, failure),
  };
}

function text(state: ExpectMatcherState, failure: Failure): string {
  const { isNot, promise, utils } = state;
  const [first = "nothing", ...rest] = failure.received;
  const faults = activeFaults(failure.events).map(
    (one) => `  ${one.fault} on ${one.targets.join(", ")}: ${one.detail}`,
  );
  return [
    utils.matcherHint(failure.matcher, failure.receiver, "expected", { isNot, promise }),
    "",
    `Expected: ${isNot ? "not " : ""}${failure.expectedText ?? utils.printExpected(failure.expected)}`,
    `Received: ${first}`,
    ...rest.map((line) => `  ${line}`),
    `Timeout:  ${failure.timeoutMs} ms`,
    `Faults:   ${faults.length === 0 ? "none active" : `${faults.length} active`}`,
    ...faults,
    "Call log:",
    ...failure.log.map((line) => `  - ${line}`),
  ].join("\n");
}

/** Faults that have been put on and not lifted. */
export function activeFaults(events: readonly LedgerEvent[]): FaultEvent[] {
  const active = new Map<string, FaultEvent>();
  for (const event of events) {
    if (event.kind !== "fault") continue;
    if (event.state === "lifted" || event.state === "not_effective") active.delete(event.faultId);
    else active.set(event.faultId, event);
  }
  return [...active.values()];
}

/** The last messages of a worker, with time since the ledger began, sender, text and how they came. */
export function lastMessages(messages: readonly ReceiveEvent[], events: readonly LedgerEvent[]): string[] {
  const start = events[0]?.at ?? 0;
  const names = new Map(
    events.flatMap((one) => (one.inboxId === "" ? [] : [[one.inboxId, one.worker] as const])),
  );
  const hidden = messages.length - shown;
  return [
    ...(hidden > 0 ? [`… ${hidden} earlier`] : []),
    ...messages.slice(-shown).map((one) => {
      const sender = names.get(one.senderInboxId) ?? one.senderInboxId;
      const how = one.source === "stream" ? "" : `, from the database (${one.source})`;
      return `+${((one.at - start) / 1_000).toFixed(3)} s  ${sender}: ${JSON.stringify(one.payload.text)} (${one.contentType}, ${one.messageId}${how})`;
    }),
  ];
}

/** `"hello" from alice in conversation c1`. */
export function contentText(state: ExpectMatcherState, content: Content, where: Where): string {
  const what =
    typeof content === "function"
      ? `a message that fits ${content.name || "the predicate"}`
      : state.utils.printExpected(content);
  const from = where.from === undefined ? "" : ` from ${labelOf(where.from)}`;
  return `${what}${from}${where.conversationId === undefined ? "" : ` in conversation ${where.conversationId}`}`;
}
