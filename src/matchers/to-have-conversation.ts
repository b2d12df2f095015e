import { setTimeout as elapse } from "node:timers/promises";
import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { timeoutOf } from "../async/timeout.js";
import { withShortIds } from "../ledger/naming.js";
import { conversationIdOf } from "../ledger/party.js";
import type { ConversationLike } from "../ledger/party.js";
import { answer } from "./failure-text.js";
import { poll } from "./poll.js";
import { checkReceiver } from "./receivers.js";
import type { SnapshotSource } from "./receivers.js";

export interface ConversationOptions {
  /** How long to wait, ms. Default: the timeout of `expect` (5,000 ms unless configured). */
  readonly timeout?: number;
  /** With `.not`: how long the conversation must stay absent, ms. Default 250. */
  readonly settle?: number;
}

/**
 * The worker has the conversation: its conversation stream delivered it, or its database has it after a sync.
 * With `.not`: neither, now and once more `settle` ms later.
 */
export async function toHaveConversation(
  this: ExpectMatcherState,
  source: SnapshotSource,
  conversation: ConversationLike,
  options: ConversationOptions = {},
): Promise<MatcherReturnType> {
  checkReceiver("toHaveConversation", source, "a worker");
  const conversationId = conversationIdOf(conversation);
  const timeoutMs = timeoutOf(options, this.timeout);
  const settleMs = options.settle ?? 250;
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
    await elapse(settleMs);
    return await look();
  };
  const result = await poll(
    // Absence takes its time beside the timeout: a short one must not decide it.
    this.isNot ? timeoutMs + settleMs : timeoutMs,
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
    expectedText: this.utils.printExpected(withShortIds(conversationId)),
    actual: [...known],
    received: [
      result.look === undefined ? "no answer" : result.look ? "it" : "not it",
      `conversations its stream delivered: ${withShortIds([...known].join(", ")) || "none"}`,
    ],
    timeoutMs,
    timedOut: result.timedOut,
    events: ledger.events,
    log: result.log,
  });
}
