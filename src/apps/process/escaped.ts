import { readdirSync, readFileSync } from "node:fs";

/**
 * Ends what has left an app's process group, as a daemon does: whoever still has the app's line in its environment.
 * Where the system shows no environments (all but Linux) it finds nobody.
 */
export function killEscaped(lineUrl: string): void {
  for (const pid of processes()) {
    if (pid === process.pid || !hasLine(pid, lineUrl)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function processes(): number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function hasLine(pid: number, lineUrl: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`XMTP_LINE_URL=${lineUrl}`);
  } catch {
    // It has ended meanwhile, or is another user's.
    return false;
  }
}
