import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { NodeStats } from "#src/network/index.js";

/** What an attack did to a node and to another client of it. */
export interface Damage extends NodeStats {
  /** CPU time of the longest turn of the node's event loop, ms. */
  readonly longestTurnMs: number;
  /** The most memory (RSS) that the node's process had, and what it had before, MiB. */
  readonly peakMiB: number;
  readonly beforeMiB: number;
  /** What the other client waited for, ms: at the attacked node, and at a node of the same kind at the same moments. */
  readonly waits: { readonly attacked: number; readonly control: number; readonly count: number };
  /** Calls of the other client that failed, and how. */
  readonly failed: readonly string[];
}

interface Figures extends NodeStats {
  readonly longestTurnMs: number;
  readonly peakMiB: number;
}

interface Heard {
  readonly waits: readonly (readonly [number, number])[];
  readonly failed: readonly string[];
}

/** A node to attack, one that is left alone, and a client of both, each in a process of its own. */
export class Rig implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly historyUrl: string;
  readonly #node: Child;
  readonly #control: Child;
  readonly #bystander: Child;

  private constructor(node: Child, control: Child, bystander: Child, ports: Ports) {
    this.#node = node;
    this.#control = control;
    this.#bystander = bystander;
    this.port = ports.port;
    this.url = `http://127.0.0.1:${ports.port}`;
    this.historyUrl = `http://127.0.0.1:${ports.historyPort}`;
  }

  static async open(): Promise<Rig> {
    const [node, control] = [new Child("node-process.mjs"), new Child("node-process.mjs")];
    const [ports, others] = await Promise.all([node.hears<Ports>(), control.hears<Ports>()]);
    const urls = [ports, others].map(({ port }) => `http://127.0.0.1:${port}`);
    const bystander = new Child("bystander.mjs", urls);
    await bystander.hears();
    return new Rig(node, control, bystander, ports);
  }

  /**
   * @param attack resolves when the damage is done, while its connections are still open
   * @param calls how many the other client makes at least
   */
  async damageOf(attack: () => Promise<void>, calls: number): Promise<Damage> {
    const { peakMiB: beforeMiB } = await this.#node.ask<Figures>("begin");
    await this.#bystander.ask("begin");
    await attack();
    let heard: Heard;
    do heard = await this.#bystander.ask<Heard>("so far");
    while (heard.waits.length < calls);
    const { waits, failed } = heard;
    const figures = await this.#node.ask<Figures>("end");
    const most = (at: 0 | 1): number => Math.max(...waits.map((pair) => pair[at]));
    return {
      ...figures,
      beforeMiB,
      failed,
      waits: { attacked: most(0), control: most(1), count: waits.length },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#bystander.end(), this.#node.end(), this.#control.end()]);
  }
}

interface Ports {
  readonly port: number;
  readonly historyPort: number;
}

class Child {
  readonly #process: ChildProcess;

  constructor(file: string, args: readonly string[] = []) {
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  }

  async hears<T>(): Promise<T> {
    const stop = new AbortController();
    const { signal } = stop;
    try {
      const ended = once(this.#process, "exit", { signal }).then(([code]) => {
        throw new Error(`The process ended (${String(code)}).`);
      });
      const [heard] = (await Promise.race([once(this.#process, "message", { signal }), ended])) as [T];
      return heard;
    } finally {
      // What was not heard first is heard no more: its rejection is expected.
      stop.abort();
    }
  }

  async ask<T>(question: string): Promise<T> {
    const heard = this.hears<T>();
    this.#process.send(question);
    return await heard;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }
}
