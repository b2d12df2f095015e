import type { Worker as Real } from "../../../fixtures/index.js";
import { XmtpTestError } from "../../errors.js";
import type { Descriptor } from "../people.js";
import type { CompatClient } from "../sdk/types.js";
import { wrapClient } from "../sdk/wrap.js";
import { WorkerClient } from "./worker-client.js";
import { findVersion } from "./versions.js";

/** What such suites know of a worker. */
export class Worker {
  /** The base name, without the installation. */
  readonly name: string;
  /** The installation's word; "a" where none was given. */
  readonly folder: string;
  /** What making its client took, ms. */
  readonly initializationTime: number;
  /** Its verbs: streams, syncs, collectors. */
  readonly worker: WorkerClient;
  readonly #real: Real;
  #client: CompatClient | undefined;

  /** `getWorkers` makes it. */
  constructor(real: Real, { base, folder }: Descriptor, initializationTime: number) {
    this.#real = real;
    this.name = base;
    this.folder = folder;
    this.initializationTime = initializationTime;
    this.worker = new WorkerClient(this);
  }

  /** This package's own worker underneath. */
  get native(): Real {
    return this.#real;
  }

  /** The SDK's client, with the names of all its generations. */
  get client(): CompatClient {
    return this.#client ?? (wrapClient(this.#real.client) as unknown as CompatClient);
  }

  /** Suites write `worker.client = client` after a restart; it is the same client here. */
  set client(client: CompatClient) {
    this.#client = client;
  }

  /** Stays the same through reinstalls. */
  get inboxId(): string {
    return this.#real.inboxId;
  }

  /** Changes with `worker.reinstall()`; `worker.addNewInstallation()` leaves it. */
  get installationId(): string {
    return this.#real.installationId;
  }

  /** The wallet's address, lower case. */
  get address(): `0x${string}` {
    return this.#real.address as `0x${string}`;
  }

  /** The client's database file. Changes with `worker.reinstall()`. */
  get dbPath(): string {
    return this.#real.dbPath;
  }

  /** The network's name, of the config (`xmtpEnv`). */
  get env(): string {
    return this.#real.env;
  }

  /** For example "5.5.0". */
  get sdk(): string {
    return this.#real.sdkVersion;
  }

  /** The same as `sdk`. */
  get sdkVersion(): string {
    return this.#real.sdkVersion;
  }

  /** Version of the native bindings, which are libxmtp's; "unknown" for an SDK that is not in `VersionList`. */
  get libXmtpVersion(): string {
    return findVersion(this.#real.sdkVersion)?.nodeBindings ?? "unknown";
  }

  /** Keys stay inside a worker. @throws XmtpTestError `COMPAT_REFUSED` */
  get walletKey(): string {
    return refuseKey("walletKey");
  }

  /** Keys stay inside a worker. @throws XmtpTestError `COMPAT_REFUSED` */
  get encryptionKey(): string {
    return refuseKey("encryptionKey");
  }
}

function refuseKey(name: string): never {
  throw new XmtpTestError(
    "COMPAT_REFUSED",
    `worker.${name} is not given out.`,
    "Make a client of your own with createSigner(generatePrivateKey()) where a test needs the key.",
  );
}
