import { within } from "../async/deadline.js";
import { timeoutOf } from "../async/timeout.js";
import type { TimeoutOption } from "../async/timeout.js";
import { errorText, XmtpTestError } from "../errors.js";
import { forkStatus } from "../oracles/index.js";
import { SeededRandom } from "../random.js";
import { parseDescriptor } from "./registry/names.js";
import type { WorkerNames } from "./registry/names.js";
import type { WorkerGroup } from "./verbs/conversing.js";
import type { typeofStream } from "../ledger/events.js";
import type { TestLedger } from "../ledger/ledger.js";
import type { InboxLike } from "../ledger/party.js";
import type { ConversationSnapshot, ForkStatus } from "../ledger/snapshot.js";
import type { StepFunction } from "../steps.js";
import type { Worker } from "./worker.js";

export interface ManagerOptions {
  /** In the order their names were given. */
  readonly workers: readonly Worker[];
  /** The names as they were asked for, in the same order. */
  readonly asked: readonly string[];
  readonly ledger: TestLedger;
  readonly seed: number | string;
  readonly step: StepFunction;
  /** Ends the workers, and whatever was started for them. */
  terminate(): Promise<void>;
}

/** What `checkForks` found for one conversation on one worker. */
export interface ForkReport {
  readonly worker: string;
  readonly conversationId: string;
  /** `unknown` is not healthy: the commit log has not been reconciled, or the worker did not answer in time. */
  readonly fork: ForkStatus;
  /** Why: the verdict's reason, else what the SDK said; "" where there is nothing to say. */
  readonly detail: string;
}

type NameOf<N> = N extends readonly string[] ? N[number] : N extends number ? never : keyof N & string;
/** Names known only as "some string" say nothing; those that are methods here stay methods. */
type Known<K extends string> = string extends K ? never : Exclude<K, keyof WorkerManager>;

/** Several workers, created together; each is also a property: `const { alice, bob } = await getWorkers(["alice", "bob"])`. */
export type Workers<N extends WorkerNames = WorkerNames> = WorkerManager<N> & {
  readonly [K in Known<NameOf<N>>]: Worker;
};

/** All workers of a list of names, one for each, where the names are known to the compiler. */
export type WorkerList<N extends WorkerNames> = N extends readonly string[]
  ? { -readonly [At in keyof N]: Worker }
  : Worker[];

/** Several workers, created together. Iterable; disposing it ends them all. */
export class WorkerManager<N extends WorkerNames = WorkerNames> implements Iterable<Worker>, AsyncDisposable {
  readonly #options: ManagerOptions;
  readonly #receivers: SeededRandom;
  readonly #draws: SeededRandom;

