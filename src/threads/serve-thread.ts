import { parentPort } from "node:worker_threads";
import { XmtpTestError, toError } from "../errors.js";
import type { CallMessage, MethodsOf, ReplyMessage, ThreadMethods } from "./protocol.js";

/**
 * The thread's side of a {@link ThreadHost}: answers calls with `methods`, and says "ready" with `value`.
 *
 * @returns a function that reports an event to the parent
 * @throws Error when called outside a worker thread
 */
export function serveThread(methods: ThreadMethods, value: unknown): (name: string, value: unknown) => void {
  if (!parentPort) throw new Error("serveThread must run in a worker thread.");
  const port = parentPort;
  port.on("message", (message: CallMessage) => {
    void answer(methods, message).then((reply) => port.postMessage(reply));
  });
  port.postMessage({ kind: "ready", value });
  return (name, event) => port.postMessage({ kind: "event", name, value: event });
}

/** The public methods of a server's class as those of its thread: each is declared once, in the class. */
export function methodsOf<S extends object>(server: S): MethodsOf<S> {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(server)) as (keyof S & string)[];
  const methods = names.flatMap((name) => {
    const method: unknown = name === "constructor" ? undefined : server[name];
    return typeof method === "function" ? [[name, method.bind(server) as unknown] as const] : [];
  });
  return Object.fromEntries(methods) as MethodsOf<S>;
}

async function answer(methods: ThreadMethods, { id, method, args }: CallMessage): Promise<ReplyMessage> {
  try {
    const run = methods[method];
    if (!run) throw new Error(`No such method: ${method}`);
    return { kind: "reply", id, value: await run(...args) };
  } catch (error) {
    if (error instanceof XmtpTestError) {
      return { kind: "error", id, error: new Error(error.what), code: error.code, hint: error.hint };
    }
    return { kind: "error", id, error: toError(error) };
  }
}
