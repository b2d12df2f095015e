import { readFileSync } from "node:fs";
import { join } from "node:path";
import { homeOf, installOnce, root } from "../../../scripts/install-once.mjs";

const folder = join(root, "tests/integration/browser/sdks");
const home = homeOf("browser-sdks", folder);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const manifestOf = (place: string): Manifest =>
  JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as Manifest;

const own = manifestOf(root).devDependencies?.["@xmtp/browser-sdk"] ?? "";
const others = Object.keys(manifestOf(folder).dependencies ?? {}).map((name) =>
  name.replace("browser-sdk-", ""),
);
/** The versions of browser-sdk under test, oldest first. */
export const browserSdks = [own, ...others].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

/** Installs all but this repository's own, once. */
export function installBrowserSdks(): void {
  installOnce(folder, home, { args: ["--ignore-scripts"] });
}

/** What leads the imports of an app to a version; nothing for this repository's own. */
export function aliasesOf(version: string): Record<string, string> {
  if (!others.includes(version)) return {};
  const entry = join(home, "node_modules", `browser-sdk-${version}`, "dist/index.js");
  if (!version.startsWith("5.")) return { "@xmtp/browser-sdk": entry };
  return { "@xmtp/browser-sdk": join(folder, "as-6.js"), "browser-sdk-under-test": entry };
}