  /** @internal managers come from `getWorkers` or the fixtures */
  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#receivers = new SeededRandom(options.seed, "receiver");
    this.#draws = new SeededRandom(options.seed, "workers");
    options.workers.forEach((worker, at) => {
      for (const name of [worker.name, options.asked[at] ?? worker.name]) {
        // A property "then" would make this a promise to whoever awaits it.
        if (name in this || name === "then") continue;
        Object.defineProperty(this, name, { value: worker, enumerable: true });
      }
    });
  }

  /** How many workers there are. */
  get length(): number {
    return this.#options.workers.length;
  }

  /** The whole test's ledger. */
  get events(): TestLedger {
    return this.#options.ledger;
  }

  /**
   * A worker by name (`alice`, `alice-b`, `alice-b-4.6.0`), or by name and installation.
   *
   * @throws XmtpTestError `UNKNOWN_WORKER` with the known names
   */
  get(name: string, installation?: string): Worker {
    const wanted = parseDescriptor(installation === undefined ? name : `${name}-${installation}`);
    const found = this.#options.workers.find((worker) => worker.name === wanted.name);
    if (!found || (wanted.sdkVersion !== undefined && wanted.sdkVersion !== found.sdkVersion)) {
      const known = this.#options.workers.map((worker) => `${worker.name} (${worker.sdkVersion})`).join(", ");
      throw new XmtpTestError(
        "UNKNOWN_WORKER",
        `There is no worker "${name}${installation ? `-${installation}` : ""}".`,
        `Known: ${known || "none"}.`,
      );
    }
    return found;
  }

  /** In the order of their names; a tuple where the names are known: `const [alice, bob] = workers.getAll()`. */
  getAll(): WorkerList<N> {
    return [...this.#options.workers] as WorkerList<N>;
  }

  /**
   * All but the worker of this name, in the order they were asked for; its other installations (`alice-b`) stay.
   *
   * @throws XmtpTestError `UNKNOWN_WORKER` with the known names
   */
  getAllBut(name: string): Worker[] {
    const left = this.get(name);
    return this.#options.workers.filter((worker) => worker !== left);
  }

  /** All but the creator, the creator's other installations included. */
  getAllButCreator(): Worker[] {
    return this.getAllBut(this.getCreator().name);
  }

  /** The first named worker. */
  getCreator(): Worker {
    const [creator] = this.#options.workers;
    if (!creator)
      throw new XmtpTestError(
        "NO_WORKERS",
        "There is no worker in this manager.",
        "Ask for at least one name.",
      );
    return creator;
  }

  /** One of the others, drawn from the test's seed. */
  getReceiver(): Worker {
    const others = this.getAllButCreator();
    if (others.length === 0)
      throw new XmtpTestError(
        "NO_WORKERS",
        "There is no worker but the creator.",
        "Ask for at least two names.",
      );
    return this.#receivers.pick(others);
  }

  /** `count` different workers, drawn from the test's seed. @throws XmtpTestError `INVALID_COUNT` */
  getRandomWorkers(count: number): Worker[] {
    if (!Number.isInteger(count) || count < 0 || count > this.length) {
      throw new XmtpTestError(
        "INVALID_COUNT",
        `${count} of ${this.length} workers were requested.`,
        `Ask for 0 to ${this.length}.`,
      );
    }
    return this.#draws.sample([...this.#options.workers], count);
  }

  /**
   * Creates a group of all workers and of `members` (apps or inbox ids); the creator is its owner.
   *
   * @param name default: "Group of alice, bob, carol", with the first three of its workers
   *
   * @returns the creator's group; the others have it after their next sync, or when their stream delivers it
   */
  async createGroupBetweenAll(name?: string, members: readonly InboxLike[] = []): Promise<WorkerGroup> {
    const { step } = this.#options;
    const creator = this.getCreator();
    const names = this.#options.workers.slice(0, 3).map((worker) => worker.name);
    const more = this.length > names.length ? ` and ${this.length - names.length} more` : "";
    const title = name ?? `Group of ${names.join(", ")}${more}`;
    return await step(
      `${creator.name} creates the group "${title}"`,
      () => creator.createGroup([...this.getAllButCreator(), ...members], { name: title }),
      { box: true },
    );
  }

  /** Starts a stream type on all workers at once. */
  async startStream(type: typeofStream): Promise<void> {
    await Promise.all(this.#options.workers.map((worker) => worker.startStream(type)));
  }

  /** Ends a stream type, or all, on all workers. */
  async endStream(type?: typeofStream): Promise<void> {
    await Promise.all(this.#options.workers.map((worker) => worker.endStream(type)));
  }

  /**
   * Syncs every conversation of every worker and judges its fork status: what the SDK reports, and a comparison of
   * epoch authenticators between the workers.
   *
   * @param options how long each worker may take; one that does not answer in time is reported as `unknown`, with
   * what its database has. Default 30,000 ms
   * @returns a report per worker and conversation; `unknown` is reported, not hidden
   * @throws XmtpTestError `FORKED` if a conversation is forked
   */
  async checkForks(options: TimeoutOption = {}): Promise<readonly ForkReport[]> {
    const { step } = this.#options;
    const timeoutMs = timeoutOf(options, 30_000);
    return await step("check for forks", () => this.#checkForks(timeoutMs), { box: true });
  }

  /** Ends all workers: syncs, streams (awaited), clients, files. Idempotent. */
  async terminateAll(): Promise<void> {
    await this.#options.terminate();
  }

  [Symbol.iterator](): Iterator<Worker> {
    return this.#options.workers[Symbol.iterator]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminateAll();
  }

  async #checkForks(timeoutMs: number): Promise<readonly ForkReport[]> {
    const found = new Map<string, ConversationSnapshot[]>();
    const unreached: ForkReport[] = [];
    const all = await Promise.all(this.#options.workers.map((worker) => snapshotsOf(worker, timeoutMs)));
    for (const { snapshots, missing } of all) {
      for (const one of snapshots)
        found.set(one.conversationId, [...(found.get(one.conversationId) ?? []), one]);
      unreached.push(...missing);
    }
    const verdicts = [...found.values()].map((snapshots) => ({
      snapshots,
      verdict: forkStatus(snapshots, this.events),
    }));
    const forked = verdicts.flatMap(({ verdict }) => (verdict.status === "fail" ? verdict.offenders : []));
    if (forked.length > 0) {
      const list = forked.map(({ detail }) => detail).join("; ");
      throw new XmtpTestError(
        "FORKED",
        `Forked: ${list}.`,
        "Compare the installations with expect(workers).toHaveConverged(id).",
      );
    }
    const reports = verdicts.flatMap(({ snapshots, verdict }) =>
      snapshots.map(({ worker, conversationId, fork, forkDetail }) => ({
        worker,
        conversationId,
        fork: verdict.status === "pass" ? "healthy" : fork,
        detail: verdict.status === "inconclusive" ? verdict.reason : forkDetail,
      })),
    );
    return [...reports, ...unreached];
  }
}

/** A worker's conversations after a sync; without the sync's deadline, only their ids are known. */
async function snapshotsOf(
  worker: Worker,
  timeoutMs: number,
): Promise<{ readonly snapshots: readonly ConversationSnapshot[]; readonly missing: readonly ForkReport[] }> {
  const read = async (): Promise<ConversationSnapshot[]> => {
    const snapshots: ConversationSnapshot[] = [];
    await worker.sync();
    for (const { id } of await worker.conversations()) snapshots.push(await worker.snapshot(id));
    return snapshots;
  };
  const hint = "Is its line cut?";
  try {
    const what = `${worker.name} was not reached`;
    return { snapshots: await within(read(), timeoutMs, "FORKS_TIMEOUT", what, hint), missing: [] };
  } catch (error) {
    if (!(error instanceof XmtpTestError && error.code === "FORKS_TIMEOUT")) throw error;
    const known = await worker.conversations();
    const report = { worker: worker.name, fork: "unknown" as const, detail: errorText(error) };
    return { snapshots: [], missing: known.map(({ id }) => ({ ...report, conversationId: id })) };
  }
}
