import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { adviseSdk } from "../workers/sdk/loading/advice.js";
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
}

/**
 * Sees to it that a project has a node-sdk that loads on this machine: where it has none, or one that came with another
 * package and does not load, the newest release that does goes into package.json. What the project asks for itself is
 * left alone, and told.
 */
export async function provideSdk(folder: string, on?: Host): Promise<ProvidedSdk> {
  const { found, reasons, install } = adviseSdk(folder, on);
  if (found !== undefined && reasons.length === 0) {
    return { lines: [`workers run on node-sdk ${found.version}`], changed: false };
  }
  const missing =
    found === undefined ? `there is no ${PRIMARY}` : `node-sdk ${found.version}: ${reasons.join("; ")}`;
  if (install === undefined) return { lines: [`${missing}; no release of it loads here`], changed: false };
  const command = `npm install --save-dev ${PRIMARY}@${install}`;
  const file = join(folder, "package.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return { lines: [`${missing}. Run: ${command}`], changed: false };
  const manifest = JSON.parse(text) as Manifest;
  const own = manifest.dependencies?.[PRIMARY] ?? manifest.devDependencies?.[PRIMARY];
  if (own !== undefined && found !== undefined) {
    const next = `package.json asks for ${own}, so it is left as it is. The newest release that loads here: ${command}`;
    return { lines: [`${missing}. ${next}`], changed: false };
  }
  if (own !== undefined) return { lines: [`${missing} yet. Run: npm install`], changed: false };
  const devDependencies = Object.entries({ ...manifest.devDependencies, [PRIMARY]: install });
  devDependencies.sort(([a], [b]) => (a < b ? -1 : 1));
  const indent = /^[\t ]+(?=")/m.exec(text)?.[0] ?? 2;
  const changed = { ...manifest, devDependencies: Object.fromEntries(devDependencies) };
  await writeFile(file, `${JSON.stringify(changed, null, indent)}\n`);
  return { lines: [`wrote ${PRIMARY} ${install} into package.json (${missing})`], changed: true };
}
