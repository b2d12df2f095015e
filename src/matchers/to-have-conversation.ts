import { setTimeout as elapse } from "node:timers/promises";
import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { answer } from "./failure-text.js";
import { poll } from "./poll.js";
import type { SnapshotSource } from "./receivers.js";

export interface ConversationOptions {
  /** How long to wait, ms. Default: the timeout of `expect` (5,000 ms unless configured). */
  readonly timeout?: number;
  /** With `.not`: how long the conversation must stay absent, ms. Default 250. */
  readonly settle?: number;
}

/**
 * The worker has the conversation: its conversation stream delivered it, or its database has it after a sync.
 * With `.not`: neither, now and again `settle` ms later.
 */
export async function toHaveConversation(
  this: ExpectMatcherState,
  source: SnapshotSource,
  conversationId: string,
  options: ConversationOptions = {},
): Promise<MatcherReturnType> {
  const timeoutMs = options.timeout ?? this.timeout;
  const ledger = source.worker.events;
  const look = async (): Promise<boolean> => {
    const streamed = ledger.events.some(
      (one) =>
        one.kind === "conversation" && one.worker === source.name && one.conversationId === conversationId,
    );
    return streamed || (await source.snapshot(conversationId)).known;
  };
  const stable = async (): Promise<boolean> => {
    const has = await look();
    if (has || !this.isNot) return has;
    await elapse(options.settle ?? 250);
    return await look();
  };
  const result = await poll(
    timeoutMs,
    stable,
    (has) => has !== this.isNot,
    (has) => (has ? "has it" : "does not have it"),
  );
  const known = new Set(
    ledger.events.flatMap((one) =>
      one.kind === "conversation" && one.worker === source.name ? [one.conversationId] : [],
    ),
  );
  return answer(this, result.look ?? this.isNot, {
    matcher: "toHaveConversation",
    receiver: source.name,
    expected: conversationId,
    actual: [...known],
    received: [
      result.look === undefined ? "no answer" : result.look ? "it" : "not it",
      `conversations its stream delivered: ${[...known].join(", ") || "none"}`,
    ],
    timeoutMs,
    events: ledger.events,
    log: result.log,
  });
}
