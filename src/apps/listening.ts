import { setTimeout as pause } from "node:timers/promises";
import { toError } from "../errors.js";
import type { PortEvent } from "../network/index.js";

/** What is known of an app at its port. */
export interface ListeningLine {
  onEvent(listener: (event: Pick<PortEvent, "what" | "brings">) => void): () => void;
  /** How long ago its latest call came in, ms by the node's clock; undefined where nobody knows. */
  readonly sinceLastCall: () => Promise<number | undefined>;
}

/** When an app that subscribes to welcomes only counts as listening. */
const rest = {
  /** It has made no call for so long, ms. */
  restMs: 2_000,
  /** One that never rests is not waited for any longer, ms. */
  patienceMs: 10_000,
};

/**
 * Resolves once the node has a live stream of the app's messages; also once the signal aborts.
 *
 * A stream of welcomes alone does not do: agent-sdk opens two of them, asks for what it missed, and then subscribes to
 * messages. With 200 ms of latency each way that took 2.0 s (1.1.7) to 2.5 s (2.2.0, 2.3.0), and its stream does not bring what
 * was sent meanwhile. Yet an app may have nothing else: node-sdk 6 opens no stream of messages before its first
 * conversation. Such an app is watched until it rests.
 */
export function untilListening(line: ListeningLine, signal: AbortSignal, times = rest): Promise<void> {
  return new Promise((resolve, reject) => {
    const watch = new AbortController();
    let watching = false;
    const end = (): void => {
      unhear();
      watch.abort();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const unhear = line.onEvent(({ what, brings }) => {
      if (what !== "subscribed" && what !== "followed") return;
      if (brings.includes("group")) end();
      else if (brings.includes("welcome") && !watching) {
        watching = true;
        untilResting(line, watch.signal, times).then(end, (error: unknown) => {
          reject(toError(error));
          end();
        });
      }
    });
    signal.addEventListener("abort", end);
  });
}

async function untilResting(
  { sinceLastCall }: ListeningLine,
  signal: AbortSignal,
  { restMs, patienceMs }: typeof rest,
): Promise<void> {
  const began = performance.now();
  let left = restMs;
  while (left > 0 && performance.now() - began < patienceMs) {
    await pause(left, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    // The answer comes after all that the node has told before: a stream of messages among it has ended this.
    left = restMs - ((await sinceLastCall()) ?? Infinity);
  }
}
