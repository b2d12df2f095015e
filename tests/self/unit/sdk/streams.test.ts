import { expect, test, vi } from "vitest";
import { Subscription, watchSubscriptions } from "../../../../src/workers/sdk/subscription.js";
import type { BindingConversations, StreamCloser } from "../../../../src/workers/sdk/loading/binding.js";
import type { AnyStream } from "../../../../src/workers/sdk/shapes.js";
import { openStream } from "../../../../src/workers/sdk/streams.js";

type Callback = (...args: unknown[]) => void;
interface SdkOptions {
  readonly onValue: Callback;
  readonly onError: Callback;
  readonly onRestart: Callback;
}

/** The SDK's stream as it is: a queue that grows until somebody reads it. */
function queue(): AnyStream & { push(value: unknown): void; readonly queued: unknown[] } {
  const queued: unknown[] = [];
  let waiting: ((result: IteratorResult<unknown>) => void) | undefined;
  return {
    queued,
    isDone: false,
    push: (value) => {
      if (waiting === undefined) queued.push(value);
      else waiting({ done: false, value });
      waiting = undefined;
    },
    end: () => {
      waiting?.({ done: true, value: undefined });
      return Promise.resolve();
    },
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise((resolve) => {
          if (queued.length > 0) resolve({ done: false, value: queued.shift() });
          else waiting = resolve;
        }),
    }),
  };
}

/** A client whose native side is played by the test. */
function fakeClient(closer: Partial<StreamCloser> = {}) {
  const natives: { callback: Callback; onClose: Callback }[] = [];
  const ended = vi.fn(() => Promise.resolve());
  const native: BindingConversations = {
    stream: (callback, onClose) => {
      natives.push({ callback: callback as Callback, onClose: onClose as Callback });
      return Promise.resolve({
        end: () => undefined,
        endAndWait: ended,
        waitForReady: () => Promise.resolve(),
        ...closer,
      });
    },
  };
  watchSubscriptions(native);
  const stream = queue();
  const subscribe = async (onValue: Callback, onClose: Callback): Promise<void> => {
    const opened = await native["stream"]?.(onValue, onClose);
    await opened?.waitForReady();
  };
  return { natives, native, ended, stream, subscribe };
}

const handlers = () => ({
  onValue: vi.fn(),
  onError: vi.fn(),
  onFail: vi.fn(),
  onRetry: vi.fn(),
  onRestart: vi.fn(),
});
const options = { retryDelayMs: 1, retryAttempts: 2 };

test("values that nobody iterates over do not pile up in the SDK's queue", async () => {
  const { stream, subscribe } = fakeClient();
  const { stream: opened } = await openStream(
    async (given) => {
      await subscribe((given as SdkOptions).onValue, () => undefined);
      return stream;
    },
    handlers(),
    options,
  );
  for (let value = 0; value < 1_000; value += 1) {
    stream.push(value);
    await Promise.resolve();
  }
  await vi.waitFor(() => expect(stream.queued).toEqual([]));
  await opened.end();
});

test("after the end nothing is called, and the native task has been waited for", async () => {
  const { natives, ended, stream, subscribe } = fakeClient();
  const heard = handlers();
  const closed = vi.fn();
  const { stream: opened } = await openStream(
    async (given) => {
      await subscribe((given as SdkOptions).onValue, closed);
      return stream;
    },
    heard,
    options,
  );
  natives[0]?.callback("before");
  await opened.end();
  natives[0]?.callback("after");
  natives[0]?.onClose(new Error("cancelled"));
  expect(heard.onValue.mock.calls).toEqual([["before"]]);
  expect(closed).not.toHaveBeenCalled();
  expect(ended).toHaveBeenCalledOnce();
});

test("a retry that comes after the end opens nothing", async () => {
  const { natives, native, stream, subscribe } = fakeClient();
  let callback: Callback = () => undefined;
  const { stream: opened } = await openStream(
    async (given) => {
      callback = (given as SdkOptions).onValue;
      await subscribe(callback, () => undefined);
      return stream;
    },
    handlers(),
    options,
  );
  await opened.end();
  const late = await native["stream"]?.(callback, () => undefined);
  await late?.waitForReady();
  expect(natives.length).toBe(1);
});

test("a stream that the test opened itself falls silent too when the worker ends it", async () => {
  const { natives, subscribe } = fakeClient();
  const [value, closed] = [vi.fn(), vi.fn()];
  const subscription = new Subscription({ strict: false });
  await subscription.run(() => subscribe(value, closed));
  natives[0]?.callback("before");
  await subscription.terminate(undefined);
  natives[0]?.callback("after");
  natives[0]?.onClose();
  expect([value.mock.calls, closed.mock.calls]).toEqual([[["before"]], []]);
});

test("a start resolves only when the node has answered, however often it was refused", async () => {
  const { natives, stream, subscribe } = fakeClient({
    // Native code calls a refused subscription ready, and its close callback just before.
    waitForReady: () => {
      if (natives.length < 3) natives.at(-1)?.onClose(new Error("refused"));
      return Promise.resolve();
    },
  });
  const heard = handlers();
  const failed = vi.fn();
  await openStream(
    async (given) => {
      const { onValue, onError, onRestart } = given as SdkOptions;
      const attempt = (): Promise<void> => subscribe(onValue, failed);
      const retry = (): Promise<void> =>
        attempt().then(
          () => onRestart(),
          (error: unknown) => {
            onError(error);
            return retry();
          },
        );
      await attempt().catch((error: unknown) => {
        onError(error);
        void retry();
      });
      return stream;
    },
    heard,
    options,
  );
  expect(natives.length).toBe(3);
  expect(failed, "a refusal is not an interruption of something live").not.toHaveBeenCalled();
  expect(heard.onError.mock.calls.map(([error]) => String(error))).toEqual([
    "Error: refused",
    "Error: refused",
  ]);
  expect(heard.onRestart, "it had not been live before").not.toHaveBeenCalled();
});

test("a native task that does not end is not waited for without limit", async () => {
  const { stream, subscribe } = fakeClient({ endAndWait: () => new Promise(() => undefined) });
  const { stream: opened } = await openStream(
    async (given) => {
      await subscribe((given as SdkOptions).onValue, () => undefined);
      return stream;
    },
    handlers(),
    options,
  );
  vi.useFakeTimers();
  const ending = opened.end();
  await vi.advanceTimersByTimeAsync(2_000);
  await ending;
  vi.useRealTimers();
});
