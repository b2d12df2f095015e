import { toError } from "../../errors.js";
import { writeBlob } from "../measuring/blob.js";
import type { NodeBlob } from "../measuring/blob.js";
import type { EmbeddedNode } from "../../network/index.js";
import type { LineFault } from "./line-faults.js";

/** How often the node is asked for its counts, ms. */
const everyMs = 2_000;

/** Looks at the embedded node while a run goes on. */
export class NodeWatch {
  readonly #node: EmbeddedNode;
  readonly #samples: NodeBlob["samples"][number][] = [];
  readonly #timer: NodeJS.Timeout;
  #turn: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(node: EmbeddedNode) {
    this.#node = node;
    this.#look();
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Takes the last figures, and writes all to the run's folder. */
  async end(folder: string, run: string, faults: readonly LineFault[]): Promise<void> {
    clearInterval(this.#timer);
    this.#look();
    await this.#turn;
    if (this.#failure !== undefined) throw this.#failure;
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    const cpuMs =
      first?.cpuMs === undefined || last?.cpuMs === undefined ? undefined : last.cpuMs - first.cpuMs;
    const samples = this.#samples;
    writeBlob(folder, "node", {
      kind: "node",
      version: 1,
      run,
      ...(cpuMs !== undefined && { cpuMs }),
      samples,
      faults,
    });
  }

  /** One question after the other; the first failure is told at the end. */
  #look(): void {
    this.#turn = this.#turn
      .then(async () => {
        const { cpuMs, openSubscriptions, deliveries, requests } = await this.#node.stats();
        this.#samples.push({
          at: Date.now() / 1000,
          ...(cpuMs !== undefined && { cpuMs }),
          openSubscriptions,
          deliveries,
          requests: Object.values(requests).reduce((sum, count) => sum + count, 0),
        });
      })
      .catch((error: unknown) => {
        this.#failure ??= toError(error);
      });
  }
}
