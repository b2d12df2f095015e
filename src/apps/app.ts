import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { inheritedEnvironment } from "../environment.js";
import { XmtpTestError } from "../errors.js";
import type { AppState, LifecycleEvent } from "../ledger/events.js";
import type { TestLedger } from "../ledger/ledger.js";
import { appEnvironment } from "./environment.js";
import type { ObservedLine } from "./parties.js";

export interface LaunchOptions {
  /** A shell command, for example "node --import tsx bot.ts". */
  readonly command: string;
  /** Where it runs. Default: the current folder. */
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What tells that it is ready: its first live subscription (default), or a pattern of its output. */
  readonly ready?: "subscription" | RegExp;
  /** Wallet key of its inbox, 32 bytes in hex. Default: a fresh one. Never in output or reports. */
  readonly walletKey?: string;
  /** Encryption key of its database, 32 bytes in hex. Default: a fresh one. */
  readonly dbKey?: string;
  /** How long it may take to be ready, ms. Default 30,000. */
  readonly timeout?: number;
}

/** How an app ended. */
export interface AppExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const guard = fileURLToPath(new URL("./process/guard.js", import.meta.url));
const preload = new URL("./process/preload.js", import.meta.url).href;
/** How long an app may take to end after SIGTERM before it is killed, ms. */
const graceMs = 5_000;
/** The latest output that is kept, characters. */
const keptOutput = 1_000_000;

/** A process under test, and its line to the node. */
export class App {
  readonly name: string;
  readonly line: ObservedLine;
  readonly #options: LaunchOptions;
  readonly #folder: string;
  readonly #ledger: () => TestLedger;
  readonly #walletKey: string;
  readonly #dbKey: string;
  readonly #waiting = new Set<() => void>();
  #child: ChildProcess | undefined;
  #exited: Promise<AppExit> = Promise.resolve({ code: null, signal: null });
  #output = "";
  #running = false;
  #asked = true;
  #subscribed = false;
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
    line.onEvent(({ what, filters }) => {
      if (what === "subscribed" && filters > 0) this.#subscribed = true;
      this.#look();
    });
  }

  get inboxId(): string {
    return this.line.inboxId;
  }

  get installationId(): string {
    return this.line.installationId;
  }

  get address(): string {
    return this.line.address;
  }

  /** Standard output and error so far, of all its runs, without its keys. */
  get output(): string {
    const bare = this.#walletKey.replace(/^0x/, "");
    return [bare, this.#dbKey.replace(/^0x/, "")].reduce(
      (text, key) => text.replaceAll(key, "<key>"),
      this.#output,
    );
  }

  /** Resolves when the present run has ended. */
  get exited(): Promise<AppExit> {
    return this.#exited;
  }

  /** Starts it; resolves once it is ready. @throws XmtpTestError `APP_EXITED`, `APP_NOT_READY` */
  async start(): Promise<void> {
    if (this.#running) throw new XmtpTestError("APP_RUNNING", `${this.name} runs already.`, "Use restart().");
    await mkdir(this.#folder, { recursive: true });
    const from = this.#output.length;
    this.#subscribed = false;
    this.#asked = false;
    this.#spawn();
    const { ready = "subscription", timeout = 30_000 } = this.#options;
    try {
      await this.#until(
        () => (ready === "subscription" ? this.#subscribed : this.#output.slice(from).search(ready) >= 0),
        timeout,
        ready === "subscription" ? "its first live subscription" : `output like ${String(ready)}`,
      );
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#record("ready", "");
  }

  /** Waits for output of any run. @throws XmtpTestError `APP_EXITED`, `APP_NOT_READY` after `timeout` (default 10,000 ms) */
  async waitForOutput(
    pattern: RegExp,
    { timeout = 10_000 }: { readonly timeout?: number } = {},
  ): Promise<RegExpExecArray> {
    await this.#until(() => this.output.search(pattern) >= 0, timeout, `output like ${String(pattern)}`);
    return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(
      this.output,
    ) as RegExpExecArray;
  }

  /** Ends it with SIGTERM, with SIGKILL after 5 s. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    await this.kill("SIGTERM");
  }

  /** Sends a signal to it and all it has started, and waits until it has ended. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<AppExit> {
    this.#asked = true;
    if (!this.#running) return await this.#exited;
    this.#signal(signal);
    const timer = setTimeout(() => this.#signal("SIGKILL"), graceMs);
    try {
      return await this.#exited;
    } finally {
      clearTimeout(timer);
    }
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
    const nodeOptions = [
      inheritedEnvironment()["NODE_OPTIONS"],
      env?.["NODE_OPTIONS"],
      `--import ${preload}`,
    ];
    const child = spawn(process.execPath, [guard, command], {
      cwd,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        ...appEnvironment(inheritedEnvironment(), this.line),
        XMTP_WALLET_KEY: this.#walletKey,
        XMTP_DB_ENCRYPTION_KEY: this.#dbKey,
        XMTP_DB_DIRECTORY: this.#folder,
        ...env,
        NODE_OPTIONS: nodeOptions.filter((one) => one !== undefined).join(" "),
      },
    });
    this.#child = child;
    this.#running = true;
    this.#record("launched", command);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-keptOutput);
        this.#look();
      });
    }
    // Closed by the guard's end.
    child.stdin.on("error", () => undefined);
    this.#exited = new Promise((resolve) => {
      child.once("error", () => resolve(this.#ended({ code: 127, signal: null })));
      child.once("close", (code, signal) => resolve(this.#ended({ code, signal })));
      // What the app has started holds its output open: it ends with it.
      child.once("exit", () => this.#signal("SIGKILL"));
    });
  }

  #ended(exit: AppExit): AppExit {
    this.#running = false;
    this.#record(this.#asked ? "stopped" : "exited", exitText(exit));
    if (!this.#asked) this.#failure = this.#exitedError(exit);
    this.#exit = exit;
    this.#look();
    return exit;
  }

  #exit: AppExit = { code: null, signal: null };

  #exitedError(exit: AppExit): XmtpTestError {
    return new XmtpTestError(
      "APP_EXITED",
      `${this.name} ended by itself (${exitText(exit)}). Its last output:\n${this.#lastLines}\n`,
      "Run its command by hand, or call stop() where its end is meant.",
    );
  }

  async #until(met: () => boolean, timeoutMs: number, what: string): Promise<void> {
    let look: () => void = () => undefined;
    const done = new Promise<void>((resolve, reject) => {
      look = () => {
        if (met()) resolve();
        else if (!this.#running) reject(this.takeFailure() ?? this.#exitedError(this.#exit));
      };
    });
    this.#waiting.add(look);
    look();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#lateError(what, timeoutMs)), timeoutMs);
    });
    try {
      await Promise.race([done, late]);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  #lateError(what: string, timeoutMs: number): XmtpTestError {
    return new XmtpTestError(
      "APP_NOT_READY",
      `${this.name} did not show ${what} within ${timeoutMs} ms. Its last output:\n${this.#lastLines}\n`,
      "Give it more time, or another sign with `ready`.",
    );
  }

  get #lastLines(): string {
    return this.output.trimEnd().split("\n").slice(-15).join("\n") || "(none)";
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // The whole group has ended already.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
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

function exitText({ code, signal }: AppExit): string {
  return signal === null ? `exit code ${String(code)}` : signal;
}
