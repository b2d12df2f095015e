import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import { XmtpTestError } from "../../errors.js";
import { until } from "../clock.js";
import type { Fault } from "../fault.js";
import type { Plan, PlanStep } from "./plan.js";

/** What became of one step. */
export interface PlayedStep {
  readonly step: PlanStep;
  /** When its fault was on and shown, ms from the start; undefined when another fault hid it all the time. */
  readonly onMs?: number;
  /** When it was lifted, ms from the start. */
  readonly offMs?: number;
  /** What the probes measured, by worker. */
  readonly evidence: Readonly<Record<string, string>>;
}

export interface Player {
  apply(step: PlanStep): Promise<Fault>;
  /** Ends the run early: its faults are lifted. */
  readonly signal?: AbortSignal | undefined;
}

/** Between two tries to put a fault on a line that another one hides, ms. */
const retryMs = 50;

/**
 * Plays a plan by the clock. Each step keeps its own times, whatever the others do; one that another fault
 * hides waits for that to be lifted, and is left out when its own time is over by then.
 *
 * @throws what a step threw; all faults of the plan are lifted by then
 */
export async function play(plan: Plan, player: Player): Promise<PlayedStep[]> {
  const start = performance.now();
  const stop = new AbortController();
  // Every step waits on it.
  setMaxListeners(0, stop.signal);
  const abort = (): void => stop.abort();
  player.signal?.addEventListener("abort", abort, { once: true });
  if (player.signal?.aborted === true) abort();
  try {
    const played = plan.steps.map(async (step) => {
      try {
        return await playStep(step, start, player, stop.signal);
      } catch (error) {
        stop.abort();
        throw error;
      }
    });
    const results = await Promise.allSettled(played);
    const errors = results.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1)
      throw new AggregateError(errors, `${errors.length} steps of the chaos plan failed.`);
    await until(start + plan.durationMs, stop.signal);
    return await Promise.all(played);
  } finally {
    player.signal?.removeEventListener("abort", abort);
  }
}

async function playStep(
  step: PlanStep,
  start: number,
  player: Player,
  signal: AbortSignal,
): Promise<PlayedStep> {
  const end = start + step.atMs + step.forMs;
  if (!(await until(start + step.atMs, signal))) return { step, evidence: {} };
  const fault = await applyUnhidden(step, end, player, signal);
  if (!fault) return { step, evidence: {} };
  const onMs = Math.round(performance.now() - start);
  await until(end, signal);
  await fault.lift();
  const offMs = Math.round(performance.now() - start);
  return { step, onMs, offMs, evidence: Object.fromEntries(fault.evidence) };
}

async function applyUnhidden(
  step: PlanStep,
  end: number,
  player: Player,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  for (;;) {
    try {
      return await player.apply(step);
    } catch (error) {
      if (!(error instanceof XmtpTestError) || error.code !== "CHAOS_MASKED") throw error;
      if (performance.now() + retryMs >= end || !(await until(performance.now() + retryMs, signal)))
        return undefined;
    }
  }
}
