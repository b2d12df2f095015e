import { join } from "node:path";
import { throwTogether, toError, XmtpTestError } from "../errors.js";
import type { TestLedger } from "../ledger/ledger.js";
import { App } from "./app.js";
import { checkLaunchOptions } from "./launch-options.js";
import type { LaunchOptions } from "./launch-options.js";
import type { Parties } from "./parties.js";

/** The apps of one lifetime. */
export class Launcher {
  readonly #parties: Parties;
  readonly #folder: string;
  readonly #ledger: () => TestLedger;
  readonly #apps: App[] = [];

  /** @param folder each app gets one of its own there, for its database */
  constructor(parties: Parties, folder: string, ledger: () => TestLedger) {
    this.#parties = parties;
    this.#folder = folder;
    this.#ledger = ledger;
  }

  get apps(): readonly App[] {
    return this.#apps;
  }

  /**
   * Starts an app; resolves once it is ready.
   *
   * @throws XmtpTestError `APP_EXITED`, `APP_NOT_READY`, `PARTY_CONFLICT`, `INVALID_OPTION`; `NOT_EMBEDDED` for an app whose
   * readiness only the embedded node sees; `NODE_UNREACHABLE` where another one does not say whose its wallet is
   */
  async launch(name: string, options: LaunchOptions): Promise<App> {
    checkLaunchOptions(name, options);
    if ((options.ready ?? "subscription") === "subscription" && !this.#parties.node)
      throw new XmtpTestError(
        "NOT_EMBEDDED",
        `When ${name} listens only the embedded node can tell, and the network is ${this.#parties.network.url}.`,
        "Give another sign with `ready`: a pattern of its output, or a URL that answers.",
      );
    const line = await this.#parties.line(name);
    const app = new App(line, join(this.#folder, name), this.#ledger, options);
    this.#apps.push(app);
    await app.start();
    return app;
  }

  /** Ends all apps. */
  async endAll(): Promise<void> {
    const results = await Promise.allSettled(this.#apps.map((app) => app.stop()));
    throwTogether(results.flatMap((one) => (one.status === "rejected" ? [toError(one.reason)] : [])));
  }

  /** Unexpected ends that nobody was told of. */
  takeFailures(): Error[] {
    return this.#apps.flatMap((app) => app.takeFailure() ?? []);
  }
}
