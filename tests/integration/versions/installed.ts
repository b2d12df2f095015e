import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "sdks");
const lock = readFileSync(join(folder, "package-lock.json"));
const cache = join(import.meta.dirname, "..", "..", "..", ".cache");
/** Named after the lockfile, so that a changed list of versions is installed anew. */
const home = join(cache, `sdk-versions-${createHash("sha256").update(lock).digest("hex").slice(0, 12)}`);

// Read by installedSdks(); set before the first worker asks for a version.
process.env["XMTP_SDK_PATH"] = home;

const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
};

/** The versions under test besides the primary one, oldest first. */
export const others: readonly string[] = Object.values(manifest.dependencies).flatMap(
  (wanted) => /^npm:@xmtp\/node-sdk@(.+)$/.exec(wanted)?.[1] ?? [],
);

/**
 * Installs the versions once per lockfile: each unpacks some 200 MB of native code for all platforms, which
 * is why they are not part of the root package. Into a folder of this process first: whoever renames it to
 * its final name first wins.
 */
export function installVersions(): void {
  if (existsSync(home)) return;
  const own = `${home}.${process.pid}`;
  mkdirSync(own, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) cpSync(join(folder, file), join(own, file));
  // The shell finds npm under Windows too.
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: own,
    shell: true,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (existsSync(home)) rmSync(own, { recursive: true });
  else renameSync(own, home);
}
