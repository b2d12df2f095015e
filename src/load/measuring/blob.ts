import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorText, XmtpTestError } from "../../errors.js";
import type { Shard } from "../population/shard.js";
import type { Slice } from "./meter.js";

/** What one user leaves behind. */
export interface UserRecord {
  readonly user: number;
  readonly state: "settled" | "died" | "unfinished";
  /** Why it died. */
  readonly error?: string;
  /** When its receive side was judged, Unix ms. */
  readonly settledAt?: number;
  /** By conversation: the last acknowledged sends, with when they were acknowledged (Unix ms). */
  readonly acknowledged: readonly (readonly [conversation: number, seq: number, at: number])[];
  /** By conversation and sender: the last message that was there. */
  readonly lastSeen: readonly (readonly [conversation: number, sender: number, seq: number])[];
  /** Messages that were lost, as texts; at most 20. */
  readonly lost: readonly string[];
}

/** What one process of a run leaves behind, for the report of all. */
export interface ProcessBlob {
  readonly kind: "users";
  readonly version: 1;
  readonly run: string;
  readonly seed: string;
  readonly shard: Shard;
  readonly pid: number;
  readonly sdk: string;
  /** CPU time of the whole process, ms. */
  readonly cpuMs: number;
  /** The most resident memory, MB. */
  readonly peakMemoryMb: number;
  readonly population: Readonly<Record<"users" | "groups" | "groupSize" | "dms", number>>;
  readonly slices: readonly Slice[];
  readonly users: readonly UserRecord[];
}

/** What the embedded node, and the chaos on lines, did meanwhile. */
export interface NodeBlob {
  readonly kind: "node";
  readonly version: 1;
  readonly run: string;
  /** CPU time of the node's thread over the run, ms; absent where the system does not tell. */
  readonly cpuMs?: number;
  readonly samples: readonly {
    /** Unix seconds. */
    readonly at: number;
    readonly cpuMs?: number;
    readonly openSubscriptions: number;
    readonly deliveries: number;
    readonly requests: number;
  }[];
  /** Faults on the lines: Unix ms. */
  readonly faults: readonly { readonly what: string; readonly from: number; readonly to: number }[];
}

/** How an Artillery process ended: its own thresholds are judged there. */
export interface EndBlob {
  readonly kind: "end";
  readonly version: 1;
  readonly run: string;
  readonly shard: Shard;
  /** Exit code, or the signal's name. */
  readonly exit: number | string;
}

export type Blob = ProcessBlob | NodeBlob | EndBlob;

/** Writes a blob at once and whole: a process that ends cannot wait. */
export function writeBlob(folder: string, name: string, blob: Blob): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.load.json`);
  writeFileSync(`${file}.part`, JSON.stringify(blob));
  renameSync(`${file}.part`, file);
}

/** All blobs of a folder. @throws XmtpTestError `BAD_LOAD_BLOB` */
export async function readBlobs(folder: string): Promise<Blob[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith(".load.json")).sort();
  } catch (error) {
    throw bad(`The folder ${folder} cannot be read (${errorText(error)}).`);
  }
  if (names.length === 0) throw bad(`The folder ${folder} has no file *.load.json.`);
  return Promise.all(names.map((name) => readBlob(join(folder, name))));
}

async function readBlob(file: string): Promise<Blob> {
  let blob: Partial<Blob> | null;
  try {
    blob = JSON.parse(await readFile(file, "utf8")) as Partial<Blob> | null;
  } catch (error) {
    throw bad(`${file} cannot be read (${errorText(error)}).`);
  }
  const known: readonly unknown[] = ["users", "node", "end"];
  if (blob?.version === 1 && known.includes(blob.kind)) return blob as Blob;
  throw bad(`${file} is not a blob of a load run.`);
}

function bad(what: string): XmtpTestError {
  return new XmtpTestError(
    "BAD_LOAD_BLOB",
    what,
    "Give the folder that the load runs wrote their blobs to (XMTP_LOAD_FOLDER, or --output).",
  );
}
