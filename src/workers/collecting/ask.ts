import { performance } from "node:perf_hooks";
import { after, timeoutOf } from "../../async/timeout.js";
import type { TimeoutOption } from "../../async/timeout.js";
import { XmtpTestError } from "../../errors.js";
import { typeofStream } from "../../ledger/events.js";
import type { ReceiveEvent } from "../../ledger/events.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import { describeEvent } from "./collect.js";

/** Options of `ask`. Default timeout 10,000 ms. */
export interface AskOptions extends TimeoutOption {
  /** Content types that count as an answer, for example `["reaction"]`. Default: any but `group_updated`. */
  readonly contentTypes?: readonly string[];
}

/** The first answer to a question. */
export interface Answer {
  /** Decoded content, as the SDK returned it: a string for text, an object for a reaction or a reply. */
  readonly content: unknown;
  /** For example "text", "reaction", "reply". */
  readonly contentType: string;
  /** Inbox id of the sender. */
  readonly sender: string;
  /** From the call of `send` to the arrival of the answer, ms. */
  readonly ms: number;
  readonly messageId: string;
  /** The whole event from the ledger. */
  readonly event: ReceiveEvent;
}

export interface Asking {
  readonly events: WorkerLedger;
  readonly streams: {
    readonly textsSince: number | undefined;
    start(type: typeofStream): Promise<void>;
    end(type: typeofStream): Promise<void>;
  };
  readonly inboxId: string;
  readonly send: () => Promise<string>;
}

/** Sends a text and resolves with the first answer. */
export async function ask(
  asking: Asking,
  conversationId: string,
  text: string,
  options: AskOptions,
): Promise<Answer> {
  const timeoutMs = timeoutOf(options, 10_000);
  const own = asking.streams.textsSince === undefined;
  if (own) await asking.streams.start(typeofStream.Message);
  try {
    return await listen(asking, conversationId, text, options, timeoutMs);
  } finally {
    if (own) await asking.streams.end(typeofStream.Message);
  }
}

async function listen(
  { events, inboxId, send }: Asking,
  conversationId: string,
  text: string,
  { contentTypes }: AskOptions,
  timeoutMs: number,
): Promise<Answer> {
  const others: ReceiveEvent[] = [];
  const isAnswer = (event: ReceiveEvent): boolean =>
    event.conversationId === conversationId &&
    event.senderInboxId !== inboxId &&
    (contentTypes?.includes(event.contentType) ?? event.contentType !== "group_updated");
  let stop = (): void => undefined;
  const answered = new Promise<ReceiveEvent>((resolve, reject) => {
    const unsubscribe = events.subscribe((event) => {
      if (event.kind !== "receive") return;
      if (isAnswer(event)) resolve(event);
      else others.push(event);
    });
    const cancel = after(timeoutMs, () => reject(noAnswer(events.worker, text, timeoutMs, others)));
    stop = () => {
      cancel();
      unsubscribe();
    };
  });
  answered.catch(() => undefined);
  const began = performance.now();
  try {
    await send();
    const event = await answered;
    const { content, contentType, senderInboxId, messageId } = event;
    return { content, contentType, sender: senderInboxId, ms: event.at - began, messageId, event };
  } finally {
    stop();
  }
}

function noAnswer(
  worker: string,
  text: string,
  timeoutMs: number,
  others: readonly ReceiveEvent[],
): XmtpTestError {
  const came = others.slice(-5).map((event) => `  ${describeEvent(event)}`);
  return new XmtpTestError(
    "NO_ANSWER",
    `Nobody answered ${worker}'s "${text}" within ${timeoutMs} ms. What arrived instead:\n${came.join("\n") || "  (nothing)"}\n`,
    "Is the answering party running, and a member? `contentTypes` sets what counts as an answer, `timeout` how long to wait.",
  );
}
