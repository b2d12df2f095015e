import { WatchedPromise } from "../async/watched-promise.js";
import { XmtpTestError } from "../errors.js";
import type { typeofStream, typeOfSync } from "../ledger/events.js";
import type { SdkModule } from "./sdk/types.js";
import { checkStreamType } from "./streams/stream-set.js";
import { fileSizes } from "./client/file-sizes.js";
import type { FileSizes } from "./client/file-sizes.js";
import { checkOptionObject } from "./registry/worker-defaults.js";
import { ConversingWorker } from "./verbs/conversing.js";
import type { BaseOptions } from "./verbs/worker-base.js";

export interface WorkerOptions extends BaseOptions {
  /** Makes a further installation of this worker's identity, registered beside it. */
  addInstallation(of: Worker): Promise<Worker>;
  /** An installed node-sdk, by version. */
  loadSdk(version: string): Promise<SdkModule>;
  /** What the node has counted at this worker's port; undefined where it has none. */
  calls(): Promise<ApiCalls | undefined>;
}

/** How many calls of each gRPC method a client has made, for example `{ SendGroupMessages: 2 }`. */
export type ApiCalls = Readonly<Record<string, number>>;

export interface ReopenOptions {
  /** Default: the version that the worker runs on. */
  readonly sdkVersion?: string;
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
  /** Starts under way, by stream type. */
  readonly #starts = new Map<typeofStream, number>();

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
    return this.life.activity.streams.activeTypes;
  }

  /** Stream types whose start has been asked for, awaited or not, and has not settled. */
  get startingStreamTypes(): ReadonlySet<typeofStream> {
    return new Set(this.#starts.keys());
  }

  get activeSyncTypes(): ReadonlySet<typeOfSync> {
    return this.life.activity.syncs.activeTypes;
  }

  /** Aborting a type's controller ends that type, as `endStream(type)` does. */
  get streamControllers(): ReadonlyMap<typeofStream, AbortController> {
    return this.life.activity.streams.controllers;
  }

  /**
   * Starts a stream type; resolves once the node has answered. Starting an active type does nothing.
   * May be left unawaited: a failure is then raised by the next verb, or fails the test at its end.
   *
   * @throws XmtpTestError `STREAM_START` when the node does not answer within `startTimeoutMs`
   */
  startStream(type: typeofStream): Promise<void> {
    checkStreamType(type);
    this.#starts.set(type, (this.#starts.get(type) ?? 0) + 1);
    const work = this.step(
      `${this.name} starts the ${type} stream`,
      () => this.life.whileOpen(() => this.life.activity.streams.start(type)),
      { box: true },
    ).finally(() => {
      const left = (this.#starts.get(type) ?? 1) - 1;
      if (left > 0) this.#starts.set(type, left);
      else this.#starts.delete(type);
    });
    return WatchedPromise.of(work, (error) => this.failures.add(`start of the ${type} stream`, error));
  }

  /** Ends one stream type, or all; no event arrives once it has resolved. Idempotent. */
  async endStream(type?: typeofStream): Promise<void> {
    await this.step(
      `${this.name} ends ${type === undefined ? "all streams" : `the ${type} stream`}`,
      () => this.life.endStream(type),
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
      () => this.life.whileOpen(() => this.life.activity.syncs.start(type, intervalMs)),
      { box: true },
    );
  }

  /** Stops one type of sync, or all; resolves when a sync under way has ended. Idempotent. */
  async endSync(type?: typeOfSync): Promise<void> {
    await this.step(`${this.name} stops to sync`, () => this.life.endSync(type), { box: true });
  }

  /**
   * Cuts the client off: ends its streams and syncs, releases its database; verbs are refused until `goOnline`.
   *
   * @throws XmtpTestError `WORKER_OFFLINE` when it is offline already
   */
  async goOffline(): Promise<void> {
    await this.step(`${this.name} goes offline`, () => this.life.goOffline(), { box: true });
  }

  /**
   * Brings the client back, with the streams and syncs it had; what it missed is recorded with source "gap".
   * All of them start again, or the worker stays offline and keeps them for the next `goOnline`. Does nothing online.
   *
   * @throws what kept a stream or sync from starting
   */
  async goOnline(): Promise<void> {
    await this.step(`${this.name} goes online`, () => this.life.goOnline(), { box: true });
  }

  /** Adds an installation of the same identity, as a worker of its own (`alice` gives `alice-b`). */
  async addNewInstallation(): Promise<Worker> {
    return await this.step(
      `${this.name} adds an installation`,
      () => this.verb(() => this.#options.addInstallation(this)),
      { box: true },
    );
  }

  /**
   * Throws this installation away and makes a new one of the same identity, with an empty database, online, without
   * streams and syncs. When it fails, the worker has no client until `reinstall` or `reopen` succeeds.
   *
   * @throws XmtpTestError `WORKER_CREATE`
   */
  async reinstall(): Promise<void> {
    await this.step(`${this.name} reinstalls`, () => this.life.reinstall(), { box: true });
  }

  /**
   * Closes the client and opens its database again, as an app does that is restarted: same installation, same streams
   * and syncs, what came meanwhile recorded with source "gap". With `sdkVersion`, under another installed node-sdk
   * ("4.6.0", or "4.6" for the newest of these): an upgrade, or the way back.
   *
   * A database that a newer version has written may be unreadable for an older one (`SDK_DATABASE` when it is read).
   * When it fails, the worker has no client until `reopen` or `reinstall` succeeds; the database is kept.
   *
   * @throws XmtpTestError `SDK_VERSION`, `SDK_BINDING` (nothing is closed then), `WORKER_CREATE`
   */
  async reopen(options: ReopenOptions = {}): Promise<void> {
    checkOptionObject("reopen", options, new Set(["sdkVersion"]));
    const { sdkVersion = this.sdkVersion } = options;
    await this.step(
      `${this.name} reopens its database with node-sdk ${sdkVersion}`,
      () => this.life.reopen(() => this.#options.loadSdk(sdkVersion)),
      { box: true },
    );
  }

  /**
   * Sizes of the database's files, in bytes; 0 for one that is not there. `database` alone lags behind what was
   * stored: SQLite moves it over from `writeAheadLog` now and then.
   */
  async fileSizes(): Promise<FileSizes> {
    return await fileSizes(this.dbPath);
  }

  /**
   * The calls that this worker's client has made so far, by gRPC method, counted by the embedded node at the worker's
   * own port. Methods that were never called are not in it. Streams count when they subscribe.
   *
   * @example const before = await alice.apiCalls(); await act(); const after = await alice.apiCalls();
   * @throws XmtpTestError `CALLS_NOT_COUNTED` for a worker without a port: on a network by URL, or without `chaos`
   */
  async apiCalls(): Promise<ApiCalls> {
    const counted = await this.#options.calls();
    if (counted) return counted;
    throw new XmtpTestError(
      "CALLS_NOT_COUNTED",
      `The calls of ${this.name} are not counted: it has no port of its own at the node (network: ${this.env}).`,
      "Use the embedded node, and name the fixture `chaos` in the test: it gives each worker a port.",
    );
  }

  /** Ends everything of this worker: syncs, streams (awaited), client, files. Idempotent. */
  async terminate(): Promise<void> {
    await this.life.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }
}

/** The former name of what a worker does on demand: its verbs stand on `Worker` now */
export type WorkerClient = Worker;
