import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inheritedEnvironment } from "../environment.js";
import { appEnvironment } from "./environment.js";
import type { AppPlace } from "./environment.js";
import { killEscaped } from "./process/escaped.js";

/** How an app ended. */
export interface AppExit {
  /** Null where a signal ended it, and where it never ran. */
  readonly code: number | null;
  /** The signal that ended it; null where it ended by itself. */
  readonly signal: NodeJS.Signals | null;
}

export interface AppProcessOptions {
  readonly command: string;
  readonly cwd: string | undefined;
  /** Where it is led. */
  readonly place: AppPlace;
  /** Added to this process's environment, last. */
  readonly env: Readonly<Record<string, string | undefined>>;
  onOutput(text: string): void;
}

const guard = fileURLToPath(new URL("./process/guard.js", import.meta.url));
const preload = new URL("./process/preload.js", import.meta.url).href;
/** How long an app may take to end after a signal before it is killed, ms. */
const graceMs = 5_000;

/** One run of an app: a process group that ends as a whole, and with this process however that ends. */
export class AppProcess {
  readonly #child: ChildProcess;
  /** Resolves when it has ended, with all it has started. */
  readonly exited: Promise<AppExit>;

  constructor(options: AppProcessOptions) {
    const { command, cwd, place, env } = options;
    const take = (text: string): void => options.onOutput(text);
    const { NODE_OPTIONS: inherited, ...parent } = inheritedEnvironment();
    const nodeOptions = [inherited, env["NODE_OPTIONS"], `--import ${preload}`]
      .filter((one) => one !== undefined)
      .join(" ");
    const child = spawn(process.execPath, [guard, command, nodeOptions], {
      cwd,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      // The guard hands the app's NODE_OPTIONS on, and runs without them.
      env: { ...appEnvironment(parent, place), ...env, NODE_OPTIONS: undefined },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", take);
    // Closed by the guard's end.
    child.stdin.on("error", () => undefined);
    this.exited = new Promise((resolve) => {
      child.once("error", ({ message }) => {
        take(`${message}\n`);
        resolve({ code: 127, signal: null });
      });
      child.once("close", (code, signal) => resolve({ code, signal }));
      // What the app has started holds its output open: it ends with it.
      child.once("exit", () => {
        this.#signal("SIGKILL");
        killEscaped(place.url);
      });
    });
  }

  /** Sends a signal to the whole group, SIGKILL 5 s later, and waits until it has ended. */
  async end(signal: NodeJS.Signals): Promise<AppExit> {
    this.#signal(signal);
    const timer = setTimeout(() => this.#signal("SIGKILL"), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // The whole group has ended already.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** For people. */
export function exitText({ code, signal }: AppExit): string {
  return signal === null ? `exit code ${String(code)}` : signal;
}
