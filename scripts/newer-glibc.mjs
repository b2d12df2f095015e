// Runs a command with a Node that has glibc 2.38 or newer, which node-sdk 6 needs:
//   node scripts/newer-glibc.mjs -- npx playwright test
// Where this system has it, that is the system's own Node. Else Debian trixie's C library and a newer Node go into
// .cache, some 40 MB, without root and without touching the system: the wrapper starts Node by that library's loader.
// Where neither is possible it says SKIPPED, and why, and ends with 0.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cache } from "./sdk-versions.mjs";

/** What the bindings of node-sdk 6.0.0 and later ask for. */
const NEEDED = "2.38";
/** The Node to go with it: node-sdk 6 asks for 22 or later. */
const NODE = "24.21.0";
const PACKAGES = ["libc6", "libgcc-s1", "libstdc++6"];
const LOADERS = {
  x64: ["x86_64-linux-gnu", "ld-linux-x86-64.so.2"],
  arm64: ["aarch64-linux-gnu", "ld-linux-aarch64.so.1"],
};
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

const newer = (a, b) => a.localeCompare(b, "en", { numeric: true }) >= 0;

/** The system's glibc; "" where it has none. */
export function systemGlibc() {
  return process.platform === "linux" ? (process.report.getReport().header.glibcVersionRuntime ?? "") : "";
}

/**
 * A folder to put first on PATH, whose `node` has a new enough glibc; "" where the system's own does.
 * @throws Error saying why there is none
 */
export function newerGlibc() {
  const glibc = systemGlibc();
  if (process.platform === "linux" && glibc !== "" && newer(glibc, NEEDED)) return "";
  const loader = LOADERS[process.arch];
  if (glibc === "" || loader === undefined)
    throw new Error(`no glibc for ${process.platform} ${process.arch}`);
  if (!existsSync(KEYRING))
    throw new Error(`glibc ${glibc}, and no Debian keyring (${KEYRING}) to get a newer one by`);
  const home = join(cache, `glibc-trixie-node-${NODE}-${process.arch}`);
  if (!existsSync(home)) {
    const own = `${home}.${process.pid}`;
    try {
      unpack(own);
      renameSync(own, home);
    } catch (error) {
      rmSync(own, { recursive: true, force: true });
      if (!existsSync(home))
        throw new Error(`glibc ${glibc}, and trixie's could not be fetched`, { cause: error });
    }
  }
  return wrap(home, loader);
}

function unpack(dir) {
  for (const sub of ["state/lists/partial", "cache/archives/partial", "root", "bin"]) {
    mkdirSync(join(dir, sub), { recursive: true });
  }
  writeFileSync(
    join(dir, "sources.list"),
    `deb [signed-by=${KEYRING}] http://deb.debian.org/debian trixie main\n`,
  );
  // Lists and packages in this folder: the system's apt is not touched, and needs no root.
  const apt = [
    ["Dir::Etc::SourceList", join(dir, "sources.list")],
    ["Dir::Etc::SourceParts", "/dev/null"],
    ["Dir::State", join(dir, "state")],
    ["Dir::Cache", join(dir, "cache")],
    ["APT::Sandbox::User", ""],
  ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const run = (command, args) =>
    execFileSync(command, args, { cwd: dir, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  run("apt-get", [...apt, "-qq", "update"]);
  run("apt-get", [...apt, "-qq", "download", ...PACKAGES]);
  for (const name of readdirSync(dir)) if (name.endsWith(".deb")) run("dpkg-deb", ["-x", name, "root"]);
  const node = `node-linux-${process.arch}@${NODE}`;
  run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", dir, node]);
  for (const sub of ["state", "cache"]) rmSync(join(dir, sub), { recursive: true });
}

/** Node started by the newer loader; what it starts with `process.execPath` is started so too, and nothing else is. */
function wrap(home, [folder, loader]) {
  const bin = join(home, "bin");
  const libraries = join(home, "root/usr/lib", folder);
  const node = join(home, `node_modules/node-linux-${process.arch}/bin/node`);
  const preload = join(bin, "exec-path.cjs");
  writeFileSync(preload, `process.execPath = ${JSON.stringify(join(bin, "node"))};\n`);
  const quoted = [join(libraries, loader), "--library-path", libraries, node, "--require", preload].map(
    (word) => `'${word}'`,
  );
  const wrapper = join(bin, `node.${process.pid}`);
  writeFileSync(wrapper, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`);
  chmodSync(wrapper, 0o755);
  renameSync(wrapper, join(bin, "node"));
  return bin;
}

/** The environment whose `node` is that one. */
export function withNode(bin) {
  return bin === "" ? process.env : { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const command = process.argv.slice(process.argv[2] === "--" ? 3 : 2);
  let bin;
  try {
    bin = newerGlibc();
  } catch (error) {
    console.log(`\n=== SKIPPED: ${error.message}`);
    process.exit(0);
  }
  const { status, error } = spawnSync(command[0], command.slice(1), { stdio: "inherit", env: withNode(bin) });
  if (error) throw error;
  process.exit(status ?? 1);
}
