import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Turns } from "../../async/turns.js";
import { throwTogether, toError, XmtpTestError } from "../../errors.js";
import type { LedgerPort } from "../../ledger/port.js";
import { WorkerLedger } from "../../ledger/worker-ledger.js";
import { newSigner } from "../client/lazy-sdk.js";
import { endpointOf } from "./endpoint.js";
import { parseDescriptor } from "./names.js";
import type { WorkerDescriptor } from "./names.js";
import type { SdkModule, SdkNetwork, WorkerSigner } from "../sdk/types.js";
import type { StepFunction } from "../../steps.js";
import { Worker } from "../worker.js";
import type { ApiCalls } from "../worker.js";
import type { ResolvedDefaults } from "./worker-defaults.js";

/** Everything that workers of one test (or script, or process) share. */
export interface RegistryOptions {
  /** Where the workers' events go: the test's ledger, or a switch for workers that outlive a test. */
  readonly ledger: LedgerPort;
  readonly network: SdkNetwork;
  readonly defaults: ResolvedDefaults;
  /** Folder for databases; each worker gets one of its own inside it. */
  readonly folder: string;
  readonly step: StepFunction;
  /** An installed node-sdk; without a version the project's own. */
  loadSdk(version?: string): Promise<SdkModule>;
  /** Where a worker connects instead, for example its own proxy. Asked once per worker and endpoint. */
  route(worker: string, network: SdkNetwork): Promise<SdkNetwork>;
  /** What the node has counted at a worker's port; undefined where it has none. */
  calls?(worker: string): Promise<ApiCalls | undefined>;
  /** Gives the way of a worker back, before another one of its name goes elsewhere. */
  release?(worker: string): Promise<void>;
}

interface Entry {
  readonly descriptor: WorkerDescriptor;
  /** Made before anybody asked for it. */
  ahead: boolean;
  readonly worker: Promise<Worker>;
  /** The worker once its client has been made. */
  made?: Worker;
  /** It could not be made. */
  refused?: true;
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
  readonly #signers = new Map<string, Promise<WorkerSigner>>();
  readonly #routes = new Map<string, { readonly url: string; readonly way: Promise<SdkNetwork> }>();
  readonly #folders = new Map<string, string>();
  /** One after another per identity: two installations that both find no inbox would each create it. */
  readonly #opening = new Turns<string>();
  #ended = false;

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  /** Every worker there is, in no order. Also those whose client failed to start. */
  get made(): readonly Worker[] {
    return this.#made;
  }

  /**
   * The worker of this name; made now if there is none, or if it has been terminated, or could not be made and whoever
   * asked for it has been told.
   *
   * @throws XmtpTestError `WORKER_CONFLICT` when it is there with another SDK version or endpoint than asked for
   */
  async get(descriptor: WorkerDescriptor): Promise<Worker> {
    const found = this.#workers.get(descriptor.name);
    if (!found) return await this.#enter(descriptor, false).worker;
    const told = found.refused === true && !found.ahead;
    if (told || found.made?.ended === true) return await this.#enter(descriptor, false, found).worker;
    if (!contradicts(found, descriptor)) {
      found.ahead = false;
      return await found.worker;
    }
    if (!found.ahead) throw conflict(found, descriptor);
    return await this.#enter(descriptor, false, found).worker;
  }

