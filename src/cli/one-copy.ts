import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { manifestText } from "./manifest-text.js";

interface Manifest {
  readonly workspaces?: unknown;
  readonly packageManager?: string;
  readonly overrides?: Readonly<Record<string, unknown>>;
}

const PRIMITIVES = "@xmtp/content-type-primitives";
const BINDINGS = "@xmtp/node-bindings";
const nothing = { lines: [], commands: [] };
/** What other managers leave beside a project's package.json. */
const othersFiles = ["yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml", "bun.lock", ".yarnrc.yml"];

/**
 * Tells npm to install the SDK's native part once.
 *
 * From 5.0 on node-sdk brings a package that wants another version of the bindings than node-sdk itself, for types
 * alone: 210 MB that nothing ever loads. npm takes an override in the package.json at the root of the project, and only
 * there; the other managers have words of their own for it, which are the user's to write.
 *
 * @param sdk the project's node-sdk, and the version of the bindings that it loads; empty where that is not known
 * @returns a line for the terminal, and the commands that bring it about; neither where nothing was to be done
 */
export async function overrideBindings(
  folder: string,
  { version, bindings }: { readonly version: string; readonly bindings: string },
): Promise<{ readonly lines: readonly string[]; readonly commands: readonly string[] }> {
  const root = rootOf(folder);
  if (root === undefined || bindings === "" || version.startsWith("4.")) return nothing;
  const file = join(root, "package.json");
  const text = readFileSync(file, "utf8");
  const manifest = JSON.parse(text) as Manifest;
  const other = manifest.packageManager !== undefined && !manifest.packageManager.startsWith("npm@");
  if (other || othersFiles.some((name) => existsSync(join(root, name)))) return nothing;
  const before = manifest.overrides?.[PRIMITIVES];
  // Whoever overrides that package has their reasons.
  if (before !== undefined && !isOurs(before)) return nothing;
  if (isOurs(before) && before[BINDINGS] === bindings) return nothing;
  const overrides = { ...manifest.overrides, [PRIMITIVES]: { [BINDINGS]: bindings } };
  await writeFile(file, manifestText({ ...manifest, overrides }, text));
  return {
    lines: [`wrote an override into package.json: one copy of ${BINDINGS} (${bindings}) instead of two`],
    // In workspaces npm 11 leaves what is installed as it is, until it is told to look again.
    commands: root === folder ? ["npm install"] : ["npm install", "npm dedupe"],
  };
}

function isOurs(entry: unknown): entry is Readonly<Record<string, string>> {
  return typeof entry === "object" && entry !== null && Object.keys(entry).join() === BINDINGS;
}

/** The folder whose package.json npm takes overrides from: that of the workspaces around a folder, else its own. */
function rootOf(folder: string): string | undefined {
  const own = existsSync(join(folder, "package.json")) ? folder : undefined;
  for (let at = dirname(folder); at !== dirname(at); at = dirname(at)) {
    const file = join(at, "package.json");
    if (!existsSync(file)) continue;
    if ((JSON.parse(readFileSync(file, "utf8")) as Manifest).workspaces !== undefined) return at;
  }
  return own;
}
