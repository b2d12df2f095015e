import { readFile } from "node:fs/promises";
import { variable } from "../environment.js";
import { XmtpTestError } from "../errors.js";
import { readShard } from "../load/population/shard.js";
import { reportText, writeLoadReport } from "../load/report/write.js";
import { runLoad } from "../load/running/run-load.js";
import type { ProcessEnd } from "../load/running/processes.js";
import { makeFolder } from "./folder.js";
import { readOptions } from "./options.js";

const defaultFolder = "xmtp-load";
/** So much of a failed process's log is shown. */
const lastLines = 25;

/** `playwright-xmtp load`: an Artillery script in several processes, with a node where none is given, and one report. */
export async function loadCommand(args: string[]): Promise<void> {
  const script = args[0]?.startsWith("-") === false ? args[0] : undefined;
  const options = await readOptions("load", script === undefined ? args : args.slice(1), {
    processes: {
      default: 1,
      help: "Artillery processes on this machine; one serves about 400 users",
      least: 1,
    },
    shard: { default: "1/1", help: "this machine's part of the run, as current/total" },
    output: { default: defaultFolder, help: "folder for blobs, logs and the report" },
    fault: {
      default: "",
      help: "on the line of xmtp.lineShare of the users: latency:300, throttle:20, blackhole or cut",
    },
    "fault-every": { default: 15, help: "seconds between two faults", least: 1 },
    "fault-for": { default: 3, help: "seconds that a fault lasts", least: 1 },
  });
  if (!options) return;
  if (script === undefined)
    throw new XmtpTestError(
      "INVALID_OPTION",
      "No script was given.",
      "Name an Artillery script: playwright-xmtp load load.yml",
    );
  await makeFolder("output", options.output);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  let ends: readonly ProcessEnd[];
  try {
    ends = await runLoad({
      script,
      processes: options.processes,
      shard: readShard(options.shard),
      folder: options.output,
      seed: variable("XMTP_SEED") ?? "xmtp",
      url: variable("XMTP_API_URL"),
      run: variable("XMTP_LOAD_RUN"),
      fault:
        options.fault === ""
          ? undefined
          : { fault: options.fault, every: options["fault-every"], lasts: options["fault-for"] },
      signal: stop.signal,
    });
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
  await tellFailed(ends);
  // Other machines' shards are missing here; `load-report` judges the whole.
  if (readShard(options.shard).total > 1) {
    if (ends.some(({ exit }) => exit !== 0)) process.exitCode = 1;
    console.log(
      `Blobs: ${options.output}. Put those of all shards in one folder for playwright-xmtp load-report.`,
    );
    return;
  }
  await report(options.output);
}

/** `playwright-xmtp load-report`: the report of blobs that several machines wrote. */
export async function loadReportCommand(args: string[]): Promise<void> {
  const options = await readOptions("load-report", args, {
    input: { default: defaultFolder, help: "folder with the blobs of all shards; the report goes there too" },
  });
  if (options) await report(options.input);
}

async function report(folder: string): Promise<void> {
  const written = await writeLoadReport(folder);
  console.log(reportText(written, folder));
  if (written.status === "failed") process.exitCode = 1;
}

async function tellFailed(ends: readonly ProcessEnd[]): Promise<void> {
  for (const { shard, exit, log } of ends) {
    if (exit === 0) continue;
    console.error(`Artillery of shard ${shard.current}/${shard.total} ended with ${exit}.`);
    if (log === undefined) continue;
    const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
    console.error(`${lines.slice(-lastLines).join("\n")}\n(all of it: ${log})`);
  }
}
