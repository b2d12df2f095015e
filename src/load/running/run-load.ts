import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { XmtpTestError } from "../../errors.js";
import { startNode } from "../../network/index.js";
import type { EmbeddedNode } from "../../network/index.js";
import { writeBlob } from "../measuring/blob.js";
import { checkRun } from "../population/message.js";
import { partOf } from "../population/shard.js";
import type { Shard } from "../population/shard.js";
import { findArtillery, readScript } from "./artillery.js";
import { LineFaults } from "./line-faults.js";
import type { LineFaultOptions } from "./line-faults.js";
import { NodeWatch } from "./node-watch.js";
import { runProcess } from "./processes.js";
import type { ProcessEnd } from "./processes.js";
import { writeShardScript } from "./shard-script.js";

export interface LoadRunOptions {
  /** Artillery script, YAML or JSON. */
  readonly script: string;
  /** Processes on this machine. */
  readonly processes: number;
  /** This machine's part of the run. */
  readonly shard: Shard;
  /** Where blobs, logs and Artillery's reports go. Those of an earlier run are removed. */
  readonly folder: string;
  readonly seed: string;
  /** The node; undefined: an embedded one for the time of the run. */
  readonly url: string | undefined;
  /** Default: a random one. All machines of a run need the same. */
  readonly run: string | undefined;
  readonly fault: LineFaultOptions | undefined;
  readonly signal: AbortSignal;
}

/** Runs a load test on this machine: a node where none is given, and Artillery in as many processes as asked. */
export async function runLoad(options: LoadRunOptions): Promise<readonly ProcessEnd[]> {
  const { script: file, processes, shard, fault, signal } = options;
  const artillery = await findArtillery(file);
  const script = await readScript(artillery, file);
  const run = runOf(options);
  const folder = resolve(options.folder);
  await emptied(folder);
  const shards = Array.from({ length: processes }, (_, at) => partOf(shard, at + 1, processes));
  const files = await Promise.all(
    shards.map(async (one) =>
      one.total === 1 ? resolve(file) : await writeShardScript(script, file, one, folder),
    ),
  );
  await using node = options.url === undefined ? await startNode() : undefined;
  const url = options.url ?? (node as EmbeddedNode).url;
  const line = fault && (await LineFaults.start(url, fault));
  const watch = node && new NodeWatch(node);
  try {
    return await Promise.all(
      shards.map(async (one, at) => {
        const end = await runProcess(artillery, {
          script: files[at] ?? file,
          shard: one,
          folder,
          shown: processes === 1,
          signal,
          environment: {
            XMTP_API_URL: url,
            XMTP_LOAD_RUN: run,
            XMTP_SEED: options.seed,
            ...(line && { XMTP_LOAD_LINE: line.url }),
          },
        });
        const name = `end-${one.current}-of-${one.total}`;
        writeBlob(folder, name, { kind: "end", version: 1, run, shard: one, exit: end.exit });
        return end;
      }),
    );
  } finally {
    const faults = (await line?.end()) ?? [];
    if (watch) await watch.end(folder, run, faults);
    else if (faults.length > 0)
      writeBlob(folder, "node", { kind: "node", version: 1, run, samples: [], faults });
  }
}

/** One machine may name its run itself; several must agree. */
function runOf({ run, shard: { current, total } }: LoadRunOptions): string {
  if (run !== undefined) return checkRun(run);
  if (total === 1) return randomBytes(6).toString("hex");
  throw new XmtpTestError(
    "INVALID_OPTION",
    `Shard ${current} of ${total} does not know which run it is part of.`,
    "Set XMTP_LOAD_RUN to the same text for all shards, for example the CI's run id.",
  );
}

/** Removes what an earlier run left, and only that: the folder may be the user's own. */
async function emptied(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const ours = /\.load\.json(\.part)?$|^(artillery|script)-\d+-of-\d+\.(json|log)$/;
  const names = (await readdir(folder)).filter((name) => ours.test(name));
  await Promise.all(names.map((name) => rm(join(folder, name))));
}
