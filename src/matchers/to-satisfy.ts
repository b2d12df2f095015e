import { performance } from "node:perf_hooks";
import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { timeoutOf } from "../async/timeout.js";
import type { TimeoutOption } from "../async/timeout.js";
import { XmtpTestError } from "../errors.js";
import type { LedgerEvent } from "../ledger/events.js";
import type { Verdict } from "../oracles/index.js";
import { answer } from "./failure-text.js";
import { checkReceiver } from "./receivers.js";
import type { LedgerOwner } from "./receivers.js";
import { settle } from "./settle.js";
import { verdictText } from "./to-hold.js";
import { watch } from "./watch.js";

/** A function that judges a ledger, such as those in `playwright-xmtp/oracles`. */
export type LedgerOracle = (events: readonly LedgerEvent[], options?: { readonly asOf?: number }) => Verdict;

export interface SatisfyOptions extends TimeoutOption {
  /** How long to keep listening for late copies once everything passes, ms. Default 250. */
  readonly settle?: number;
}

/** How often a ledger to which nothing is added is judged again, ms: verdicts change as time passes. */
const againMs = 250;

/**
 * The ledger of these workers' test satisfies each oracle, or does so within the timeout. A pass counts only once
 * sends have settled and streams are drained, and the whole ledger is judged. With `.not`, one of the oracles must
 * find a violation; with an inconclusive verdict neither passes.
 *
 * @param args oracles, for example `noLoss, exactlyOnce`; options may stand last
 */
export async function toSatisfy(
  this: ExpectMatcherState,
  workers: Iterable<LedgerOwner>,
  ...args: (LedgerOracle | SatisfyOptions)[]
): Promise<MatcherReturnType> {
  checkReceiver("toSatisfy", workers, "a list of workers");
  const list = [...workers];
  const [first] = list;
  const oracles = args.filter((one) => typeof one === "function");
  const options = args.find((one) => typeof one === "object") ?? {};
  if (!first || oracles.length === 0 || oracles.length < args.length - 1) {
    throw new XmtpTestError(
      "INVALID_ARGUMENT",
      `toSatisfy was given ${list.length} workers and ${oracles.length} oracles.`,
      "Give at least one of each: expect(workers).toSatisfy(noLoss, exactlyOnce).",
    );
  }
  const timeoutMs = timeoutOf(options, this.timeout);
  const ledger = first.worker.events;
  const look = (): Verdict[] => oracles.map((oracle) => oracle(ledger.events, { asOf: performance.now() }));
  const passes = (verdicts: readonly Verdict[]): boolean => verdicts.every((one) => one.status === "pass");
  const fails = (verdicts: readonly Verdict[]): boolean => verdicts.some((one) => one.status === "fail");
  const wanted = this.isNot ? fails : passes;
  const until = performance.now() + timeoutMs;
  let verdicts = look();
  while (!wanted(verdicts) && performance.now() < until) {
    const wait = Math.max(1, Math.min(againMs, until - performance.now()));
    verdicts = (await watch(ledger, wait, look, wanted)).look;
  }
  const timedOut = !wanted(verdicts);
  const log = [timedOut ? `waited ${timeoutMs} ms` : `judged ${ledger.events.length} events`];
  if (!timedOut && !this.isNot) {
    const ended = await Promise.all(
      list.map((one) => settle(one, () => !passes(look()), timeoutMs, options.settle)),
    );
    const unsettled = ended.find((one) => !one.settled);
    log.push((unsettled ?? ended[0])?.how ?? "");
    verdicts = unsettled
      ? [...look(), { status: "inconclusive", oracle: "settling", reason: unsettled.how }]
      : look();
  }
  const holds = wanted(verdicts);
  return answer(this, holds ? !this.isNot : this.isNot, {
    matcher: "toSatisfy",
    receiver: list.map((one) => one.name).join(", "),
    expected: oracles.map((one) => one.name).join(", "),
    expectedText: oracles.map((one) => one.name || "the oracle").join(", "),
    actual: verdicts.map((one) => `${one.oracle}: ${one.status}`),
    received: verdicts.map(verdictText),
    timeoutMs,
    timedOut,
    events: ledger.events,
    log,
  });
}
