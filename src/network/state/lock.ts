import { randomUUID } from "node:crypto";
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { XmtpTestError } from "../../errors.js";
import { systemProcesses } from "./process-life.js";
import type { ProcessLife, ProcessTable } from "./process-life.js";

/** Who holds a lock: a process, and which of its nodes. */
interface Owner extends ProcessLife {
  readonly id: string;
}

const OWNER_ONLY = 0o600;
/** How often a lock that changes hands is looked at again. */
const ATTEMPTS = 100;

/** A file marked as one node's. */
export class Lock {
  readonly #lock: string;
  readonly #id: string;

  private constructor(lock: string, id: string) {
    this.#lock = lock;
    this.#id = id;
  }

  /**
   * Marks the file as this node's. A mark whose process is gone counts for nothing, also where another process, or this
   * one, has got its pid since. Of several nodes that find such a mark, exactly one takes it.
   *
   * Containers cannot see each other's processes: two of them must not share a file.
   *
   * @throws XmtpTestError `STATE_IN_USE`
   */
  static take(file: string, processes: ProcessTable = systemProcesses): Lock {
    const lock = `${file}.lock`;
    const owner: Owner = { ...processes.self, id: randomUUID() };
    const holder = take(lock, owner, processes);
    if (!holder) return new Lock(lock, owner.id);
    throw new XmtpTestError(
      "STATE_IN_USE",
      `Another node keeps its state in ${file} (process ${holder.pid}).`,
      `End that node first, or delete ${lock} if there is none.`,
    );
  }

  /** Idempotent; a mark that is another's by now stays. */
  free(): void {
    if (ownerOf(this.#lock)?.id === this.#id) rmSync(this.#lock, { force: true });
  }
}

/**
 * Who finds a dead owner's mark may replace it only with the right to do so: a lock of its own, named after that owner,
 * and taken by the same rules. With it, the mark is looked at again: a slower one finds that it has changed.
 *
 * @returns the living owner that is in the way
 */
function take(lock: string, owner: Owner, processes: ProcessTable): Owner | undefined {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (create(lock, owner)) return undefined;
    const found = ownerOf(lock);
    if (!found) continue;
    if (processes.lives(found)) return found;
    const right = `${lock}.${found.id}`;
    const rival = take(right, owner, processes);
    if (rival) return rival;
    const still = ownerOf(lock)?.id === found.id;
    // The right itself becomes the mark; or is given back.
    if (still) renameSync(right, lock);
    else rmSync(right, { force: true });
    if (still) return undefined;
  }
  throw new Error(`${lock} changes hands all the time.`);
}

/** Makes the mark whole or not at all, so that nobody reads half a one. @returns false where there is one */
function create(lock: string, owner: Owner): boolean {
  const draft = `${lock}.${randomUUID()}.new`;
  try {
    writeFileSync(draft, JSON.stringify(owner), { flag: "wx", mode: OWNER_ONLY });
    linkSync(draft, lock);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code))
      return createPlain(lock, owner);
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Where the file system has no links. */
function createPlain(lock: string, owner: Owner): boolean {
  let fd: number;
  try {
    fd = openSync(lock, "wx", OWNER_ONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeFileSync(fd, JSON.stringify(owner));
  } finally {
    closeSync(fd);
  }
  return true;
}

/** Undefined where there is no mark. One that cannot be read is a dead owner's: older versions wrote a pid alone. */
function ownerOf(lock: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(lock, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return ownerIn(text) ?? { pid: Number(text), start: "", boot: "", id: "unnamed" };
}

function ownerIn(text: string): Owner | undefined {
  try {
    const value = JSON.parse(text) as Partial<Owner> | null;
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, start, boot, id } = value;
    if (typeof pid !== "number" || typeof start !== "string" || typeof boot !== "string") return undefined;
    // It becomes part of a file's name.
    return typeof id === "string" && /^[\w-]{1,64}$/u.test(id) ? { pid, start, boot, id } : undefined;
  } catch {
    return undefined;
  }
}
