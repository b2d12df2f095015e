import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { inheritedEnvironment } from "../../environment.js";
import type { Shard } from "../population/shard.js";
import type { Artillery } from "./artillery.js";

/** How one Artillery process ended. */
export interface ProcessEnd {
  readonly shard: Shard;
  /** Exit code, or the signal's name. */
  readonly exit: number | string;
  /** What it printed; absent where it printed to this process's output. */
  readonly log?: string;
}

export interface ProcessOptions {
  readonly script: string;
  readonly shard: Shard;
  /** For Artillery's own report, the log and the blobs. */
  readonly folder: string;
  /** Prints to this process's own output instead of a log. */
  readonly shown: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs one Artillery process to its end; the signal interrupts it as Ctrl+C does. */
export async function runProcess(artillery: Artillery, options: ProcessOptions): Promise<ProcessEnd> {
  const { script, shard, shown, environment, signal } = options;
  const folder = resolve(options.folder);
  const name = `artillery-${shard.current}-of-${shard.total}`;
  const log = join(folder, `${name}.log`);
  const output = shown ? ("inherit" as const) : openSync(log, "w");
  const child = spawn(
    process.execPath,
    [artillery.bin, "run", script, "--output", join(folder, `${name}.json`)],
    {
      stdio: ["ignore", output, output],
      env: {
        ...inheritedEnvironment(),
        // A load test calls no home.
        ARTILLERY_DISABLE_TELEMETRY: "true",
        XMTP_LOAD_FOLDER: folder,
        XMTP_LOAD_SHARD: `${shard.current}/${shard.total}`,
        ...environment,
      },
    },
  );
  const interrupt = (): void => void child.kill("SIGINT");
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    const [code, killedBy] = (await once(child, "exit")) as [number | null, string | null];
    return { shard, exit: code ?? killedBy ?? -1, ...(!shown && { log }) };
  } finally {
    signal.removeEventListener("abort", interrupt);
    if (output !== "inherit") closeSync(output);
  }
}
