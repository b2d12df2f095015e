// Runs a command in a copy of this repository whose own node-sdk is another version, as a project has it that depends
// on that version:
//   node scripts/on-sdk.mjs 6.0.0 -- npx playwright test --project=functional
// The copy stands in .cache/on-sdk/<version>; its packages but the SDK are links to this repository's.
// A version that needs a newer glibc than the system's runs by scripts/newer-glibc.mjs, or is SKIPPED, aloud.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { neededSymbolVersions } from "../dist/src/workers/sdk/loading/elf.js";
import { newerGlibc, systemGlibc, withNode } from "./newer-glibc.mjs";
import { all, cache, folderOf, home, installVersions, primary, root } from "./sdk-versions.mjs";

const newer = (a, b) => a.localeCompare(b, "en", { numeric: true });

const BINDINGS = "@xmtp/node-bindings";

/** The folder of the native files that a version loads. */
export function bindingsOf(version) {
  return dirname(createRequire(join(folderOf(version), "package.json")).resolve(BINDINGS));
}

/** The glibc that the version's native file asks for; "" where it has none for this system's C library. */
export function neededGlibc(version) {
  const file = join(bindingsOf(version), `bindings_node.${process.platform}-${process.arch}-gnu.node`);
  if (!existsSync(file)) return "";
  const needs = neededSymbolVersions(file).flatMap((name) => /^GLIBC_([\d.]+)$/.exec(name)?.[1] ?? []);
  return needs.sort(newer).at(-1) ?? "";
}

const needsNewer = (version) => newer(neededGlibc(version), systemGlibc()) > 0;

/** The version of {@link all} that a command line means: "6.1" is the nightly. */
export function versionNamed(text) {
  const version = all.find((one) => one === text) ?? all.find((one) => one.startsWith(`${text}.`));
  if (version === undefined) throw new Error(`node-sdk ${text} is none of ${all.join(", ")}`);
  return version;
}

/** Makes the copy, or brings it up to date. @returns its folder */
export function copyFor(version) {
  if (version !== primary) installVersions();
  const dir = join(cache, "on-sdk", version);
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const top of new Set(files.split("\0").map((file) => file.split("/")[0]))) {
    if (top !== "") rmSync(join(dir, top), { recursive: true, force: true });
  }
  for (const file of files.split("\0")) {
    if (file === "" || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    cpSync(join(root, file), join(dir, file));
  }
  rmSync(join(dir, "dist"), { recursive: true, force: true });
  cpSync(join(root, "dist"), join(dir, "dist"), { recursive: true, preserveTimestamps: true });
  link(join(root, "node_modules"), join(dir, "node_modules"), ["@xmtp"]);
  link(join(root, "node_modules/@xmtp"), join(dir, "node_modules/@xmtp"), [
    "node-sdk",
    "node-bindings",
    "content-type-primitives",
  ]);
  installSdk(folderOf(version), join(dir, "node_modules/@xmtp/node-sdk"));
  return dir;
}

/**
 * The SDK itself as a folder of that name, as every project has it: apps under test are led to their lines by it, and
 * Node goes by a link's target. What it depends on is a link beside it.
 */
function installSdk(from, to) {
  cpSync(from, to, { recursive: true, filter: (path) => path !== join(from, "node_modules") });
  const { dependencies } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    const link = join(to, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(dependencyOf(from, name), link);
  }
}

/** The folder of a package as seen from another one: nested in it, or beside it or above. */
function dependencyOf(from, name) {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) throw new Error(`${name} is not installed for ${from}`);
  }
}

/** A folder of links to what another one holds, but for what is left out. */
function link(from, to, left) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from))
    if (!left.includes(name)) symlinkSync(join(from, name), join(to, name));
}

/**
 * The environment to run in with a version. The versions share one folder of installed SDKs, and Playwright's cache of
 * transpiled files knows neither the copy nor the Node version.
 * @throws Error saying why the version cannot run here
 */
export function environmentFor(version, dir) {
  const env = needsNewer(version) ? withNode(newerGlibc()) : process.env;
  return {
    ...env,
    XMTP_SDK_VERSIONS: home,
    PREBUILT: "1",
    PWTEST_CACHE_DIR: join(dir, "node_modules/.cache-playwright"),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [asked = "", ...rest] = process.argv.slice(2);
  const version = versionNamed(asked);
  const command = rest[0] === "--" ? rest.slice(1) : rest;
  const dir = copyFor(version);
  let env;
  try {
    env = environmentFor(version, dir);
  } catch (error) {
    console.log(`\n=== SKIPPED: node-sdk ${version} (${error.message})`);
    process.exit(0);
  }
  const { status, error } = spawnSync(command[0], command.slice(1), { cwd: dir, stdio: "inherit", env });
  if (error) throw error;
  process.exit(status ?? 1);
}
