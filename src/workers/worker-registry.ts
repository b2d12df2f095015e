import { rm } from "node:fs/promises";
import { join } from "node:path";
import { XmtpTestError } from "../errors.js";
import type { TestLedger } from "./ledger.js";
import { parseDescriptor } from "./names.js";
import type { WorkerDescriptor } from "./names.js";
import type { SdkModule, SdkNetwork, WorkerSigner } from "./sdk/types.js";
import type { StepFunction } from "./steps.js";
import { Worker } from "./worker.js";
import type { ResolvedDefaults } from "./worker-defaults.js";

/** Everything that workers of one test (or script) share. */
export interface RegistryOptions {
  readonly ledger: TestLedger;
  readonly network: SdkNetwork;
  readonly defaults: ResolvedDefaults;
  /** Folder for databases; each worker gets one of its own inside it. */
  readonly folder: string;
  readonly step: StepFunction;
  loadSdk(version?: string): Promise<SdkModule>;
  newSigner(): Promise<WorkerSigner>;
  /** Another endpoint for a worker pinned to a URL. Throws for an unusable URL. */
  networkAt(url: string): SdkNetwork;
  /** Where a worker connects instead, for example its own proxy. */
  route(worker: string, network: SdkNetwork): Promise<SdkNetwork>;
}

/**
 * The workers of one test by name. Asking twice for a name gives the same worker; workers with the same
 * base name share a wallet, so `alice-b` is a second installation of alice.
 */
export class WorkerRegistry {
  readonly options: RegistryOptions;
  readonly #workers = new Map<string, Promise<Worker>>();
  readonly #made: Worker[] = [];
  readonly #signers = new Map<string, Promise<WorkerSigner>>();
  readonly #opening = new Map<string, Promise<void>>();

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  /** Every worker made so far, in the order they were asked for. Also those whose client failed to start. */
  get made(): readonly Worker[] {
    return this.#made;
  }

  /** The worker of this name; made now if there is none. */
  async get(descriptor: WorkerDescriptor): Promise<Worker> {
    const found = this.#workers.get(descriptor.name);
    const worker = found ?? this.#make(descriptor);
    this.#workers.set(descriptor.name, worker);
    return await worker;
  }

  /** Ends all workers, side by side. Every one is ended, whatever became of the others. */
  async terminateAll(): Promise<void> {
    const results = await Promise.allSettled(this.#made.map((worker) => worker.worker.terminate()));
    await rm(this.options.folder, { recursive: true, force: true });
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    if (errors.length > 0)
      throw new AggregateError(
        errors,
        `${errors.length} of ${this.#made.length} workers could not be ended cleanly.`,
      );
  }

  /** Background failures of all workers that no verb has raised. */
  takeFailures(): Error[] {
    return this.#made.flatMap((worker) => worker.worker.takeFailures());
  }

  async #make(descriptor: WorkerDescriptor): Promise<Worker> {
    const { options } = this;
    const place = this.#made.length;
    const [module, network, signer] = await Promise.all([
      this.#module(descriptor),
      this.#network(descriptor),
      this.#signer(descriptor.base),
    ]);
    const worker = new Worker({
      descriptor,
      network,
      module,
      signer,
      defaults: options.defaults,
      events: options.ledger.of(descriptor.name),
      folder: join(options.folder, descriptor.name),
      step: options.step,
      addInstallation: (of) => this.#addInstallation(of),
    });
    this.#made.splice(place, 0, worker);
    await this.#openInTurn(descriptor.base, worker);
    return worker;
  }

  /** One after another per identity: two installations that both find no inbox would each create it. */
  async #openInTurn(base: string, worker: Worker): Promise<void> {
    const before = this.#opening.get(base) ?? Promise.resolve();
    const mine = before.then(() => worker.open());
    this.#opening.set(
      base,
      mine.catch(() => undefined),
    );
    await mine;
  }

  async #module({ sdkVersion }: WorkerDescriptor): Promise<SdkModule> {
    return await this.options.loadSdk(sdkVersion ?? this.options.defaults.sdkVersion);
  }

  async #network({ name, url }: WorkerDescriptor): Promise<SdkNetwork> {
    return await this.options.route(
      name,
      url === undefined ? this.options.network : this.options.networkAt(url),
    );
  }

  #signer(base: string): Promise<WorkerSigner> {
    const signer = this.#signers.get(base) ?? this.options.newSigner();
    this.#signers.set(base, signer);
    return signer;
  }

  async #addInstallation(of: Worker): Promise<Worker> {
    const { base } = parseDescriptor(of.name);
    const letters = "bcdefghijklmnopqrstuvwxyz";
    const free = Array.from(letters, (letter) => `${base}-${letter}`).find(
      (name) => !this.#workers.has(name),
    );
    if (free === undefined) {
      throw new XmtpTestError(
        "TOO_MANY_INSTALLATIONS",
        `${base} has ${letters.length + 1} installations already.`,
        "An inbox may have 10 (libxmtp).",
      );
    }
    return await this.get(parseDescriptor(`${free}-${of.sdkVersion}`));
  }
}
