import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import { toError } from "../../errors.js";
import type { BindingConversations, NativeOpener, StreamCloser } from "./loading/binding.js";
import type { AnyStream } from "./shapes.js";

/** A native task that has been told to end is given this long; its callbacks are cut off at once anyway. */
const END_LIMIT_MS = 2_000;

const opening = new AsyncLocalStorage<Subscription>();
type Callback = (...args: unknown[]) => void;

/** One native subscription: an attempt of a stream to be live. */
interface Attempt {
  closer?: StreamCloser;
  /** The node has answered; from now on a close is an interruption. */
  live: boolean;
  closedBy?: Error;
}

/**
 * One stream of one client over all its re-subscriptions.
 *
 * The SDK's own `end()` neither waits for the native task nor stops a retry that is pending: up to 6.1 the
 * stream then comes back to life. Here `terminate` cuts the callbacks off, answers a late re-subscription
 * with one that is closed already (which ends the SDK's retry loop), and waits for the native tasks.
 */
export class Subscription {
  ended = false;
  /** True once the node has answered a subscription of this stream. */
  wasLive = false;
  /**
   * A refused native subscription counts as "ready" for the SDK, which then reports a restart and never runs
   * out of retries (5.5.0, measured). When strict, it counts as a failed attempt. The streams a test opens
   * itself are not strict: they behave as the SDK does.
   */
  readonly strict: boolean;
  readonly #attempts = new Set<Attempt>();

  constructor(options: { strict: boolean }) {
    this.strict = options.strict;
  }

  /** Runs the SDK call that opens the stream; native subscriptions made in it belong to this object. */
  run<T>(open: () => T): T {
    return opening.run(this, open);
  }

  /** Opens natively, with callbacks that fall silent at the end. */
  async attempt(
    open: (callback: Callback, onClose: Callback) => Promise<StreamCloser>,
    callback: Callback,
    onClose: Callback,
  ): Promise<StreamCloser> {
    if (this.ended) return closed;
    const attempt: Attempt = { live: false };
    this.#attempts.add(attempt);
    const whenClosed = (...args: unknown[]): void => {
      attempt.closedBy = toError(args[0] ?? "the subscription was refused or ended at once");
      this.#attempts.delete(attempt);
      if (!this.ended && (attempt.live || !this.strict)) onClose(...args);
    };
    const closer = await open((...args) => {
      if (!this.ended) callback(...args);
    }, whenClosed);
    attempt.closer = closer;
    if (this.#isOver()) closer.end();
    return { waitForReady: () => this.#ready(attempt, closer), end: () => closer.end() };
  }

  async #ready(attempt: Attempt, closer: StreamCloser): Promise<void> {
    await closer.waitForReady();
    // A refusal is on its way through the same loop as the readiness: let it arrive first.
    await setImmediate();
    if (attempt.closedBy !== undefined || closer.isClosed?.() === true) {
      if (!this.strict || this.ended) return;
      throw attempt.closedBy ?? new Error("the subscription was closed at once");
    }
    attempt.live = true;
    this.wasLive = true;
  }

  /** Resolves when nothing more can arrive from the stream, after {@link END_LIMIT_MS} at most. */
  async terminate(stream: AnyStream | undefined): Promise<void> {
    this.ended = true;
    const closers = [...this.#attempts].flatMap(({ closer }) => closer ?? []);
    this.#attempts.clear();
    await stream?.end();
    await Promise.all(closers.map(endAndWait));
  }

  /** Read anew: it changes while a native call is awaited. */
  #isOver(): boolean {
    return this.ended;
  }
}

async function endAndWait(closer: StreamCloser): Promise<void> {
  if (closer.endAndWait === undefined) {
    closer.end();
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_LIMIT_MS);
  });
  // A rejection is the native task's own end ("cancelled", or the error it had already died of).
  const ended = closer.endAndWait().catch(() => undefined);
  await Promise.race([ended, limit]);
  clearTimeout(timer);
}

const closed: StreamCloser = { waitForReady: () => Promise.resolve(), end: () => undefined };

/** Routes every subscription of one client's native conversations object through its {@link Subscription}. */
export function watchSubscriptions(native: BindingConversations): void {
  const byCallback = new WeakMap<Callback, Subscription>();
  const names = ["stream", "streamAllMessages", "streamConsent", "streamPreferences"];
  for (const name of names) {
    const open = native[name];
    if (open === undefined) continue;
    const watched: NativeOpener = (given, ...rest) => {
      const callback = given as Callback;
      const [onClose, ...more] = rest as [Callback, ...unknown[]];
      // A retry runs outside any context, with the callback of the first attempt.
      const known = byCallback.get(callback) ?? opening.getStore();
      const subscription = known ?? new Subscription({ strict: false });
      byCallback.set(callback, subscription);
      return subscription.attempt(
        (...callbacks) => open.call(native, ...callbacks, ...more),
        callback,
        onClose,
      );
    };
    Object.defineProperty(native, name, { value: watched, configurable: true, writable: true });
  }
}
