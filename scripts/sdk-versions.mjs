// The node-sdk versions that everything here is tested with, and where they are installed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cache, homeOf, installOnce, root } from "./install-once.mjs";

export { cache, root };

const folder = join(root, "tests/integration/versions/sdks");
export const home = process.env.XMTP_SDK_VERSIONS ?? homeOf("sdk-versions", folder);

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
 * are not part of the root package.
 */
export function installVersions() {
  installOnce(folder, home, { args: ["--ignore-scripts"] });
}
