import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { NodeStats } from "#src/network/index.js";

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** The embedded node in a process of its own: the same server as in its thread, with memory that can be weighed. */
export class NodeProcess implements AsyncDisposable {
  readonly url: string;
  readonly historyUrl: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #calls: Calls;

  private constructor(child: ChildProcess, calls: Calls, ports: { port: number; historyPort: number }) {
    this.#child = child;
    this.#calls = calls;
    this.port = ports.port;
    this.url = `http://127.0.0.1:${ports.port}`;
    this.historyUrl = `http://127.0.0.1:${ports.historyPort}`;
  }

  static async start(): Promise<NodeProcess> {
    const host = fileURLToPath(new URL("host.mjs", import.meta.url));
    const child = fork(host, { execArgv: ["--expose-gc"] });
    const calls = new Calls(child);
    await calls.ready;
    const ports = (await calls.call("ports")) as { port: number; historyPort: number };
    return new NodeProcess(child, calls, ports);
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  stats(): Promise<NodeStats> {
    return this.#calls.call("stats") as Promise<NodeStats>;
  }

  /** Bytes in use after a full collection. */
  memory(): Promise<number> {
    return this.#calls.call("memory") as Promise<number>;
  }

  async waitForSubscriptions(n: number, timeoutMs: number): Promise<void> {
    await this.#calls.call("waitForSubscriptions", n, timeoutMs);
  }

  async snapshot(file: string): Promise<void> {
    await this.#calls.call("snapshot", file);
  }

  async restore(file: string): Promise<void> {
    await this.#calls.call("restore", file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.alive) return;
    const gone = once(this.#child, "exit");
    this.#child.disconnect();
    await gone;
  }
}

/** Questions to the process, each answered once; all fail when it ends. */
class Calls {
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #nextId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ready = this.#wait().then(() => undefined);
    child.on("message", (message) => {
      const { id, value, error } = message as Answer;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    });
    child.on("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`The node ended: ${code ?? signal}.`));
      this.#waiting.clear();
    });
  }

  call(method: string, ...args: unknown[]): Promise<unknown> {
    const id = this.#nextId;
    const answer = this.#wait();
    this.#child.send({ id, method, args });
    return answer;
  }

  #wait(): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }
}
