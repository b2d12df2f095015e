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
 * A named XMTP client under test.
 *
 * `client` is the real `@xmtp/node-sdk` client; this package adds the verbs: streams and syncs on demand, collectors,
 * conversations that work the same on every SDK version, and teardown. No stream or sync is active at first.
 *
 * Every verb first throws what has failed in the background since the last one, and names the worker it belongs to.
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

  /** This worker itself, for suites that write `bob.worker.startStream(…)`. */
  get worker(): this {
    return this;
  }

  /** Stream types that were started and not ended, those that are still starting included; as of now. */
  get activeStreamTypes(): ReadonlySet<typeofStream> {
    return this.life.activity.streams.activeTypes;
  }

  /** Stream types that are still starting, whether or not the start was awaited. */
  get startingStreamTypes(): ReadonlySet<typeofStream> {
    return new Set(this.#starts.keys());
  }

  /** Sync types that were started and not ended; as of now. */
  get activeSyncTypes(): ReadonlySet<typeOfSync> {
    return this.life.activity.syncs.activeTypes;
  }

  /** Aborting a type's controller ends that type, as `endStream(type)` does. */
  get streamControllers(): ReadonlyMap<typeofStream, AbortController> {
    return this.life.activity.streams.controllers;
  }

  /**
   * Starts a stream type; resolves once the node has answered. Starting an active type does nothing.
   * It may be left unawaited: the next verb then throws a failure, or the test fails when it ends.
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
   * @throws what the first sync threw; the next verb throws later errors, or the test fails when it ends
   */
  async startSync(type: typeOfSync, intervalMs = 10_000): Promise<void> {
    await this.step(
      `${this.name} starts to sync (${type})`,
      () => this.life.whileOpen(() => this.life.activity.syncs.start(type, intervalMs)),
      { box: true },
    );
  }

  /** Stops one type of sync, or all; resolves once a running sync has ended. Idempotent. */
  async endSync(type?: typeOfSync): Promise<void> {
    await this.step(`${this.name} stops to sync`, () => this.life.endSync(type), { box: true });
  }

  /**
   * Takes the client offline: ends its streams and syncs and releases its database. Verbs throw until `goOnline`.
   *
   * @throws XmtpTestError `WORKER_OFFLINE` if it is already offline
   */
  async goOffline(): Promise<void> {
    await this.step(`${this.name} goes offline`, () => this.life.goOffline(), { box: true });
  }

  /**
   * Brings the client back with the streams and syncs it had. What it missed is recorded with source "gap".
   * If one cannot be restarted, the worker stays offline and the next `goOnline` tries again. Does nothing when online.
   *
   * @throws what kept a stream or sync from starting
   */
  async goOnline(): Promise<void> {
    await this.step(`${this.name} goes online`, () => this.life.goOnline(), { box: true });
  }

  /** Adds an installation of the same identity, as a separate worker (`alice` gives `alice-b`). */
  async addNewInstallation(): Promise<Worker> {
    return await this.step(
      `${this.name} adds an installation`,
      () => this.verb(() => this.#options.addInstallation(this)),
      { box: true },
    );
  }

  /**
   * Discards this installation and creates a new one of the same identity: online, with an empty database and no
   * streams or syncs. If this fails, the worker has no client until `reinstall` or `reopen` succeeds.
   *
   * @throws XmtpTestError `WORKER_CREATE`
   */
  async reinstall(): Promise<void> {
    await this.step(`${this.name} reinstalls`, () => this.life.reinstall(), { box: true });
  }

  /**
   * Closes the client and reopens its database, like an app that restarts: same installation, same streams and syncs;
   * what arrived in between is recorded with source "gap". `sdkVersion` opens it with another installed node-sdk
   * ("4.6.0", or "4.6" for the newest 4.6): an upgrade or a downgrade.
   *
   * An older version may be unable to read a newer version's database (`SDK_DATABASE` when it is read). If this
   * fails, the worker has no client until `reopen` or `reinstall` succeeds; the database is kept.
   *
   * @throws XmtpTestError `SDK_VERSION`, `SDK_BINDING` (before anything is closed), `WORKER_CREATE`
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
   * Sizes of the database's files in bytes; 0 for a missing file. `database` lags behind what was stored: SQLite
   * copies it over from `writeAheadLog` from time to time.
   */
  async fileSizes(): Promise<FileSizes> {
    return await fileSizes(this.dbPath);
  }

  /**
   * How often this worker's client has called each gRPC method so far, counted by the embedded node at the worker's
   * own port. Methods that were never called are absent. A stream counts once, when it subscribes.
   *
   * @example const before = await alice.apiCalls(); await act(); const after = await alice.apiCalls();
   * @throws XmtpTestError `CALLS_NOT_COUNTED` for a worker without its own port: on an external node, or without `chaos`
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

  /** Ends this worker: syncs, streams (awaited), client and files. Idempotent. */
  async terminate(): Promise<void> {
    await this.life.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }
}

/** The former name of the type of `worker.worker`. Its verbs are on {@link Worker} now. */
export type WorkerClient = Worker;
