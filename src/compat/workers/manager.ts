import type { typeofStream, WorkerManager as Native } from "../../../fixtures/index.js";
import { typeOfSync } from "../../../fixtures/index.js";
import { within } from "../../async/deadline.js";
import { variable } from "../../environment.js";
import { XmtpTestError } from "../../errors.js";
import type { CompatGroup } from "../sdk/types.js";
import type { Worker } from "./worker.js";
import { installationThreshold } from "./worker-client.js";

/** How long a worker may take to say whether a group of its own is forked, ms. */
const forkCheckMs = 10_000;

/** Several workers. `getReceiver` and `getRandomWorker` follow the test's seed, not `Math.random`. */
export class WorkerManager implements Iterable<Worker> {
  readonly #workers: Worker[];
  readonly #native: Native;

  /** `getWorkers` makes it. */
  constructor(native: Native, workers: readonly Worker[]) {
    this.#native = native;
    this.#workers = [...workers];
  }

  /** This package's own manager underneath. */
  get native(): Native {
    return this.#native;
  }

  /** By name, by name and installation (default "a", else its only one), or by place. Undefined for a stranger. */
  get(name: string | number, installation?: string): Worker | undefined {
    if (typeof name === "number") {
      const found = this.#workers[name];
      if (found) return found;
      throw unknown(`number ${name}`, this.#workers);
    }
    const [base = "", ...words] = name.trim().split("-");
    const folder = installation ?? (words.length > 0 ? words.join("-") : "a");
    const own = this.#workers.filter((worker) => worker.name === base.trim());
    return (
      own.find((worker) => worker.folder === folder) ?? (installation === undefined ? own[0] : undefined)
    );
  }

  /** @throws XmtpTestError `UNKNOWN_WORKER` */
  mustGet(name: string | number, installation?: string): Worker {
    const found = this.get(name, installation);
    if (found) return found;
    throw unknown(`"${name}${installation === undefined ? "" : `-${installation}`}"`, this.#workers);
  }

  /** In the order they were asked for. */
  getAll(): Worker[] {
    return [...this.#workers];
  }

  /** The same, by its oldest name. */
  getWorkers(): Worker[] {
    return this.getAll();
  }

  /** All but those of this base name, with all its installations. */
  getAllBut(name: string): Worker[] {
    return this.#workers.filter((worker) => worker.name !== name);
  }

  /** All but the creator and its other installations. */
  getAllButCreator(): Worker[] {
    return this.getAllBut(this.getCreator().name);
  }

  /** The first name that was asked for; in the suites' own, the first client that came up. */
  getCreator(): Worker {
    return this.mustGet(0);
  }

  /** @throws XmtpTestError `NO_WORKERS` where there is none but the creator */
  getReceiver(): Worker {
    const receiver = this.#native.getReceiver();
    return this.#workers.find(({ native }) => native === receiver) ?? (this.getAllButCreator()[0] as Worker);
  }

  /**
   * `count` different workers, drawn from the test's seed, so that a run can be repeated; all, where there are fewer.
   */
  getRandomWorkers(count: number): Worker[] {
    const drawn = this.#native.getRandomWorkers(Math.min(count, this.#workers.length));
    return this.#workers.filter(({ native }) => drawn.includes(native));
  }

  /** One worker, drawn from the test's seed. */
  getRandomWorker(): Worker {
    return this.getRandomWorkers(1)[0] as Worker;
  }

  /** The same as `getCreator`, which throws too. */
  mustGetCreator(): Worker {
    return this.getCreator();
  }

  /** The same as `getReceiver`, which throws too. */
  mustGetReceiver(): Worker {
    return this.getReceiver();
  }

  /** The same as `getRandomWorker`. */
  mustGetRandomWorker(): Worker {
    return this.getRandomWorker();
  }

  /** How many workers it has. */
  getLength(): number {
    return this.#workers.length;
  }

  /** The first worker's SDK version; "unknown" where there is none. */
  getVersion(): string {
    return this.#workers[0]?.sdkVersion ?? "unknown";
  }

  /** Adds a worker at the end, under its own name: the two before it are ignored. It takes no part in draws. */
  addWorker(_baseName: string, _installation: string, worker: Worker): void {
    this.#workers.push(worker);
  }

  /**
   * The creator makes a group of all the others.
   *
   * @param members names of workers: only these; inbox ids: these besides
   */
  async createGroupBetweenAll(
    groupName = `Test Group ${++groups}`,
    members: readonly string[] | null = null,
  ): Promise<CompatGroup> {
    const creator = this.getCreator();
    const named = (members ?? []).map((name) => this.get(name));
    const chosen = named.length > 0 && named.every((one) => one !== undefined) ? named : undefined;
    const inboxIds = (chosen ?? this.getAllButCreator()).map(({ inboxId }) => inboxId);
    const more = chosen ? [] : (members ?? []);
    const others = new Set([...inboxIds, ...more]);
    others.delete(creator.inboxId);
    return await creator.client.conversations.createGroup([...others], { groupName });
  }

  /** The creator makes a group of all the others. */
  async createGroup(groupName?: string): Promise<CompatGroup> {
    return await this.createGroupBetweenAll(groupName);
  }

  /**
   * Starts this stream on every worker. Unawaited, as suites write it: a verify helper waits until it is live. What
   * fails in it fails the describe.
   */
  startStream(type: typeofStream): Promise<void> {
    return together(this.#workers.map((worker) => worker.worker.startStream(type)));
  }

  /** Ends this stream on every worker; all streams, where no type is given. */
  endStream(type?: typeofStream): Promise<void> {
    return together(this.#workers.map((worker) => worker.worker.endStream(type)));
  }

  /**
   * Every worker's own word on its conversations, from its database: no line is needed. `native.checkForks()` compares
   * the workers with each other.
   *
   * @throws XmtpTestError `FORKED`
   */
  async checkForks(): Promise<void> {
    for (const worker of this.#workers) {
      const all = await worker.client.conversations.list();
      await Promise.all(all.map((conversation) => notForked(worker, conversation)));
    }
  }

  /**
   * The same for one group, after a sync. A worker that does not answer in 10 s is left out.
   *
   * @returns the highest epoch; the suites' own returns 0
   */
  async checkForksForGroup(groupId: string): Promise<bigint> {
    const epochs = await Promise.all(
      this.#workers.map(async (worker) => {
        const group = await worker.client.conversations.getConversationById(groupId);
        if (!group) return 0n;
        const what = `${worker.name} syncs ${groupId}`;
        try {
          await within(group.sync(), forkCheckMs, "COMPAT_TIMEOUT", what, "Is its line cut?");
        } catch (error) {
          console.warn(error);
        }
        return await notForked(worker, group);
      }),
    );
    return epochs.reduce((most, epoch) => (epoch > most ? epoch : most), 0n);
  }

  /** Reads and clears each client's API counters. Judges and prints nothing: `worker.getStats()` gives them. */
  async checkStatistics(): Promise<void> {
    for (const worker of this.#workers) await worker.worker.getStats();
  }

  /** Prints each worker's name, address, SDK version and database size in bytes. */
  async printWorkers(): Promise<void> {
    for (const { name, folder, address, sdk, worker } of this.#workers) {
      const { total } = await worker.getSQLiteFileSizes();
      console.debug(`${name}-${folder} ${address} node-sdk ${sdk} ${total} bytes`);
    }
  }

  /** Each worker revokes its inbox's other installations, where there are more than `threshold` (default 5). */
  async revokeExcessInstallations(threshold = installationThreshold): Promise<void> {
    for (const worker of this.#workers) await worker.worker.revokeExcessInstallations(threshold);
  }

  /** Starts the syncs that `SYNC_STRATEGY` names: `all`, `sync` or `both`. */
  checkCLI(): void {
    const strategy = variable("SYNC_STRATEGY");
    const type = { all: typeOfSync.SyncAll, sync: typeOfSync.Sync, both: typeOfSync.Both }[strategy ?? ""];
    if (type !== undefined) void together(this.#workers.map(({ worker }) => worker.startSync(type)));
  }

  /** Cuts all workers off; what is left is given back at the describe's end. */
  async terminateAll(_deleteDbs = false): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
  }

  /** In the order of `getAll`. */
  [Symbol.iterator](): Iterator<Worker> {
    return this.#workers[Symbol.iterator]();
  }
}

let groups = 0;

async function notForked(
  worker: Worker,
  conversation: {
    readonly id: string;
    debugInfo(): Promise<{ maybeForked: boolean; epoch: number | bigint }>;
  },
): Promise<bigint> {
  const { maybeForked, epoch } = await conversation.debugInfo();
  if (!maybeForked) return BigInt(epoch);
  throw new XmtpTestError(
    "FORKED",
    `${worker.name} says that ${conversation.id} may have forked at epoch ${epoch}.`,
    "Compare the installations with expect(workers).toHaveConverged(id).",
  );
}

function together(work: readonly Promise<void>[]): Promise<void> {
  const all = Promise.all(work).then(() => undefined);
  // Each one's failure is kept by its worker.
  all.catch(() => undefined);
  return all;
}

function unknown(what: string, workers: readonly Worker[]): XmtpTestError {
  const known = workers.map(({ name, folder }) => `${name}-${folder}`).join(", ");
  return new XmtpTestError("UNKNOWN_WORKER", `There is no worker ${what}.`, `Known: ${known || "none"}.`);
}
