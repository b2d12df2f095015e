import { WatchedPromise } from "../async/watched-promise.js";
import type { typeofStream, typeOfSync } from "../ledger/events.js";
import type { Paused } from "./client/activity.js";
import { ConversingWorker } from "./verbs/conversing.js";
import type { BaseOptions } from "./verbs/worker-base.js";

export interface WorkerOptions extends BaseOptions {
  /** Makes a further installation of this worker's identity, registered beside it. */
  addInstallation(of: Worker): Promise<Worker>;
}

/**
 * An XMTP client under test, with a name.
 *
 * `client` is the real `@xmtp/node-sdk` client; the verbs are what this package adds: streams and syncs on demand,
 * collectors, conversations for every SDK version, and its end. Nothing is active at start: no stream, no sync.
 *
 * Every verb first raises what failed in the background since the last one, with its owner.
 */
export class Worker extends ConversingWorker implements AsyncDisposable {
  readonly #options: WorkerOptions;
  #paused: Paused | undefined;

  /** @internal workers come from `getWorkers` or the fixtures */
  constructor(options: WorkerOptions) {
    super(options);
    this.#options = options;
  }

  /** This worker, by the name that its verbs once stood on: `bob.worker.startStream(…)`. */
  get worker(): this {
    return this;
  }

  get activeStreamTypes(): ReadonlySet<typeofStream> {
    return this.activity.streams.activeTypes;
  }

  get activeSyncTypes(): ReadonlySet<typeOfSync> {
    return this.activity.syncs.activeTypes;
  }

  /** Aborting a type's controller ends that type, as `endStream(type)` does. */
  get streamControllers(): ReadonlyMap<typeofStream, AbortController> {
    return this.activity.streams.controllers;
  }

  /**
   * Starts a stream type; resolves once the node has answered. Starting an active type does nothing.
   * May be left un-awaited: a failure is then raised by the next verb, or fails the test at its end.
   *
   * @throws XmtpTestError `STREAM_START` when the node does not answer within `startTimeoutMs`
   */
  startStream(type: typeofStream): Promise<void> {
    const work = this.step(
      `${this.name} starts the ${type} stream`,
      () => this.verb(() => this.activity.streams.start(type)),
      { box: true },
    );
    return WatchedPromise.of(work, (error) => this.failures.add(`start of the ${type} stream`, error));
  }

  /** Ends one stream type, or all; resolves when no event of it can come any more. Idempotent. */
  async endStream(type?: typeofStream): Promise<void> {
    await this.step(
      `${this.name} ends ${type === undefined ? "all streams" : `the ${type} stream`}`,
      () =>
        this.verb(async () => {
          await this.activity.streams.end(type);
          await this.activity.responder.idle();
        }),
      { box: true },
    );
  }

  /**
   * Syncs now, then again `intervalMs` after each sync has ended (default 10,000 ms), never overlapping.
   *
   * @throws what the first sync threw; later errors are raised by the next verb or fail the test at its end
   */
  async startSync(type: typeOfSync, intervalMs = 10_000): Promise<void> {
    await this.step(
      `${this.name} starts to sync (${type})`,
      () => this.verb(() => this.activity.syncs.start(type, intervalMs)),
      { box: true },
    );
  }

  /** Stops one type of sync, or all; resolves when a sync under way has ended. Idempotent. */
  async endSync(type?: typeOfSync): Promise<void> {
    await this.step(`${this.name} stops to sync`, () => this.verb(() => this.activity.syncs.end(type)), {
      box: true,
    });
  }

  /** Cuts the client off: ends its streams and syncs, releases its database; verbs are refused until `goOnline`. */
  async goOffline(): Promise<void> {
    await this.step(
      `${this.name} goes offline`,
      () =>
        this.verb(async () => {
          const paused = await this.activity.pause();
          await this.holder.goOffline();
          this.#paused = paused;
          this.note("offline", "");
        }),
      { box: true },
    );
  }

  /** Brings the client back, with the streams and syncs it had; what it missed is recorded with source "gap". */
  async goOnline(): Promise<void> {
    await this.step(
      `${this.name} goes online`,
      () =>
        this.verb(async () => {
          const paused = this.#paused;
          if (!paused) return;
          this.#paused = undefined;
          await this.holder.goOnline();
          this.note("online", "");
          await this.activity.resume(paused);
        }),
      { box: true },
    );
  }

  /** Adds an installation of the same identity, as a worker of its own (`alice` gives `alice-b`). */
  async addNewInstallation(): Promise<Worker> {
    return await this.step(
      `${this.name} adds an installation`,
      () => this.verb(() => this.#options.addInstallation(this)),
      { box: true },
    );
  }

  /** Throws this installation away and makes a new one of the same identity, with an empty database. */
  async reinstall(): Promise<void> {
    await this.step(
      `${this.name} reinstalls`,
      () =>
        this.verb(async () => {
          await this.activity.pause();
          await this.holder.reinstall();
          this.note("reinstalled", "");
        }),
      { box: true },
    );
  }

  /** Ends everything of this worker: syncs, streams (awaited), client, files. Idempotent. */
  async terminate(): Promise<void> {
    this.terminated ??= this.#end();
    await this.terminated;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }

  async #end(): Promise<void> {
    const { activity, holder } = this;
    const errors: unknown[] = [];
    const ends = [
      () => activity.syncs.end(),
      () => activity.streams.end(),
      () => activity.responder.close(),
      () => holder.endOpened(),
      () => holder.close(),
      () => holder.removeFiles(),
    ];
    // Each part is ended whatever became of the one before it.
    for (const end of ends) await end().catch((error: unknown) => errors.push(error));
    this.note("terminated", "");
    if (errors.length > 0) throw new AggregateError(errors, `${this.name} could not be ended cleanly.`);
  }
}

/** The former name of what a worker does on demand: its verbs stand on `Worker` now */
export type WorkerClient = Worker;
