import { setTimeout as elapse } from "node:timers/promises";
import { performance } from "node:perf_hooks";
import { errorText } from "../errors.js";
import { within } from "./watch.js";

/** Pauses between looks at something that reports no changes, ms; the last one repeats. As `expect.poll` does. */
const pauses = [100, 250, 500, 1_000];

/** What the first look may take at least, ms: a short timeout is not a reason to have seen nothing. */
const firstLookMs = 2_000;

export interface PollResult<T> {
  /** The last look that worked; undefined when none did. */
  readonly look: T | undefined;
  readonly log: readonly string[];
  /** Whether the deadline decided. */
  readonly timedOut: boolean;
}

/**
 * Looks until `done` or the deadline. For databases and SDK objects, which have no event to wait for.
 * A look that throws, or that is not back at the deadline, is written to the log and is not an answer.
 */
export async function poll<T>(
  timeoutMs: number,
  look: () => Promise<T>,
  done: (look: T) => boolean,
  describe: (look: T) => string,
): Promise<PollResult<T>> {
  const until = performance.now() + timeoutMs;
  const log: string[] = [];
  const note = (line: string): void => {
    if (log.at(-1) !== line) log.push(line);
  };
  let last: T | undefined;
  for (let round = 0; ; round += 1) {
    const left = until - performance.now();
    const settled = await within<{ value: T } | { error: string }>(
      look().then(
        (value) => ({ value }),
        (error: unknown) => ({ error: `look ${round + 1} failed: ${errorText(error)}` }),
      ),
      round === 0 ? Math.max(firstLookMs, left) : Math.max(1, left),
      () => ({ error: `look ${round + 1} did not come back in ${Math.round(left)} ms` }),
    );
    if ("error" in settled) note(settled.error);
    else {
      last = settled.value;
      note(describe(last));
      if (done(last)) return { look: last, log, timedOut: false };
    }
    const pause = pauses[Math.min(round, pauses.length - 1)] ?? 0;
    if (performance.now() + pause >= until) {
      log.push(`${round + 1} looks in ${timeoutMs} ms`);
      return { look: last, log, timedOut: true };
    }
    await elapse(pause);
  }
}
