import { Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { clearTimeout, setTimeout } from "node:timers";
import { XmtpTestError, errorText, toError } from "../errors.js";
import { systemHint } from "./system-errors.js";
import { startError } from "./listening.js";
import type { FromThread, ThreadMethods } from "./protocol.js";

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface ThreadOptions {
  /** Name in messages and in `ps`, for example "XMTP node". */
  readonly name: string;
  /** Handed to the thread as `workerData`; structured-cloneable. */
  readonly data?: unknown;
  /** What of the data goes over to the thread. */
  readonly transfer?: readonly MessagePort[];
  /** How long the thread may take to say it is ready. Default 10,000 ms. */
  readonly startTimeoutMs?: number;
}

/**
 * A server in a worker thread, seen from the test's side: start it, call it, end it.
 *
 * Servers run off the test's event loop because a busy test would otherwise delay every packet
 * (measured: 20 ms of asked latency became 40 ms on a shared loop, 21 ms in a thread).
 * The thread never keeps the process alive.
 */
export class ThreadHost<M extends ThreadMethods> {
  readonly #worker: Worker;
  readonly #name: string;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, (value: unknown) => void>();
  #nextId = 1;
  #dead: Error | undefined;
  #tellDeath: (error: XmtpTestError) => void = () => undefined;
  /** Resolves when the thread ends by itself, with why; never when {@link terminate} ends it. */
  readonly died = new Promise<XmtpTestError>((resolve) => (this.#tellDeath = resolve));

  private constructor(worker: Worker, name: string) {
    this.#worker = worker;
    this.#name = name;
  }

  /**
   * Starts `entry` (a built JavaScript file that calls {@link serveThread}) and waits until it is ready.
   *
   * @returns the host, and the value the thread announced (for example its port)
   * @throws XmtpTestError the server's own; `PORT_IN_USE`, `BAD_PORT`, `BAD_HOST` when it cannot listen;
   *   `THREAD_START` when the thread fails or stays silent
   */
  static async start<M extends ThreadMethods>(
    entry: URL,
    options: ThreadOptions,
  ): Promise<{ host: ThreadHost<M>; ready: unknown }> {
    const { data: workerData, transfer = [], name } = options;
    const worker = new Worker(entry, { workerData, transferList: [...transfer], name, execArgv: [] });
    worker.unref();
    const host = new ThreadHost<M>(worker, options.name);
    const ready = await host.#untilReady(options.startTimeoutMs ?? 10_000);
    return { host, ready };
  }

  /** Calls a method of the thread's server. Rejects with the server's own error, or `THREAD_ENDED`. */
  call<K extends keyof M & string>(method: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ kind: "call", id, method, args });
    });
  }

  /** Hears what the thread reports under `name`; one listener a name. */
  onEvent(name: string, listener: (value: unknown) => void): void {
    this.#listeners.set(name, listener);
  }

  /** Ends the thread at once. Idempotent; pending calls reject with `THREAD_ENDED`. */
  async terminate(): Promise<void> {
    this.#tellDeath = () => undefined;
    this.#fail(
      new XmtpTestError(
        "THREAD_ENDED",
        `The ${this.#name} thread has been ended.`,
        "Do not use it after close().",
      ),
    );
    await this.#worker.terminate();
  }

  async #untilReady(timeoutMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const ready = new Promise<unknown>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(
          new XmtpTestError(
            "THREAD_START",
            `The ${this.#name} thread was not ready after ${timeoutMs} ms.`,
            "Is the machine overloaded?",
          ),
        );
      }, timeoutMs);
      this.#onDeath = reject;
      this.#worker.on("message", (message: FromThread) => {
        if (message.kind === "ready") resolve(message.value);
        else this.#take(message);
      });
    });
    this.#worker.on("error", (error) => this.#fail(this.#deathBy(error), toError(error)));
    this.#worker.on("exit", (code) => {
      this.#fail(this.#deathBy(new Error(`exit code ${code}`)));
    });
    try {
      return await ready;
    } catch (error) {
      await this.#worker.terminate();
      throw startError(this.#name, error);
    } finally {
      clearTimeout(timer);
    }
  }

  #onDeath: (error: Error) => void = () => undefined;

  #take(message: Exclude<FromThread, { kind: "ready" }>): void {
    if (message.kind === "event") {
      this.#listeners.get(message.name)?.(message.value);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === "reply") pending?.resolve(message.value);
    else
      pending?.reject(
        message.code
          ? new XmtpTestError(message.code, toError(message.error).message, message.hint ?? "")
          : toError(message.error),
      );
  }

  #deathBy(cause: unknown): XmtpTestError {
    return new XmtpTestError(
      "THREAD_ENDED",
      `The ${this.#name} thread ended by itself (${errorText(cause)}).`,
      systemHint(cause) ?? "Its servers are gone: start again, and report the cause if it is none of yours.",
      { cause },
    );
  }

  #fail(error: XmtpTestError, cause: Error = error): void {
    this.#dead ??= error;
    this.#onDeath(cause);
    this.#tellDeath(error);
    for (const pending of this.#pending.values()) pending.reject(this.#dead);
    this.#pending.clear();
  }
}
