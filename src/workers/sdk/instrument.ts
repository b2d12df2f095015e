import type { AnyConversation, AnyModule, AnyStream } from "./shapes.js";
import { describeSend, isOptimistic } from "./sends.js";
import { Subscription } from "./subscription.js";
import type { SdkObserver } from "./types.js";

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Settle = ReturnType<SdkObserver["sendStarted"]>;

/** What the wrapped objects of one client share. */
export interface Instrumentation {
  /** True while the facade itself starts a send that nobody asked for explicitly. */
  automatic: boolean;
  /** Makes one object obtained past the wrapped ones report too. */
  adopt<T>(value: T): T;
  /** Streams the test has opened on the real client, or is opening. */
  readonly subscriptions: ReadonlySet<Subscription>;
}

/** All methods an object inherits, the nearest of each name. */
function methodsOf(prototype: object): Map<string, Method> {
  const methods = new Map<string, Method>();
  for (let at: object | null = prototype; at !== null && at !== Object.prototype;) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      const named = name !== "constructor" && typeof value === "function";
      if (named && !methods.has(name)) methods.set(name, value as Method);
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
  return methods;
}

/**
 * Lets the observer hear what the test does through one real client.
 *
 * The client's conversations object, its preferences and each conversation it hands out get a prototype of
 * their own that inherits from the SDK's class: they stay real instances with private state, `instanceof`
 * holds, and the SDK's classes, which the application under test may share, are left as they are.
 */
export function instrument(
  sdk: AnyModule,
  targets: { conversations: object; preferences: object },
  observer: SdkObserver,
  codecs: readonly unknown[],
): Instrumentation {
  const derived = new Map<object, object>();
  const adopted = new WeakSet();
  const reported = new WeakSet();
  const subscriptions = new Set<Subscription>();
  const optimistic = new Map<string, { messageId: string; settle: Settle }[]>();

  const derive = (target: object, wrap: (name: string, method: Method) => Method | undefined): void => {
    const base = Object.getPrototypeOf(target) as object;
    let own = derived.get(base);
    if (own === undefined) {
      own = Object.create(base) as object;
      for (const [name, method] of methodsOf(base)) {
        const value = wrap(name, method);
        if (value !== undefined)
          Object.defineProperty(own, name, { value, configurable: true, writable: true });
      }
      derived.set(base, own);
    }
    Object.setPrototypeOf(target, own);
  };

  const adopt = <T>(value: T): T => {
    if (Array.isArray(value)) value.forEach(adopt);
    else if (value instanceof sdk.Conversation && !adopted.has(value)) {
      adopted.add(value);
      derive(value, wrapOfConversation);
    }
    return value;
  };
  const adopting = (method: Method): Method =>
    function (this: unknown, ...args) {
      const result = method.apply(this, args);
      return result instanceof Promise ? result.then(adopt) : adopt(result);
    };

  const streaming = (method: Method): Method =>
    async function (this: unknown, ...args) {
      const options = (args[0] ?? {}) as { onValue?: (value: unknown) => void };
      const onValue = (value: unknown): void => options.onValue?.(adopt(value));
      const subscription = new Subscription({ strict: false });
      // From the call on: a client that closes meanwhile ends a stream that is still being opened.
      subscriptions.add(subscription);
      let stream: AnyStream;
      try {
        stream = (await subscription.run(() =>
          method.apply(this, [{ ...options, onValue }, ...args.slice(1)]),
        )) as AnyStream;
      } catch (error) {
        subscriptions.delete(subscription);
        throw error;
      }
      if (subscription.ended) await stream.end();
      // One SDK method may call another: the inner call has reported the stream already.
      if (reported.has(stream)) {
        subscriptions.delete(subscription);
        return stream;
      }
      reported.add(stream);
      const end = async (): Promise<void> => {
        subscriptions.delete(subscription);
        await subscription.terminate(stream);
      };
      observer.streamOpened({ end });
      return stream;
    };

  const settled = (conversationId: string, result: { error: unknown } | null): void => {
    const waiting = optimistic.get(conversationId) ?? [];
    optimistic.delete(conversationId);
    for (const { messageId, settle } of waiting) settle(result ?? { messageId });
  };
  const publishing = (method: Method): Method =>
    async function (this: unknown, ...args) {
      const { id } = this as AnyConversation;
      try {
        const result = await method.apply(this, args);
        settled(id, null);
        return result;
      } catch (error) {
        settled(id, { error });
        throw error;
      }
    };

  const sending = (name: string, method: Method): Method =>
    function (this: unknown, ...args) {
      const conversationId = (this as AnyConversation).id;
      const what = describeSend(name, args, codecs);
      const settle = observer.sendStarted({ conversationId, ...what, automatic: shared.automatic });
      const fail = (error: unknown): never => {
        settle({ error });
        throw error;
      };
      const done = (result: unknown): unknown => {
        const messageId = String(result);
        // Stored here only: nobody else gets it before publishMessages.
        if (isOptimistic(name, args)) {
          optimistic.set(conversationId, [...(optimistic.get(conversationId) ?? []), { messageId, settle }]);
        } else settle({ messageId });
        return result;
      };
      try {
        const result = method.apply(this, args);
        return result instanceof Promise ? result.then(done, fail) : done(result);
      } catch (error) {
        return fail(error);
      }
    };

  const wrapOfConversation = (name: string, method: Method): Method | undefined => {
    if (name.startsWith("send")) return sending(name, method);
    if (name === "publishMessages") return publishing(method);
    if (name.startsWith("stream")) return streaming(method);
    return name.toLowerCase().includes("duplicate") ? adopting(method) : undefined;
  };

  const shared: Instrumentation = { automatic: false, adopt, subscriptions };
  const wrapStreams = (name: string, method: Method): Method | undefined =>
    name.startsWith("stream") ? streaming(method) : undefined;
  derive(targets.conversations, (name, method) => wrapStreams(name, method) ?? adopting(method));
  derive(targets.preferences, wrapStreams);
  return shared;
}