  /**
   * Starts making a worker that somebody will ask for. Whoever asks for it gets its failure too, and whoever
   * asks for the name with another SDK version or endpoint gets that instead.
   */
  makeAhead(descriptor: WorkerDescriptor): void {
    if (this.#workers.has(descriptor.name)) return;
    this.#enter(descriptor, true).worker.catch(() => undefined);
  }

  /**
   * Ends all workers, side by side, also those that are being made; no more are made. Every one is ended, whatever
   * became of the others.
   */
  async terminateAll(): Promise<void> {
    this.#ended = true;
    try {
      await this.terminate(this.#made);
    } finally {
      // Those that were not far enough to be ended have been refused meanwhile.
      await Promise.allSettled([...this.#workers.values()].map(({ worker }) => worker));
      await rm(this.options.folder, { recursive: true, force: true });
    }
  }

  /** Ends these workers, side by side. Every one is ended, whatever became of the others. */
  async terminate(workers: readonly Worker[]): Promise<void> {
    const results = await Promise.allSettled(workers.map((worker) => worker.terminate()));
    throwTogether(results.flatMap((one) => (one.status === "rejected" ? [toError(one.reason)] : [])));
  }

  /** Background failures of all workers that no verb has raised. */
  takeFailures(): Error[] {
    return [...this.#left.splice(0), ...this.#made.flatMap((worker) => worker.takeFailures())];
  }

  /** @param instead the one that makes room: nobody asked for it, or it has been told to end */
  #enter(descriptor: WorkerDescriptor, ahead: boolean, instead?: Entry): Entry {
    const worker = (instead ? this.#discard(instead) : Promise.resolve()).then(() => this.#make(descriptor));
    const entry: Entry = { descriptor, ahead, worker };
    worker.then(
      (made) => (entry.made = made),
      () => (entry.refused = true),
    );
    this.#workers.set(descriptor.name, entry);
    return entry;
  }

  /** Frees the name and folder of a worker. */
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
    this.#checkOpen(descriptor);
    const [module, network, signer] = await Promise.all([
      options.loadSdk(descriptor.sdkVersion ?? options.defaults.sdkVersion),
      this.#route(descriptor),
      this.#signer(descriptor.base),
    ]);
    this.#checkOpen(descriptor);
    const worker = new Worker({
      descriptor,
      network,
      module,
      signer,
      defaults: options.defaults,
      events: new WorkerLedger(options.ledger, descriptor.name),
      folder: join(options.folder, this.#folder(descriptor.name)),
      step: options.step,
      addInstallation: (of) => this.#addInstallation(of, descriptor.url),
      loadSdk: (version) => options.loadSdk(version),
      calls: async () => await options.calls?.(descriptor.name),
    });
    this.#made.push(worker);
    await this.#opening.run(descriptor.base, () => worker.open());
    return worker;
  }

  #checkOpen({ name }: WorkerDescriptor): void {
    if (!this.#ended) return;
    throw new XmtpTestError(
      "WORKER_TERMINATED",
      `The worker "${name}" was requested after all workers had ended.`,
      "Await getWorkers before the test ends.",
    );
  }

  async #route({ name, url }: WorkerDescriptor): Promise<SdkNetwork> {
    const network = url === undefined ? this.options.network : endpointOf(url);
    const before = this.#routes.get(name);
    // A worker made again under its name goes the same way: the proxy and port there are its own already.
    if (before?.url === network.url) return await before.way;
    if (before) await this.options.release?.(name);
    const way = this.options.route(name, network);
    this.#routes.set(name, { url: network.url, way });
    way.catch(() => this.#routes.delete(name));
    return await way;
  }

  #signer(base: string): Promise<WorkerSigner> {
    const signer = this.#signers.get(base) ?? newSigner();
    this.#signers.set(base, signer);
    return signer;
  }

  /** Names that differ by case only would share a folder on macOS and Windows. */
  #folder(name: string): string {
    const plain = name.toLowerCase();
    for (let at = 1; ; at++) {
      const folder = at === 1 ? plain : `${plain}~${at}`;
      const owner = this.#folders.get(folder) ?? name;
      this.#folders.set(folder, owner);
      if (owner === name) return folder;
    }
  }

  async #addInstallation(of: Worker, url: string | undefined): Promise<Worker> {
    const { base } = parseDescriptor(of.name);
    const letters = "bcdefghijklmnopqrstuvwxyz";
    const free = Array.from(letters, (letter) => `${base}-${letter}`).find(
      (name) => !this.#workers.has(name),
    );
    if (free === undefined) {
      throw new XmtpTestError(
        "TOO_MANY_INSTALLATIONS",
        `${base} already has ${letters.length + 1} installations.`,
        "libxmtp allows 10 per inbox.",
      );
    }
    return await this.get(parseDescriptor(`${free}-${of.sdkVersion}`, url));
  }
}

/** Whether a worker is not what is asked for. Who names no version or endpoint takes what is there. */
function contradicts({ descriptor, made }: Entry, asked: WorkerDescriptor): boolean {
  const version = made?.sdkVersion ?? descriptor.sdkVersion;
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
    `The worker "${asked.name}" already exists (${there}); requested: ${text(asked.sdkVersion, asked.url)}.`,
    "Give the second worker its own name, or another installation letter (alice-b).",
  );
}
