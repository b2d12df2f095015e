import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { XmtpTestError } from "../../errors.js";

const nameOf = (file: string): string => `${file}.lock`;

/**
 * Marks the file as this process's. A mark whose process is gone counts for nothing.
 *
 * @throws XmtpTestError `STATE_IN_USE`
 */
export function takeLock(file: string): void {
  const lock = nameOf(file);
  for (let attempt = 1; ; attempt++) {
    try {
      const fd = openSync(lock, "wx");
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const pid = Number(readFileSync(lock, "utf8"));
      if (attempt > 1 || lives(pid)) {
        throw new XmtpTestError(
          "STATE_IN_USE",
          `Another node keeps its state in ${file} (process ${pid}).`,
          `End that node first, or delete ${lock} if there is none.`,
        );
      }
      rmSync(lock, { force: true });
    }
  }
}

export function freeLock(file: string): void {
  rmSync(nameOf(file), { force: true });
}

function lives(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
