import { readFileSync } from "node:fs";
import { uptime } from "node:os";

/**
 * One life of a process. A pid alone names many: a container starts each of its lives with the same ones.
 *
 * `start` is when the process began: on Linux in clock ticks since `boot`, which no two processes with one pid share;
 * elsewhere in seconds since the machine started, and known of the own process only.
 */
export interface ProcessLife {
  readonly pid: number;
  readonly start: string;
  readonly boot: string;
}

/** What tells about processes; a test puts another machine in its place. */
export interface ProcessTable {
  readonly self: ProcessLife;
  lives(life: ProcessLife): boolean;
}

/** How far apart two readings of the own start may be, in seconds, where there is no /proc. */
const READING_S = 3;

export const systemProcesses: ProcessTable = {
  get self() {
    const linux = linuxStart(process.pid);
    return linux === undefined
      ? { pid: process.pid, start: String(Math.round(ownStartS())), boot: "" }
      : { pid: process.pid, start: linux, boot: bootId() };
  },
  lives({ pid, start, boot }) {
    if (!Number.isInteger(pid) || pid <= 0) return false;
    if (boot !== "" && boot !== bootId()) return false;
    if (boot !== "") return linuxStart(pid) === start;
    // Older versions wrote no start: such a mark of the own pid is of an earlier life.
    if (pid === process.pid) return start !== "" && Math.abs(Number(start) - ownStartS()) <= READING_S;
    return answers(pid);
  },
};

/** Empty where there is none. */
function bootId(): string {
  return read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

/** Field 22 of /proc/<pid>/stat, counted behind the name, which may hold anything; undefined for no such process. */
function linuxStart(pid: number): string | undefined {
  const stat = bootId() === "" ? undefined : read(`/proc/${pid}/stat`);
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  // A zombie no longer holds anything.
  return state === undefined || state === "Z" || state === "X" ? undefined : fields[18];
}

function ownStartS(): number {
  return uptime() - process.uptime();
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // ESRCH: it ended while it was read.
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return undefined;
    throw error;
  }
}
