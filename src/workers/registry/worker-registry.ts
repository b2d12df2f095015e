import { rm } from "node:fs/promises";
import { join } from "node:path";
import { XmtpTestError } from "../../errors.js";
import type { LedgerPort } from "../../ledger/port.js";
import { WorkerLedger } from "../../ledger/worker-ledger.js";
import { parseDescriptor } from "./names.js";
import type { WorkerDescriptor } from "./names.js";
import type { SdkModule, SdkNetwork, WorkerSigner } from "../sdk/types.js";
import type { StepFunction } from "../../steps.js";
import { Worker } from "../worker.js";
import type { ResolvedDefaults } from "./worker-defaults.js";

/** Everything that workers of one test (or script) share. */
export interface RegistryOptions {
  /** Where the workers' events go: the test's ledger, or a switch for workers that outlive a test. */
  readonly ledger: LedgerPort;
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

interface Entry {
  readonly descriptor: WorkerDescriptor;
  /** Made before anybody asked for it. */
  ahead: boolean;
  readonly worker: Promise<Worker>;
  /** The worker once it is there. */
  made?: Worker;
}

/**
 * The workers of one test by name. Asking twice for a name gives the same worker; workers with the same
 * base name share a wallet, so `alice-b` is a second installation of alice.
 */
export class WorkerRegistry {
  readonly options: RegistryOptions;
  readonly #workers = new Map<string, Entry>();
  readonly #made: Worker[] = [];
  /** Background failures of workers that have made room for others of their name. */
  readonly #left: Error[] = [];
  readonly #routes = new Map<string, Promise<SdkNetwork>>();
  readonly #signers = new Map<string, Promise<WorkerSigner>>();
  readonly #opening = new Map<string, Promise<void>>();

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  /** Every worker made so far, in the order they were asked for. Also those whose client failed to start. */
  get made(): readonly Worker[] {
    return this.#made;
  }

  /**
   * The worker of this name; made now if there is none, or if it has been terminated.
   *
   * @throws XmtpTestError `WORKER_CONFLICT` when it is there with another SDK version or endpoint than asked for
   */
  async get(descriptor: WorkerDescriptor): Promise<Worker> {
    const found = this.#workers.get(descriptor.name);
    if (!found) return await this.#enter(descriptor, false).worker;
    if (found.made?.ended === true)
      return await this.#enter(descriptor, false, () => this.#discard(found)).worker;
    if (!contradicts(found, descriptor)) {
      found.ahead = false;
      return await found.worker;
    }
    if (!found.ahead) throw conflict(found, descriptor);
    const entry = this.#enter(descriptor, false, () => this.#discard(found));
    return await entry.worker;
  }

  /**
   * Starts making a worker that somebody will ask for. Whoever asks for it gets its failure too, and whoever
   * asks for the name with another SDK version or endpoint gets that instead.
   */
  makeAhead(descriptor: WorkerDescriptor): void {
    if (this.#workers.has(descriptor.name)) return;
    this.#enter(descriptor, true).worker.catch(() => undefined);
  }

  /** Ends all workers, side by side. Every one is ended, whatever became of the others. */
  async terminateAll(): Promise<void> {
    try {
      await this.terminate(this.#made);
    } finally {
      await rm(this.options.folder, { recursive: true, force: true });
    }
  }

  /** Ends these workers, side by side. Every one is ended, whatever became of the others. */
  async terminate(workers: readonly Worker[]): Promise<void> {
    const results = await Promise.allSettled(workers.map((worker) => worker.terminate()));
    const errors = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as unknown] : [],
    );
    if (errors.length > 0)
      throw new AggregateError(
        errors,
        `${errors.length} of ${workers.length} workers could not be ended cleanly.`,
      );
  }

  /** Background failures of all workers that no verb has raised. */
  takeFailures(): Error[] {
    return [...this.#left.splice(0), ...this.#made.flatMap((worker) => worker.takeFailures())];
  }

  #enter(
    descriptor: WorkerDescriptor,
    ahead: boolean,
    first = (): Promise<void> => Promise.resolve(),
  ): Entry {
    const worker = first().then(() => this.#make(descriptor));
    const entry: Entry = { descriptor, ahead, worker };
    worker.then(
      (made) => (entry.made = made),
      () => undefined,
    );
    this.#workers.set(descriptor.name, entry);
    return entry;
  }

  /** Ends a worker that nobody asked for, or that has been told to end, so that its name and folder are free. */
  async #discard({ descriptor, worker }: Entry): Promise<void> {
    await worker.catch(() => undefined);
    const found = this.#made.find(({ name }) => name === descriptor.name);
    if (!found) return;
    await found.terminate();
    this.#left.push(...found.takeFailures());
    this.#made.splice(this.#made.indexOf(found), 1);
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
      events: new WorkerLedger(options.ledger, descriptor.name),
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
    const network = url === undefined ? this.options.network : this.options.networkAt(url);
    const key = `${name} ${network.url}`;
    // A worker made again under its name goes the same way: the proxy and port there are its own already.
    const route = this.#routes.get(key) ?? this.options.route(name, network);
    this.#routes.set(key, route);
    route.catch(() => this.#routes.delete(key));
    return await route;
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

/** Whether a worker is not what is asked for. Who names no version or endpoint takes what is there. */
function contradicts({ descriptor, made }: Entry, asked: WorkerDescriptor): boolean {
  const version = descriptor.sdkVersion ?? made?.sdkVersion;
  return (
    (asked.sdkVersion !== undefined && asked.sdkVersion !== version) ||
    (asked.url !== undefined && asked.url !== descriptor.url)
  );
}

function conflict({ descriptor, made }: Entry, asked: WorkerDescriptor): XmtpTestError {
  const text = (version: string | undefined, url: string | undefined): string =>
    `SDK ${version ?? "of the defaults"} at ${url ?? "the test's network"}`;
  const there = text(descriptor.sdkVersion ?? made?.sdkVersion, descriptor.url);
  return new XmtpTestError(
    "WORKER_CONFLICT",
    `The worker "${asked.name}" is there already (${there}); asked for: ${text(asked.sdkVersion, asked.url)}.`,
    "Give the second worker a name of its own, or another installation letter (alice-b).",
  );
}
