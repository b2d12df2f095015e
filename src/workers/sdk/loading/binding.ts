import { AsyncLocalStorage } from "node:async_hooks";

/** The native objects under one client, as far as the facade uses them. */
export interface Binding {
  readonly client: BindingClient;
  readonly conversations: BindingConversations;
}

export interface BindingClient {
  releaseDbConnection?(): void;
  dbReconnect?(): Promise<void>;
}

/** Of the bindings' stream closer. `endAndWait` also waits for the native task to finish. */
export interface StreamCloser {
  end(): void;
  endAndWait?(): Promise<void>;
  waitForReady(): Promise<void>;
  isClosed?(): boolean;
}

export type NativeOpener = (callback: unknown, ...rest: unknown[]) => Promise<StreamCloser>;
export type BindingConversations = Record<string, NativeOpener | undefined>;

export interface BindingModule {
  readonly Client: { readonly prototype: { conversations(): unknown } };
}

const creating = new AsyncLocalStorage<{ binding?: Binding }>();
const holders = new Map<object, { count: number; restore: () => void }>();

/**
 * Runs `create`, and hands out the native objects of the client made in it. The SDK keeps them in private
 * fields, yet only they end a stream for good, tell whether a subscription is live, and let the database
 * go. Its `Client` asks the native client for its conversations once, while it is set up: for that time,
 * and for calls inside `create` only, the question is overheard. Afterwards the native class is as it was.
 */
export async function withBinding<T>(
  bindings: BindingModule,
  create: () => Promise<T>,
): Promise<{ result: T; binding: Binding | undefined }> {
  const release = overhear(bindings.Client.prototype);
  const seen: { binding?: Binding } = {};
  try {
    return { result: await creating.run(seen, create), binding: seen.binding };
  } catch (error) {
    seen.binding?.client.releaseDbConnection?.();
    throw error;
  } finally {
    release();
  }
}

function overhear(prototype: { conversations(): unknown }): () => void {
  const holder = holders.get(prototype) ?? install(prototype);
  holders.set(prototype, holder);
  holder.count += 1;
  return () => {
    holder.count -= 1;
    if (holder.count > 0) return;
    holders.delete(prototype);
    holder.restore();
  };
}

function install(prototype: { conversations(): unknown }): { count: number; restore: () => void } {
  const before = Object.getOwnPropertyDescriptor(prototype, "conversations");
  const original = before?.value as ((this: unknown) => unknown) | undefined;
  if (before === undefined || original === undefined) return { count: 0, restore: () => undefined };
  Object.defineProperty(prototype, "conversations", {
    ...before,
    value: function conversations(this: unknown): unknown {
      const result = original.call(this);
      const seen = creating.getStore();
      if (seen !== undefined && seen.binding === undefined) {
        seen.binding = { client: this as BindingClient, conversations: result as BindingConversations };
      }
      return result;
    },
  });
  return { count: 0, restore: () => Object.defineProperty(prototype, "conversations", before) };
}
