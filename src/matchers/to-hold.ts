import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { XmtpTestError } from "../errors.js";
import { withShortIds } from "../ledger/naming.js";
import { verdictLines } from "../oracles/index.js";
import type { Verdict } from "../oracles/index.js";
import { shown } from "../redaction.js";

/** What `toHold` accepts: the verdict of an oracle, or the result of a verification. */
export type Judgement = Verdict | { readonly verdict: Verdict };

/**
 * The verdict of an oracle or verification is a pass. With an inconclusive one neither the matcher nor its `.not`
 * passes: `.not` needs a violation.
 */
export function toHold(this: ExpectMatcherState, judgement: Judgement): MatcherReturnType {
  const verdict = verdictIn(judgement);
  const wanted = this.isNot ? "fail" : "pass";
  const holds = verdict.status === wanted;
  return {
    pass: holds ? !this.isNot : this.isNot,
    name: "toHold",
    expected: wanted,
    actual: verdict.status,
    message: () =>
      [
        `${this.utils.matcherHint("toHold", verdict.oracle, "", { isNot: this.isNot })} failed`,
        "",
        `Expected: ${this.isNot ? "a violation" : "no violation"}`,
        `Received: ${verdictText(verdict)}`,
      ].join("\n"),
  };
}

/** A verdict in lines, with all its offenders, for a failure text. */
export function verdictText(verdict: Verdict): string {
  return verdictLines(verdict)
    .map((line) => shown(withShortIds(line)))
    .join("\n  ");
}

function verdictIn(judgement: Judgement): Verdict {
  const value: unknown = judgement;
  const inner: unknown = (value as { verdict?: unknown } | null | undefined)?.verdict ?? value;
  if (typeof (inner as { status?: unknown } | null | undefined)?.status === "string") return inner as Verdict;
  throw new XmtpTestError(
    "INVALID_ARGUMENT",
    `expect(${value instanceof Promise ? "a promise" : typeof value}).toHold() was called.`,
    "toHold is for a verdict: expect(noLoss(ledger.events)).toHold(), or expect(await verify...(...)).toHold().",
  );
}
