import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base } from "@playwright/test";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A command that runs, or has ended. */
export interface Running {
  readonly pid: number;
  /** All it printed, standard output and error. */
  readonly output: string;
  /** Resolves with the match once the output has it; rejects when the command ends without. */
  waitFor(pattern: RegExp): Promise<RegExpMatchArray>;
  signal(signal: NodeJS.Signals): void;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

export type Start = (
  args: readonly string[],
  cwd?: string,
  env?: Readonly<Record<string, string>>,
) => Running;

/** `test` with a `start` that runs the command line; what still runs at the end is killed. */
export const test = base.extend<{ start: Start }>({
  start: async ({}, use) => {
    const all: Running[] = [];
    await use((args, cwd = ".", env = {}) => {
      const running = run(args, cwd, env);
      all.push(running);
      return running;
    });
    for (const running of all) {
      running.signal("SIGKILL");
      await running.ended;
    }
  },
});

function run(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [join(root, "dist/src/cli/main.js"), ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  let output = "";
  let over = false;
  const listeners = new Set<() => void>();
  const take = (text: string): void => {
    output += text;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  const ended = once(child, "close").then(([code, signal]: (number | string | null)[]) => {
    over = true;
    for (const listener of listeners) listener();
    return code ?? signal ?? -1;
  });
  return {
    pid: child.pid ?? -1,
    get output() {
      return output;
    },
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (match) resolve(match);
          else if (over) reject(new Error(`The command ended without ${String(pattern)}:\n${output}`));
        };
        listeners.add(look);
        look();
      }),
    signal: (signal) => child.kill(signal),
    ended,
  };
}

/** Whether a port of 127.0.0.1 can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve, reject) => {
    server.once("listening", () => resolve(true));
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1");
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
