import { readdir, readFile } from "node:fs/promises";

/** Names the variable that {@link marked} looks for: what a run starts inherits it, whatever group it moves to. */
export const MARK = "SELF_TEST_MARK";

/** The command lines of all processes on this machine that have the mark in their environment. Linux only. */
export async function marked(mark: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    pids.map(async (pid) => {
      try {
        const environment = await readFile(`/proc/${pid}/environ`, "utf8");
        if (!environment.split("\0").includes(`${MARK}=${mark}`)) return [];
        return [`${pid} ${(await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ")}`];
      } catch (error) {
        // Ended meanwhile, or another user's.
        if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? ""))
          return [];
        throw error;
      }
    }),
  );
  return all.flat();
}
