import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { adviseSdk, releases } from "../workers/sdk/loading/advice.js";
import { manifestText, withDevDependencies } from "./manifest-text.js";
import type { Host } from "../workers/sdk/loading/preflight.js";

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const PRIMARY = "@xmtp/node-sdk";

/** What {@link provideSdk} did. */
export interface ProvidedSdk {
  /** For the terminal, a line each. */
  readonly lines: readonly string[];
  /** Whether package.json changed, so that `npm install` comes next. */
  readonly changed: boolean;
  /** The version that the project will have after that; "" where that is the user's to decide. */
  readonly version: string;
  /** The native bindings that this version loads; "" likewise. */
  readonly bindings: string;
}

/**
 * Sees to it that a project has a node-sdk that loads on this machine: where it has none, or one that came with another
 * package and does not load, the newest release that does goes into package.json. What the project asks for itself is
 * left alone, and told.
 */
export async function provideSdk(folder: string, on?: Host): Promise<ProvidedSdk> {
  const { found, reasons, install } = adviseSdk(folder, on);
  if (found !== undefined && reasons.length === 0) {
    const { version, bindingsVersion: bindings } = found;
    return { lines: [`workers run on node-sdk ${version}`], changed: false, version, bindings };
  }
  const missing =
    found === undefined ? `there is no ${PRIMARY}` : `node-sdk ${found.version}: ${reasons.join("; ")}`;
  if (install === undefined) return advised(`${missing}; no release of it loads here`);
  const command = `npm install --save-dev ${PRIMARY}@${install}`;
  const file = join(placeFor(folder), "package.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return advised(`${missing}. Run: ${command}`);
  const manifest = JSON.parse(text) as Manifest;
  const own = manifest.dependencies?.[PRIMARY] ?? manifest.devDependencies?.[PRIMARY];
  if (own !== undefined && found !== undefined) {
    const next = `package.json asks for ${own}, so it is left as it is. The newest release that loads here: ${command}`;
    return advised(`${missing}. ${next}`);
  }
  if (own !== undefined) return advised(`${missing} yet. Run: npm install`);
  const changed = withDevDependencies(manifest, { [PRIMARY]: install });
  await writeFile(file, manifestText(changed, text));
  const bindings = releases.find(({ version }) => version === install)?.bindings ?? "";
  const line = `wrote ${PRIMARY} ${install} into ${relative(folder, file)} (${missing})`;
  return { lines: [line], changed: true, version: install, bindings };
}

/**
 * Where the SDK is asked for: beside this package, whose types are those of the SDK that it sees. In a workspace npm puts
 * it into the folder of all, and a version that one package asks for stays in that package.
 */
function placeFor(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const both = ["node_modules/playwright-xmtp", "package.json"];
    if (both.every((name) => existsSync(join(at, name)))) return at;
    if (dirname(at) === at) return folder;
  }
}

const advised = (line: string): ProvidedSdk => ({ lines: [line], changed: false, version: "", bindings: "" });
