import { endAll, VerbQueue } from "../../async/turns.js";
import { errorText, XmtpTestError } from "../../errors.js";
import type { typeofStream, typeOfSync } from "../../ledger/events.js";
import type { LifecycleEvent } from "../../ledger/events.js";
import type { SdkClient, SdkModule } from "../sdk/types.js";
import { Activity } from "./activity.js";
import type { Paused } from "./activity.js";
import type { BackgroundFailures } from "./background-failures.js";
import type { ClientMaker } from "./client-maker.js";
import type { MakerOptions } from "./client-maker.js";

const nothing: Paused = { streams: [], syncs: [] };

/** Where a worker is in its life, with all that is kept for it there. */
type State =
  | { readonly is: "open"; readonly sdk: SdkClient }
  /** The database is released; `paused` comes back with `goOnline`. */
  | { readonly is: "offline"; readonly sdk: SdkClient; readonly paused: Paused }
  /** No client: none yet, or one is being made, or (with `failed`) that did not succeed. */
  | { readonly is: "closed"; readonly paused: Paused; readonly doing: string; readonly failed?: string }
  | { readonly is: "ended" };

/**
 * A worker's life: one state, and one queue of the verbs that change it. Starting and ending of streams and syncs go
 * side by side; what changes the state waits for all called before it, and holds back all called after it. So verbs
 * called at once do what they would do one after the other.
 */
export class WorkerLife {
  readonly activity: Activity;
  readonly #options: MakerOptions;
  readonly #maker: ClientMaker;
  readonly #failures: BackgroundFailures;
  readonly #verbs = new VerbQueue();
  readonly #forgetSwitch: () => void;
  #state: State = { is: "closed", paused: nothing, doing: "being created" };
  #ending: Promise<void> | undefined;

