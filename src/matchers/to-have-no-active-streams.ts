import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { timeoutOf } from "../async/timeout.js";
import { answer } from "./failure-text.js";
import { checkReceiver } from "./receivers.js";
import type { StreamOwner } from "./receivers.js";
import { watch } from "./watch.js";

export interface StreamsOptions {
  /** How long to wait, ms. Default: the timeout of `expect` (5,000 ms unless configured). */
  readonly timeout?: number;
}

/** All streams of the worker have been ended. With `.not`: at least one is active. */
export async function toHaveNoActiveStreams(
  this: ExpectMatcherState,
  owner: StreamOwner,
  options: StreamsOptions = {},
): Promise<MatcherReturnType> {
  checkReceiver("toHaveNoActiveStreams", owner, "a worker");
  const timeoutMs = timeoutOf(options, this.timeout);
  const ledger = owner.worker.events;
  const active = (): string[] => [...owner.worker.activeStreamTypes];
  const { look, timedOut } = await watch(
    ledger,
    timeoutMs,
    active,
    (one) => (one.length === 0) !== this.isNot,
  );
  const last = ledger.events.filter((one) => one.kind === "stream" && one.worker === owner.name).slice(-5);
  return answer(this, look.length === 0, {
    matcher: "toHaveNoActiveStreams",
    receiver: owner.name,
    expected: "no active stream",
    actual: look,
    received: [
      look.length === 0 ? "no active stream" : `active: ${look.join(", ")}`,
      ...last.flatMap((one) =>
        one.kind === "stream" ? [`${one.streamType} #${one.streamId} ${one.state}`] : [],
      ),
    ],
    timeoutMs,
    timedOut,
    events: ledger.events,
    log: [timedOut ? `waited ${timeoutMs} ms` : "decided"],
  });
}
