import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { root } from "../../self/package/consumer.js";
import type { Ended } from "../../self/package/consumer.js";

const run = promisify(execFile);

/** Who runs a command: by id, as a user of this machine need not exist for it. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The commands that README opens with, for a clone. */
export function frontDoor(readme = readFileSync(join(root, "README.md"), "utf8")): string[] {
  const [, block = ""] = /^## Get started\n.*?^```sh\n(.*?)^```$/ms.exec(readme) ?? [];
  return block.split("\n").filter((line) => line !== "");
}

/** What a newcomer has: a fresh clone in a path that needs quoting, an empty home, and an npm that has cached nothing. */
export class FreshClone {
  private constructor(
    private readonly folder: string,
    private readonly user: User | undefined,
  ) {}

  static async make(user?: User): Promise<FreshClone> {
    const folder = await mkdtemp(join(tmpdir(), "naïve café "));
    await chmod(folder, 0o755);
    // From the checkout of this run: what is not committed is in nobody's clone.
    await run("git", ["clone", "--quiet", "--no-local", root, join(folder, "my clone")]);
    await mkdir(join(folder, "home"));
    if (user) {
      const below = await readdir(folder, { recursive: true });
      for (const path of ["", ...below]) await chown(join(folder, path), user.uid, user.gid);
    }
    return new FreshClone(folder, user);
  }

  /** Runs a command line as README shows it, by the shell; its output in the order it came, so that the end tells what failed. */
  async run(command: string): Promise<Ended> {
    const kept = Object.entries(process.env).filter(
      ([name]) =>
        !/^(TEST_|PLAYWRIGHT_|PW_?TEST|XMTP_|GITHUB_|XDG_|npm_|NODE_OPTIONS$|FORCE_COLOR$|CI(_FULL)?$|INIT_CWD$|USER$)/i.test(
          name,
        ),
    );
    const own = {
      HOME: join(this.folder, "home"),
      npm_config_cache: join(this.folder, "npm cache"),
      NO_COLOR: "1",
    };
    const options = {
      cwd: join(this.folder, "my clone"),
      env: { ...Object.fromEntries(kept), ...own },
      maxBuffer: 2 ** 27,
      ...this.user,
    };
    try {
      const { stdout, stderr } = await run("bash", ["-c", `exec 2>&1\n${command}`], options);
      return { exitCode: 0, output: stripVTControlCharacters(stdout + stderr) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
      if (typeof code !== "number") throw error;
      return { exitCode: code, output: stripVTControlCharacters(stdout + stderr) };
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, maxRetries: 3 });
  }
}

/** How many tests of a suite the list reporter calls passed. */
export function passedIn(suite: string, output: string): number {
  return output.split("\n").filter((line) => /^\s*✓/.test(line) && line.includes(`[${suite}] ›`)).length;
}
