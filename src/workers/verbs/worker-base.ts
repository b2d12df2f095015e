import type { Client } from "@xmtp/node-sdk";
import { XmtpTestError } from "../../errors.js";
import type { LifecycleEvent } from "../../ledger/events.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import { WorkerEvents } from "../../ledger/worker-events.js";
import type { StepFunction } from "../../steps.js";
import { Activity } from "../client/activity.js";
import { BackgroundFailures } from "../client/background-failures.js";
import { ClientHolder } from "../client/client-holder.js";
import type { HolderOptions } from "../client/client-holder.js";

export interface BaseOptions extends HolderOptions {
  readonly step: StepFunction;
}

/** What every verb of a worker stands on: who it is, its client, its part of the ledger. */
export abstract class WorkerBase {
  /** For example "alice"; "alice-b" for a second installation. */
  readonly name: string;
  /** What this worker did and saw. Iterable: `[...bob.events]`, `bob.events.receives()`, `bob.events.streams()`. */
  readonly events: WorkerEvents;
  protected readonly holder: ClientHolder;
  protected readonly failures: BackgroundFailures;
  protected readonly activity: Activity;
  protected readonly step: StepFunction;
  protected terminated: Promise<void> | undefined;
  readonly #options: BaseOptions;

  constructor(options: BaseOptions) {
    this.#options = options;
    this.name = options.descriptor.name;
    this.step = options.step;
    this.events = new WorkerEvents(options.events);
    this.holder = new ClientHolder(options);
    this.failures = new BackgroundFailures(options.events, () => this.holder.owner());
    this.activity = new Activity(this.holder, this.failures);
  }

  /** The real SDK client. @throws XmtpTestError `WORKER_OFFLINE`, `WORKER_TERMINATED` */
  get client(): Client {
    return this.holder.sdk.client;
  }

  get inboxId(): string {
    return this.holder.owner().inboxId;
  }

  /** Changes with `reinstall()`. */
  get installationId(): string {
    return this.holder.owner().installationId;
  }

  /** Lower-case `0x` address of the worker's wallet. */
  get address(): string {
    return this.#options.signer.address;
  }

  /** Database file. Changes with `reinstall()`; removed when the worker ends. */
  get dbPath(): string {
    return this.holder.dbPath;
  }

  /** For example "5.5.0". */
  get sdkVersion(): string {
    return this.#options.module.version;
  }

  /** `embedded`, `local`, `dev`, `production`, or the name given with a URL. */
  get env(): string {
    return this.#options.network.env;
  }

  /** The node (or proxy) this worker's client talks to. */
  get apiUrl(): string {
    return this.#options.network.url;
  }

  /** True once the worker has been told to end. @internal */
  get ended(): boolean {
    return this.terminated !== undefined;
  }

  /** Alias, for suites that move: this worker's part of the ledger; `events` is the same, iterable, with views */
  get ownEvents(): WorkerLedger {
    return this.#options.events;
  }

  /** Accepts background errors whose text matches for the rest of the test. */
  tolerate(pattern: RegExp): void {
    this.failures.tolerate(pattern);
  }

  /** What failed in the background and has not been raised. @internal */
  takeFailures(): Error[] {
    return this.failures.take();
  }

  /** Makes the client. Called once, by whoever made this worker. @internal */
  async open(): Promise<void> {
    await this.holder.open();
    const { module, network } = this.#options;
    this.note("created", `${module.specifier} ${module.version} on ${network.url}`);
  }

  /** Every verb first raises what failed in the background since the last one, with its owner. */
  protected async verb<T>(body: () => Promise<T>): Promise<T> {
    this.failures.raise();
    if (this.terminated) {
      throw new XmtpTestError(
        "WORKER_TERMINATED",
        `${this.name} has been terminated.`,
        "Workers end with their test; ask for a new one.",
      );
    }
    return await body();
  }

  protected note(state: LifecycleEvent["state"], detail: string): void {
    this.#options.events.append({ kind: "lifecycle", ...this.holder.owner(), state, detail });
  }
}
