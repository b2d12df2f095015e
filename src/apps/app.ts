import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { after, timeoutOf } from "../async/timeout.js";
import type { TimeoutOption } from "../async/timeout.js";
import { XmtpTestError } from "../errors.js";
import type { AppState, LifecycleEvent } from "../ledger/events.js";
import type { TestLedger } from "../ledger/ledger.js";
import { AppOutput } from "./app-output.js";
import { AppProcess, exitText } from "./app-process.js";
import type { AppExit } from "./app-process.js";
import { untilListening } from "./listening.js";
import type { ListeningLine } from "./listening.js";
import { readyText } from "./launch-options.js";
import type { LaunchOptions } from "./launch-options.js";
import type { ObservedLine } from "./parties.js";
import { registerSecret } from "../redaction.js";
import { signerOf } from "../workers/sdk/signer.js";
import { untilUrlAnswers } from "./url-answers.js";

/** A process under test, and its line to the node. */
export class App {
  /** As `launch` was given it; chaos, failures and pictures use it. */
  readonly name: string;
  /** Its way to the node, for faults and for what it sent and subscribed to. */
  readonly line: ObservedLine;
  readonly #options: LaunchOptions;
  readonly #folder: string;
  readonly #ledger: () => TestLedger;
  readonly #walletKey: string;
  readonly #dbKey: string;
  readonly #output: AppOutput;
  readonly #waiting = new Set<() => void>();
  #fields: Readonly<Record<string, string>> = {};
  #process: AppProcess | undefined;
  #exited: Promise<AppExit> = Promise.resolve({ code: null, signal: null });
  #exit: AppExit = { code: null, signal: null };
  #asked = true;
  #failure: Error | undefined;

