import { performance } from "node:perf_hooks";
import { XmtpTestError } from "../../errors.js";
import { until } from "../clock.js";
import type { Line } from "./line.js";
import { probe } from "../probe/connection.js";
import type { Exchange } from "../probe/connection.js";
import { exchangeText } from "../proofs/proof.js";

/** Between two looks at a line that refuses, ms. */
const pauseMs = 50;
/** A line that stays silent this long is asked on a new connection. */
const longestProbeMs = 60_000;

/**
 * Waits until the node answers through each line.
 *
 * @throws XmtpTestError `HEAL_FAILED` naming those that do not
 */
export async function awaitAnswers(lines: readonly Line[], timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const found = await Promise.all(lines.map((line) => lastAnswer(line, deadline)));
  const dead = lines.flatMap((line, index) => {
    const one = found[index];
    return one === undefined || one.how === "answered" ? [] : [`${line.name} ${exchangeText(one)}`];
  });
  if (dead.length === 0) return;
  throw new XmtpTestError(
    "HEAL_FAILED",
    `The node cannot be reached ${timeoutMs} ms after the faults were removed (${dead.join("; ")}).`,
    "Is the node running?",
  );
}

async function lastAnswer(line: Line, deadline: number): Promise<Exchange> {
  for (;;) {
    const found = await probe(line, {}, Math.min(longestProbeMs, Math.max(1, deadline - performance.now())));
    if (found.how === "answered" || performance.now() + pauseMs >= deadline) return found;
    await until(performance.now() + pauseMs);
  }
}
