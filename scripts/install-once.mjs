// What tests need beside the root package, because it is large or comes in several versions: a folder with a
// package.json and its lockfile, installed on demand into .cache.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const cache = join(root, ".cache");

/** Where a folder's packages are, or will be, installed: named after the lockfile, so that a changed one is installed anew. */
export function homeOf(name, folder) {
  const lock = readFileSync(join(folder, "package-lock.json"));
  return join(cache, `${name}-${createHash("sha256").update(lock).digest("hex").slice(0, 12)}`);
}

/**
 * Installs a folder's packages once. Into a folder of this process first: whoever renames it to its final name first wins.
 *
 * @param options what npm gets beside `ci`, and its environment
 */
export function installOnce(folder, home, { args = [], env = process.env } = {}) {
  if (existsSync(home)) return;
  const own = `${home}.${process.pid}`;
  mkdirSync(own, { recursive: true });
  try {
    for (const file of ["package.json", "package-lock.json"]) cpSync(join(folder, file), join(own, file));
    // The shell finds npm under Windows too.
    execFileSync("npm", ["ci", ...args, "--no-audit", "--no-fund"], {
      cwd: own,
      shell: true,
      stdio: ["ignore", "ignore", "inherit"],
      env,
    });
    if (!existsSync(home)) renameSync(own, home);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