  /** @internal use `launch` */
  constructor(line: ObservedLine, folder: string, ledger: () => TestLedger, options: LaunchOptions) {
    this.name = line.name;
    this.line = line;
    this.#folder = folder;
    this.#ledger = ledger;
    this.#options = options;
    this.#walletKey = options.walletKey ?? `0x${randomBytes(32).toString("hex")}`;
    this.#dbKey = options.dbKey ?? randomBytes(32).toString("hex");
    this.#output = new AppOutput([this.#walletKey, this.#dbKey]);
    // What it says elsewhere than in its output, in a message for one, is read in failures and pictures.
    for (const key of [this.#walletKey, this.#dbKey]) registerSecret(key);
  }

  /**
   * Learned from what it registers at the node; "" before that. A node by URL is asked for the wallet it was given when it
   * is ready, and after each `waitForOutput`.
   */
  get inboxId(): string {
    return this.line.inboxId;
  }

  /** Learned like `inboxId`; "" before that, and where several installations use its line. */
  get installationId(): string {
    return this.line.installationId;
  }

  /** Lower-case `0x` address of its wallet, learned like `inboxId`; "" before that. */
  get address(): string {
    return this.line.address;
  }

  /** Standard output and error so far, of all its runs, without its keys. */
  get output(): string {
    return this.#output.since(0);
  }

  /** How much it has written so far, characters: a place for `outputSince`. @internal */
  get written(): number {
    return this.#output.written;
  }

  /** What it has written from that place on. @internal */
  outputSince(written: number): string {
    return this.#output.since(written);
  }

  /** Named groups of the patterns that matched its output: of `ready`, and of each `waitForOutput`. */
  get fields(): Readonly<Record<string, string>> {
    return this.#fields;
  }

  /** Resolves when the present run has ended. */
  get exited(): Promise<AppExit> {
    return this.#exited;
  }

  /** Starts it; resolves once it is ready. @throws XmtpTestError `APP_EXITED`, `APP_NOT_READY`, `APP_RUNNING` */
  async start(): Promise<void> {
    if (this.#process) throw new XmtpTestError("APP_RUNNING", `${this.name} runs already.`, "Use restart().");
    await mkdir(this.#folder, { recursive: true });
    const line = await this.line.fromNowOn();
    const from = this.#output.written;
    this.#asked = false;
    this.#spawn();
    try {
      await this.#untilReady(line, from);
      await this.#learn();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#record("ready", "");
  }

  /**
   * Waits for output of any run; its named groups are in `fields` too. Default timeout 10,000 ms.
   *
   * @throws XmtpTestError `APP_EXITED`, `APP_NOT_READY` after the timeout
   */
  async waitForOutput(pattern: RegExp, options: TimeoutOption = {}): Promise<RegExpExecArray> {
    const timeout = timeoutOf(options, 10_000);
    const found = await this.#until(() => this.#match(pattern, 0), timeout, readyText(pattern));
    await this.#learn();
    return found;
  }

  /** Ends it with SIGTERM, with SIGKILL after 5 s. Idempotent. */
  async stop(): Promise<void> {
    await this.kill("SIGTERM");
  }

  /** Sends a signal to it and all it has started, SIGKILL after 5 s, and waits until it has ended. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<AppExit> {
    this.#asked = true;
    await this.#process?.end(signal);
    return await this.#exited;
  }

  /** Ends it and starts it again, on the same identity and database. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends it and starts it again with an empty database: a new installation of the same inbox. */
  async reinstall(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
    await this.start();
  }

  /** Its unexpected end, once. @internal */
  takeFailure(): Error | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  #spawn(): void {
    const { cwd, env, command } = this.#options;
    const process = new AppProcess({
      command,
      cwd,
      place: this.line,
      env: {
        XMTP_WALLET_KEY: this.#walletKey,
        XMTP_DB_ENCRYPTION_KEY: this.#dbKey,
        XMTP_DB_DIRECTORY: this.#folder,
        ...env,
      },
      onOutput: (text) => {
        this.#output.add(text);
        this.#look();
      },
    });
    this.#process = process;
    this.#record("launched", command);
    this.#exited = process.exited.then((exit) => this.#ended(exit));
  }

  #ended(exit: AppExit): AppExit {
    this.#process = undefined;
    this.#record(this.#asked ? "stopped" : "exited", exitText(exit));
    if (!this.#asked) this.#failure = this.#exitedError(exit);
    this.#exit = exit;
    this.#look();
    return exit;
  }

  #exitedError(exit: AppExit): XmtpTestError {
    return new XmtpTestError(
      "APP_EXITED",
      `${this.name} ended by itself (${exitText(exit)}). Its last output:\n${this.#output.lastLines}\n`,
      "Run its command by hand, or call stop() where its end is meant.",
    );
  }

  async #learn(): Promise<void> {
    await this.line.learn(() => signerOf(this.#walletKey).address);
  }

  async #untilReady(line: ListeningLine, from: number): Promise<void> {
    const { ready = "subscription" } = this.#options;
    const timeout = timeoutOf(this.#options, 60_000);
    if (ready instanceof RegExp) {
      await this.#until(() => this.#match(ready, from), timeout, readyText(ready));
      return;
    }
    const waiting = new AbortController();
    const { signal } = waiting;
    const sign = ready === "subscription" ? untilListening(line, signal) : untilUrlAnswers(ready.url, signal);
    let shown = false;
    const seen = sign.then(() => {
      shown = true;
      this.#look();
    });
    try {
      const met = this.#until(() => shown || undefined, timeout, readyText(ready));
      // A sign that cannot be waited for ends the waiting.
      await Promise.race([met, seen.then(() => met)]);
    } finally {
      waiting.abort();
      await seen;
    }
  }

  #match(pattern: RegExp, from: number): RegExpExecArray | undefined {
    const found = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(
      this.#output.since(from),
    );
    if (found?.groups) this.#fields = { ...this.#fields, ...found.groups };
    return found ?? undefined;
  }

  async #until<T>(met: () => T | undefined, timeoutMs: number, what: string): Promise<T> {
    let look: () => void = () => undefined;
    let cancel: () => void = () => undefined;
    const done = new Promise<T>((resolve, reject) => {
      look = () => {
        const value = met();
        if (value !== undefined) resolve(value);
        else if (!this.#process) reject(this.takeFailure() ?? this.#exitedError(this.#exit));
      };
      cancel = after(timeoutMs, () => reject(this.#lateError(what, timeoutMs)));
    });
    this.#waiting.add(look);
    look();
    try {
      return await done;
    } finally {
      cancel();
      this.#waiting.delete(look);
    }
  }

  #lateError(what: string, timeoutMs: number): XmtpTestError {
    return new XmtpTestError(
      "APP_NOT_READY",
      `${this.name} did not show ${what} within ${timeoutMs} ms. Its last output:\n${this.#output.lastLines}\n`,
      "Give it more time, or another sign with `ready`.",
    );
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #record(state: AppState, detail: string): void {
    const { name: worker, inboxId, installationId } = this;
    this.#ledger().append<LifecycleEvent>({
      kind: "lifecycle",
      worker,
      inboxId,
      installationId,
      state,
      detail,
    });
  }
}
