/** Messages between a thread host (parent) and the server it runs in a worker thread. */
export interface CallMessage {
  readonly kind: "call";
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type ReplyMessage =
  | { readonly kind: "reply"; readonly id: number; readonly value: unknown }
  | {
      readonly kind: "error";
      readonly id: number;
      readonly error: unknown;
      readonly code?: string;
      readonly hint?: string;
    };

/** First message of a thread: its server listens, with what the parent must know. */
export interface ReadyMessage {
  readonly kind: "ready";
  readonly value: unknown;
}

/** Something the thread reports on its own. */
export interface EventMessage {
  readonly kind: "event";
  readonly name: string;
  readonly value: unknown;
}

export type FromThread = ReplyMessage | ReadyMessage | EventMessage;

/** The calls a thread answers: name to (possibly asynchronous) function over structured-cloneable values. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the arguments are typed by each server's own method map
export type ThreadMethods = Record<string, (...args: any[]) => unknown>;

/** The methods of a server's class, as its thread offers them. */
export type MethodsOf<S> = {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  [K in keyof S as S[K] extends (...args: any[]) => unknown ? K : never]: S[K];
};
