/** The words of a failed expectation: head line, expected, received, timeout, active faults, call log. */
import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import type { LedgerEvent, ReceiveEvent } from "../ledger/events.js";
import { activeFaults } from "../ledger/faults.js";
import { namesByInbox, withShortIds } from "../ledger/naming.js";
import { redacted, shown as showable } from "../redaction.js";
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
  /** Whether the deadline decided; only then it is told. */
  readonly timedOut: boolean;
  /** The ledger, where the matcher has one: without it nothing is said about faults. */
  readonly events?: readonly LedgerEvent[];
  readonly log: readonly string[];
}

/** A matcher's answer. The assertion fails when `pass` equals `state.isNot`. */
export function answer(state: ExpectMatcherState, pass: boolean, failure: Failure): MatcherReturnType {
  const { matcher, expected, actual, timeoutMs, timedOut, log } = failure;
  return {
    pass,
    name: matcher,
    expected,
    actual,
    ...(timedOut && { timeout: timeoutMs }),
    log: [...log],
    message: () => text(state, failure),
  };
}

function text(state: ExpectMatcherState, failure: Failure): string {
  const { isNot, promise, utils } = state;
  const [first = "nothing", ...rest] = failure.received;
  return [
    `${utils.matcherHint(failure.matcher, failure.receiver, "expected", { isNot, promise })} failed`,
    "",
    // Playwright prints values with colors, which are control characters too.
    redacted(
      `Expected: ${isNot ? "not " : ""}${failure.expectedText ?? utils.printExpected(failure.expected)}`,
    ),
    redacted(`Received: ${first}`),
    ...[
      ...rest.map((line) => `  ${line}`),
      ...(failure.timedOut ? [`Timeout:  ${failure.timeoutMs} ms`] : []),
      ...(failure.events ? faultLines(failure.events) : []),
      "Call log:",
      ...failure.log.map((line) => `  - ${line}`),
    ].map((line) => showable(line)),
  ].join("\n");
}

function faultLines(events: readonly LedgerEvent[]): string[] {
  const faults = activeFaults(events);
  return [
    `Faults:   ${faults.length === 0 ? "none active" : `${faults.length} active`}`,
    ...faults.flatMap(({ applied, proof }) => [
      `  ${applied.fault} on ${applied.targets.join(", ")}: ${applied.detail}`,
      ...(proof ? [`    ${proof.state === "effective" ? "proved" : "not effective"}: ${proof.detail}`] : []),
    ]),
  ];
}

/** The last messages of a worker, with time since the ledger began, sender, text and how they came. */
export function lastMessages(messages: readonly ReceiveEvent[], events: readonly LedgerEvent[]): string[] {
  const start = events[0]?.at ?? 0;
  const names = namesByInbox(events);
  const hidden = messages.length - shown;
  return [
    ...(hidden > 0 ? [`… ${hidden} earlier`] : []),
    ...messages.slice(-shown).map((one) => {
      const sender = names.get(one.senderInboxId) ?? withShortIds(one.senderInboxId);
      const how = one.source === "stream" ? "" : `, from the database (${one.source})`;
      const id = withShortIds(one.messageId);
      return `+${((one.at - start) / 1_000).toFixed(3)} s  ${sender}: ${JSON.stringify(one.payload.text)} (${one.contentType}, ${id}${how})`;
    }),
  ];
}

/** For whoever waits in vain: a worker hears nothing without a stream. */
export function streamHint(name: string, events: readonly LedgerEvent[]): string[] {
  const live = events.some((one) => one.kind === "stream" && one.worker === name && one.state === "live");
  return live ? [] : [`no stream of ${name} was ever live: call ${name}.startStream(...) first`];
}

/** `"hello" from alice in conversation 0a1b2c3d…`. */
export function contentText(state: ExpectMatcherState, content: Content, where: Where): string {
  const what =
    typeof content === "function"
      ? `a message that fits ${content.name || "the predicate"}`
      : state.utils.printExpected(content);
  return what + whereText(where);
}

/** ` from alice in conversation 0a1b2c3d…`. */
export function whereText({ from, conversationId }: Where): string {
  const sender = from === undefined ? "" : ` from ${withShortIds(labelOf(from))}`;
  return conversationId === undefined ? sender : `${sender} in conversation ${withShortIds(conversationId)}`;
}
