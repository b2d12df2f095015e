import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { errorText, XmtpTestError } from "../../errors.js";
import type { EventOwner } from "../../ledger/ledger.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import type { WorkerDescriptor } from "../registry/names.js";
import type { SdkClient, SdkModule, SdkNetwork, SdkObserver, WorkerSigner } from "../sdk/types.js";
import type { ResolvedDefaults } from "../registry/worker-defaults.js";

export interface MakerOptions {
  readonly descriptor: WorkerDescriptor;
  readonly signer: WorkerSigner;
  readonly network: SdkNetwork;
  readonly module: SdkModule;
  readonly defaults: ResolvedDefaults;
  readonly events: WorkerLedger;
  /** Folder for this worker's database; made when needed, removed when the worker ends. */
  readonly folder: string;
}

/**
 * Makes the SDK clients of a worker, one at a time, over its database file and key. The key never leaves this object.
 */
export class ClientMaker {
  readonly #options: MakerOptions;
  readonly #opened = new Set<{ end(): Promise<unknown> }>();
  #module: SdkModule;
  /** The last node-sdk that opened the database file there is, or tried to. */
  #opener: SdkModule | undefined;
  #key: Uint8Array = randomBytes(32);
  #generation = 0;
  #identity = { installationId: "", inboxId: "" };

  constructor(options: MakerOptions) {
    this.#options = options;
    this.#module = options.module;
  }

  get dbPath(): string {
    return `${this.#options.folder}/${this.#options.descriptor.name}-${this.#generation}.db3`;
  }

  /** The node-sdk that the last client was made with. */
  get module(): SdkModule {
    return this.#module;
  }

  owner(): EventOwner {
    return { worker: this.#options.descriptor.name, ...this.#identity };
  }

  /**
   * Creates a client over the database there is, or a new one, and registers it with the network.
   *
   * @throws XmtpTestError `WORKER_CREATE`
   */
  async make(module = this.#module): Promise<SdkClient> {
    const { signer, network, defaults, descriptor } = this.#options;
    await mkdir(dirname(this.dbPath), { recursive: true });
    if (this.#opener !== undefined && this.#opener !== module) await this.#moveDatabase();
    this.#opener = module;
    try {
      const sdk = await module.create({
        signer,
        network: defaults.gateway === true ? { ...network, gateway: true } : network,
        dbPath: this.dbPath,
        dbEncryptionKey: this.#key,
        disableDeviceSync: defaults.disableDeviceSync,
        ...(defaults.appVersion !== undefined && { appVersion: defaults.appVersion }),
        ...(defaults.codecs !== undefined && { codecs: defaults.codecs }),
        observer: this.#observer(),
      });
      this.#identity = { installationId: sdk.installationId, inboxId: sdk.inboxId };
      this.#module = module;
      return sdk;
    } catch (error) {
      // The facade's own words for it know no worker's name.
      if (error instanceof XmtpTestError && error.code !== "CLIENT_CREATE") throw error;
      throw new XmtpTestError(
        "WORKER_CREATE",
        `The worker "${descriptor.name}" could not be created on ${network.url} (${errorText(error)}).`,
        "Is the node up and reachable from here?",
        { cause: error },
      );
    }
  }

  /** Throws database and key away; the next client is a new installation. */
  async wipe(): Promise<void> {
    await this.removeFiles();
    this.#opener = undefined;
    this.#generation += 1;
    this.#key = randomBytes(32);
  }

  /**
   * Gives the database another path. Two versions carry an SQLite each, and two of those on one file in one process
   * break each other's locks and shared memory (https://www.sqlite.org/howtocorrupt.html, section 2.2.1).
   */
  async #moveDatabase(): Promise<void> {
    const from = this.dbPath;
    this.#generation += 1;
    const files = (await readdir(dirname(from))).filter((file) => file.startsWith(basename(from)));
    for (const file of files) {
      const end = file.slice(basename(from).length);
      if (end !== "-shm") await copyFile(join(dirname(from), file), this.dbPath + end);
      await rm(join(dirname(from), file), { force: true });
    }
  }

  /** Ends the streams that the test itself opened on the client. */
  async endOpened(): Promise<void> {
    const opened = [...this.#opened];
    this.#opened.clear();
    await Promise.all(opened.map((stream) => stream.end()));
  }

  /** A task of the SDK that was under way may write one more file while the folder is emptied: rm then tries again. */
  async removeFiles(): Promise<void> {
    await rm(this.#options.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }

  #observer(): SdkObserver {
    return {
      streamOpened: (stream) => void this.#opened.add(stream),
      sendStarted: ({ conversationId, contentType, payload, automatic }) => {
        const settle = this.#options.events.send({
          kind: "send",
          ...this.owner(),
          conversationId,
          contentType,
          payload,
          automatic,
          outcome: "pending",
        });
        return (result) => {
          if ("messageId" in result) settle({ outcome: "ok", messageId: result.messageId });
          else settle({ outcome: sendOutcome(result.error), error: errorText(result.error) });
        };
      },
    };
  }
}

/**
 * Whether a failed send may still have been stored. The SDK publishes, then reads its message back; only
 * errors it raises before publishing are known to have sent nothing.
 */
function sendOutcome(error: unknown): "failed" | "unknown" {
  return /not found|inactive|no longer|permission|validation|codec|encod|paused/i.test(errorText(error))
    ? "failed"
    : "unknown";
}
