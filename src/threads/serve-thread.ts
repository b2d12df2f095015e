import { parentPort } from "node:worker_threads";
import { XmtpTestError, toError } from "../errors.js";
import type { CallMessage, ReplyMessage, ThreadMethods } from "./protocol.js";

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
