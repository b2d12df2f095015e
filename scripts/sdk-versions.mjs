// The node-sdk versions that everything here is tested with, and where they are installed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const cache = join(root, ".cache");

const folder = join(root, "tests/integration/versions/sdks");
const lock = readFileSync(join(folder, "package-lock.json"));
const digest = createHash("sha256").update(lock).digest("hex").slice(0, 12);
/** Named after the lockfile, so that a changed list of versions is installed anew. */
export const home = process.env.XMTP_SDK_VERSIONS ?? join(cache, `sdk-versions-${digest}`);

const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const aliases = Object.entries(read(join(folder, "package.json")).dependencies).flatMap(([alias, wanted]) => {
  const version = /^npm:@xmtp\/node-sdk@(.+)$/.exec(wanted)?.[1];
  return version === undefined ? [] : [[version, alias]];
});

/** The version this repository develops on. */
export const primary = read(join(root, "package.json")).devDependencies["@xmtp/node-sdk"];
/** The versions under test besides that one, oldest first. */
export const others = aliases.map(([version]) => version);
/** All of them, oldest first. */
export const all = [...others, primary].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

/** The installed folder of a version; a prefix such as "6.1" names the first that begins so. */
export function folderOf(version) {
  const alias = aliases.find(([known]) => known === version)?.[1];
  return alias === undefined ? join(root, "node_modules/@xmtp/node-sdk") : join(home, "node_modules", alias);
}

/**
 * Installs the versions once per lockfile: each unpacks some 200 MB of native code for all platforms, which is why they
 * are not part of the root package. Into a folder of this process first: whoever renames it to its final name first wins.
 */
export function installVersions() {
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
