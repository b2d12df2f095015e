import type { Client } from "@xmtp/node-sdk";
import { underWay } from "../../async/under-way.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import { WorkerEvents } from "../../ledger/worker-events.js";
import type { StepFunction } from "../../steps.js";
import { BackgroundFailures } from "../client/background-failures.js";
import { ClientMaker } from "../client/client-maker.js";
import type { MakerOptions } from "../client/client-maker.js";
import { WorkerLife } from "../client/worker-life.js";
import type { SdkClient } from "../sdk/types.js";

export interface BaseOptions extends MakerOptions {
  readonly step: StepFunction;
}

/** The basis of a worker's verbs: its identity, its client, its part of the ledger. */
export abstract class WorkerBase {
  /** For example "alice"; "alice-b" for a second installation. */
  readonly name: string;
  /** What this worker did and received. Iterable: `[...bob.events]`, `bob.events.receives()`, `bob.events.streams()`. */
  readonly events: WorkerEvents;
  protected readonly failures: BackgroundFailures;
  protected readonly life: WorkerLife;
  protected readonly step: StepFunction;
  readonly #maker: ClientMaker;
  readonly #options: BaseOptions;

  constructor(options: BaseOptions) {
    this.#options = options;
    this.name = options.descriptor.name;
    this.step = options.step;
    this.events = new WorkerEvents(options.events);
    const maker = new ClientMaker(options);
    this.#maker = maker;
    this.failures = new BackgroundFailures(options.events, () => maker.owner());
    this.life = new WorkerLife(options, maker, this.failures);
  }

  /** The real SDK client. @throws XmtpTestError `WORKER_OFFLINE`, `WORKER_TERMINATED` */
  get client(): Client {
    return this.sdk.client;
  }

  get inboxId(): string {
    return this.#maker.owner().inboxId;
  }

  /** Changes with `reinstall()`. */
  get installationId(): string {
    return this.#maker.owner().installationId;
  }

  /** Lower-case `0x` address of the worker's wallet. */
  get address(): string {
    return this.#options.signer.address;
  }

  /** Database file. Changes with `reinstall()` and `reopen({ sdkVersion })`; deleted when the worker ends. */
  get dbPath(): string {
    return this.#maker.dbPath;
  }

  /** For example "5.5.0". Changes with `reopen({ sdkVersion })`. */
  get sdkVersion(): string {
    return this.#maker.module.version;
  }

  /** `embedded`, `local`, `dev`, `production`, or the name given with a URL. */
  get env(): string {
    return this.#options.network.env;
  }

  /** URL of the node or proxy that this worker's client connects to. */
  get apiUrl(): string {
    return this.#options.network.url;
  }

  /** True once the worker has been told to end. @internal */
  get ended(): boolean {
    return this.life.ended;
  }

  /** The former name of `events`: this worker's part of the ledger. */
  get ownEvents(): WorkerLedger {
    return this.#options.events;
  }

  /** Accepts background errors whose text matches, for the rest of the test. */
  tolerate(pattern: RegExp): void {
    this.failures.tolerate(pattern);
  }

  /** What failed in the background and has not been raised. @internal */
  takeFailures(): Error[] {
    return this.failures.take();
  }

  /** Makes the client. Called once, by whoever made this worker. @internal */
  async open(): Promise<void> {
    await this.life.open();
  }

  protected get sdk(): SdkClient {
    return this.life.sdk;
  }

  /** Every verb first raises what failed in the background since the last one, with its owner. */
  protected async verb<T>(body: () => Promise<T>): Promise<T> {
    return await underWay(`A verb of ${this.name}`, () => this.life.beside(body));
  }
}
