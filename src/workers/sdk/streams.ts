import { errorText, toError, XmtpTestError } from "../../errors.js";
import type { AnyStream } from "./shapes.js";
import { Subscription } from "./subscription.js";
import type { SdkStream, SdkStreamOptions, StreamHandlers } from "./types.js";

/** The SDK's own verdict after its last retry; the class is not exported under one name everywhere. */
const gaveUp = (error: unknown): boolean =>
  error instanceof Error && error.constructor.name === "StreamFailedError";

/** The SDK queues every value for an iterator, without limit: read them, the callbacks have them already. */
async function drain(stream: AnyStream): Promise<void> {
  for await (const _value of stream);
}

/**
 * Opens an SDK stream and resolves when the node has answered.
 *
 * The SDK hides a first subscription that fails: it reports the error, returns a stream all the same and
 * retries behind it. Here the promise stays open meanwhile, and rejects when the retries are used up or
 * the signal aborts.
 */
export async function openStream(
  open: (options: object) => Promise<AnyStream>,
  handlers: StreamHandlers<unknown>,
  options: SdkStreamOptions,
): Promise<{ stream: SdkStream; subscription: Subscription }> {
  const subscription = new Subscription({ strict: true });
  let started = false;
  let cause: unknown;
  let resolveLive: () => void = () => undefined;
  let rejectLive: (error: Error) => void = () => undefined;
  const live = new Promise<void>((resolve, reject) => {
    resolveLive = resolve;
    rejectLive = reject;
  });
  const unlessEnded =
    <A extends unknown[]>(handler: (...args: A) => void) =>
    (...args: A): void => {
      if (!subscription.ended) handler(...args);
    };
  const onError = (error: unknown): void => {
    if (!gaveUp(error)) {
      cause = error;
      handlers.onError(toError(error));
      return;
    }
    const final = new XmtpTestError(
      "STREAM_FAILED",
      `A stream gave up after ${options.retryAttempts} retries (last error: ${errorText(cause ?? error)}).`,
      "Check that the node is reachable, or raise retryAttempts or retryDelayMs for longer outages.",
      { cause: cause ?? error },
    );
    if (started) handlers.onError(final);
    rejectLive(final);
  };
  const opened = subscription.run(() =>
    open({
      retryAttempts: options.retryAttempts,
      retryDelay: options.retryDelayMs,
      disableSync: options.disableSync ?? false,
      onValue: unlessEnded((value: unknown) => handlers.onValue(value)),
      onError: unlessEnded(onError),
      onFail: unlessEnded(() => handlers.onFail()),
      onRetry: unlessEnded((attempt: number, most: number) => handlers.onRetry(attempt, most)),
      onRestart: unlessEnded(() => {
        if (started) handlers.onRestart();
        resolveLive();
      }),
    }),
  );
  let stream: AnyStream | undefined;
  const arrived = opened.then((value) => {
    stream = value;
    void drain(value);
    if (subscription.ended) return value.end();
    if (subscription.wasLive) resolveLive();
    return undefined;
  });
  arrived.catch((error: unknown) => rejectLive(toError(error)));
  const abort = (): void => rejectLive(toError(options.signal?.reason));
  options.signal?.addEventListener("abort", abort, { once: true });
  if (options.signal?.aborted === true) abort();
  try {
    await live;
    started = true;
  } catch (error) {
    await subscription.terminate(stream);
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
  return { stream: { end: () => subscription.terminate(stream) }, subscription };
}
