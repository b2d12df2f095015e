import { XmtpTestError } from "../errors.js";
import type { ReceiveEvent } from "./events.js";

/** What a received message should be: its exact text, a pattern its text fits, or a test of the whole event. */
export type Content = string | RegExp | ((message: ReceiveEvent) => boolean);

/** How much of a text the ledger keeps beside its hash, in UTF-16 units. */
export const textKept = 200;

/** True when the message is what was asked for. @throws XmtpTestError `INVALID_OPTION` for a test without an answer */
export function contentFits(event: ReceiveEvent, content: Content): boolean {
  if (typeof content === "function") {
    const answer: unknown = content(event);
    if (typeof answer === "boolean") return answer;
    // Nobody else waits for it: its rejection must not become a second failure.
    if (answer instanceof Promise) answer.catch(() => undefined);
    throw new XmtpTestError(
      "INVALID_OPTION",
      `A test of a message's content returned ${answer instanceof Promise ? "a promise" : String(answer)}.`,
      "Return true or false; it cannot be async.",
    );
  }
  const whole = typeof event.content === "string" ? event.content : undefined;
  if (typeof content !== "string") return patternFits(content, whole ?? event.payload.text);
  return whole === undefined ? event.payload.text === content.slice(0, textKept) : whole === content;
}

/** As `pattern.test(text)`, without "g" and "y": these make a pattern remember where it stopped. */
export function patternFits(pattern: RegExp, text: string): boolean {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).test(text);
}