  constructor(options: MakerOptions, maker: ClientMaker, failures: BackgroundFailures) {
    this.#options = options;
    this.#maker = maker;
    this.#failures = failures;
    const context = {
      events: options.events,
      owner: () => maker.owner(),
      sdk: () => this.sdk,
      failed: (what: string, error: unknown) => failures.add(what, error),
    };
    this.activity = new Activity(context, options.defaults);
    this.#forgetSwitch = options.events.onSwitch(() => {
      this.#note("created", `${maker.module.specifier} ${maker.module.version}, since before this test`);
      this.activity.streams.tellAgain();
      failures.forgetTolerated();
    });
  }

  /** The client. @throws XmtpTestError `WORKER_OFFLINE`, `WORKER_TERMINATED` */
  get sdk(): SdkClient {
    if (this.#state.is === "open") return this.#state.sdk;
    throw this.#refusal();
  }

  /** True once the worker has been told to end. */
  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /** Makes the first client. */
  async open(): Promise<void> {
    await this.#verbs.exclusive(async () => {
      if (this.#state.is === "ended") throw this.#refusal();
      await this.#replace("being created", nothing, () => this.#maker.make());
      const { specifier, version } = this.#maker.module;
      this.#note("created", `${specifier} ${version} on ${this.#options.network.url}`);
    });
  }

  /** A verb that needs the client, side by side with others of its kind. */
  async whileOpen<T>(verb: () => Promise<T>): Promise<T> {
    return await this.#run("shared", async () => {
      if (this.#state.is !== "open") throw this.#refusal();
      return await verb();
    });
  }

  /** A verb that may wait long, or asks others: it neither holds back nor waits for what changes the state. */
  async beside<T>(verb: () => Promise<T>): Promise<T> {
    this.#check();
    return await verb();
  }

  /** Ends a stream type, or all. Offline, what would come back with `goOnline` does not. */
  async endStream(type?: typeofStream): Promise<void> {
    await this.#run("shared", async () => {
      this.#unpause(({ streams, syncs }) => ({
        streams: type === undefined ? [] : streams.filter(([one]) => one !== type),
        syncs,
      }));
      await this.activity.streams.end(type);
      if (this.#state.is === "open") await this.activity.responder.idle();
    });
  }

  /** Ends a type of sync, or all, in the same way. */
  async endSync(type?: typeOfSync): Promise<void> {
    await this.#run("shared", async () => {
      this.#unpause(({ streams, syncs }) => ({
        streams,
        syncs: type === undefined ? [] : syncs.filter(([one]) => one !== type),
      }));
      await this.activity.syncs.end(type);
    });
  }

  async goOffline(): Promise<void> {
    await this.#run("exclusive", async () => {
      const { sdk } = this;
      const paused = this.activity.running;
      try {
        await this.#release(sdk);
      } finally {
        this.#state = { is: "offline", sdk, paused };
        this.#note("offline", "");
      }
    });
  }

  async goOnline(): Promise<void> {
    await this.#run("exclusive", async () => {
      const state = this.#state;
      if (state.is === "open") return;
      if (state.is !== "offline") throw this.#refusal();
      await state.sdk.reconnectDb();
      this.#state = { is: "open", sdk: state.sdk };
      this.#note("online", "");
      await this.#resume(state.sdk, state.paused);
    });
  }

  async reinstall(): Promise<void> {
    await this.#run("exclusive", async () => {
      const sdk = await this.#replace("being reinstalled", nothing, async () => {
        this.activity.responder.forget();
        await this.#maker.wipe();
        return await this.#maker.make();
      });
      this.#note("reinstalled", "");
      await this.#resume(sdk, nothing);
    });
  }

  /** @param load the node-sdk to go on with; asked before anything is closed */
  async reopen(load: () => Promise<SdkModule>): Promise<void> {
    await this.#run("exclusive", async () => {
      const module = await load();
      const before = this.#state;
      const paused =
        before.is === "open" ? this.activity.running : "paused" in before ? before.paused : nothing;
      const sdk = await this.#replace("being reopened", paused, () => this.#maker.make(module));
      this.#note("reopened", `${module.specifier} ${module.version}`);
      await this.#resume(sdk, paused);
    });
  }

  /** Ends everything: syncs, streams (awaited), client, files. Idempotent. */
  async terminate(): Promise<void> {
    this.#ending ??= this.#verbs.exclusive(async () => {
      const { activity } = this;
      const state = this.#state;
      const sdk = "sdk" in state ? state.sdk : undefined;
      try {
        await endAll([
          () => activity.end(),
          () => this.#maker.endOpened(),
          async () => await sdk?.close(),
          () => this.#maker.removeFiles(),
        ]);
      } finally {
        this.#state = { is: "ended" };
        this.#note("terminated", "");
        this.#forgetSwitch();
      }
    });
    await this.#ending;
  }

  /** Throws what failed in the background; then refuses an ended worker, also one that has only been told to end. */
  #check(): void {
    this.#failures.raise();
    if (this.ended) throw terminated(this.#options.descriptor.name);
  }

  async #run<T>(how: "shared" | "exclusive", verb: () => Promise<T>): Promise<T> {
    this.#check();
    return await this.#verbs[how](verb);
  }

  /** Ends what runs, closes the client and makes another. Without one the worker stays closed, and may be told again. */
  async #replace(doing: string, paused: Paused, make: () => Promise<SdkClient>): Promise<SdkClient> {
    const before = "sdk" in this.#state ? this.#state.sdk : undefined;
    try {
      try {
        await this.#close(before);
      } finally {
        this.#state = { is: "closed", paused, doing };
      }
      const sdk = await make();
      this.#state = { is: "open", sdk };
      return sdk;
    } catch (error) {
      this.#state = { is: "closed", paused, doing, failed: errorText(error) };
      throw error;
    }
  }

  async #close(sdk: SdkClient | undefined): Promise<void> {
    if (sdk === undefined) return;
    await endAll([() => this.activity.pause(), () => this.#maker.endOpened(), () => sdk.close()]);
  }

  /** Starts again what was paused: all of it, or the worker stays offline with it. */
  async #resume(sdk: SdkClient, paused: Paused): Promise<void> {
    try {
      await this.activity.resume(paused);
    } catch (error) {
      try {
        await this.#release(sdk);
      } finally {
        this.#state = { is: "offline", sdk, paused };
        this.#note("offline", `what was paused did not start again: ${errorText(error)}`);
      }
      throw error;
    }
  }

  async #release(sdk: SdkClient): Promise<void> {
    await endAll([() => this.activity.pause(), () => this.#maker.endOpened(), () => sdk.releaseDb()]);
  }

  #unpause(change: (paused: Paused) => Paused): void {
    if (this.#state.is === "offline" || this.#state.is === "closed")
      this.#state = { ...this.#state, paused: change(this.#state.paused) };
  }

  #refusal(): XmtpTestError {
    const { name } = this.#options.descriptor;
    const state = this.#state;
    if (state.is === "offline")
      return new XmtpTestError("WORKER_OFFLINE", `${name} is offline.`, "Call goOnline() first.");
    if (state.is !== "closed") return terminated(name);
    return state.failed === undefined
      ? new XmtpTestError("WORKER_OFFLINE", `${name} is ${state.doing}.`, "Await that first.")
      : new XmtpTestError(
          "WORKER_OFFLINE",
          `${name} has no client: ${state.doing}, it failed (${state.failed}).`,
          "Call reinstall() or reopen() again.",
        );
  }

  #note(state: LifecycleEvent["state"], detail: string): void {
    this.#options.events.append({ kind: "lifecycle", ...this.#maker.owner(), state, detail });
  }
}

function terminated(name: string): XmtpTestError {
  return new XmtpTestError(
    "WORKER_TERMINATED",
    `${name} has been terminated.`,
    "Workers end with their test; create a new one.",
  );
}
