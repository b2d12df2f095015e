import { mkdir, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { errorText, XmtpTestError } from "../../errors.js";
import type { EventOwner } from "../../ledger/ledger.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import type { WorkerDescriptor } from "../registry/names.js";
import type { SdkClient, SdkModule, SdkNetwork, SdkObserver, WorkerSigner } from "../sdk/types.js";
import type { ResolvedDefaults } from "../registry/worker-defaults.js";

export interface HolderOptions {
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
 * The one SDK client of a worker, its database files and its key. `reinstall` swaps all three; the key
 * never leaves this object.
 */
export class ClientHolder {
  readonly options: HolderOptions;
  readonly #opened = new Set<{ end(): Promise<unknown> }>();
  #key: Uint8Array = randomBytes(32);
  #generation = 0;
  #sdk: SdkClient | undefined;
  #identity = { installationId: "", inboxId: "" };
  #gone: "offline" | "terminated" | undefined;

  constructor(options: HolderOptions) {
    this.options = options;
  }

  get dbPath(): string {
    return `${this.options.folder}/${this.options.descriptor.name}-${this.#generation}.db3`;
  }

  /** The client. @throws XmtpTestError `WORKER_OFFLINE`, `WORKER_TERMINATED` */
  get sdk(): SdkClient {
    const { name } = this.options.descriptor;
    if (this.#gone === "offline")
      throw new XmtpTestError("WORKER_OFFLINE", `${name} is offline.`, "Call goOnline() first.");
    if (!this.#sdk || this.#gone) {
      throw new XmtpTestError(
        "WORKER_TERMINATED",
        `${name} has been terminated.`,
        "Workers end with their test; ask for a new one.",
      );
    }
    return this.#sdk;
  }

  owner(): EventOwner {
    return { worker: this.options.descriptor.name, ...this.#identity };
  }

  /** Creates the client and registers it with the network. */
  async open(): Promise<void> {
    const { signer, network, module, defaults, descriptor } = this.options;
    await mkdir(dirname(this.dbPath), { recursive: true });
    try {
      this.#sdk = await module.create({
        signer,
        network: defaults.gateway === true ? { ...network, gateway: true } : network,
        dbPath: this.dbPath,
        dbEncryptionKey: this.#key,
        disableDeviceSync: defaults.disableDeviceSync,
        ...(defaults.appVersion !== undefined && { appVersion: defaults.appVersion }),
        ...(defaults.codecs !== undefined && { codecs: defaults.codecs }),
        observer: this.#observer(),
      });
      this.#identity = { installationId: this.#sdk.installationId, inboxId: this.#sdk.inboxId };
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

  /** Cuts the client off: its database is released where the SDK can, and every verb is refused. */
  async goOffline(): Promise<void> {
    await this.endOpened();
    await this.sdk.releaseDb();
    this.#gone = "offline";
  }

  async goOnline(): Promise<void> {
    if (this.#gone !== "offline") return;
    this.#gone = undefined;
    await this.sdk.reconnectDb();
  }

  /** Throws the installation away and makes a new one of the same identity, with an empty database. */
  async reinstall(): Promise<void> {
    await this.close();
    await this.removeFiles();
    this.#gone = undefined;
    this.#generation += 1;
    this.#key = randomBytes(32);
    await this.open();
  }

  /** Ends the streams that the test itself opened on the client. */
  async endOpened(): Promise<void> {
    const opened = [...this.#opened];
    this.#opened.clear();
    await Promise.all(opened.map((stream) => stream.end()));
  }

  /** Closes the client. Idempotent. */
  async close(): Promise<void> {
    const sdk = this.#sdk;
    this.#gone = "terminated";
    this.#sdk = undefined;
    await sdk?.close();
  }

  /** A task of the SDK that was under way may write one more file while the folder is emptied: rm then tries again. */
  async removeFiles(): Promise<void> {
    await rm(this.options.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }

  #observer(): SdkObserver {
    return {
      streamOpened: (stream) => void this.#opened.add(stream),
      sendStarted: ({ conversationId, contentType, payload, automatic }) => {
        const settle = this.options.events.send({
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
