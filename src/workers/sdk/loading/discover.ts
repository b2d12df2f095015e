import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { variable } from "../../../environment.js";

/** A node-sdk package on disk; nothing of it has been loaded. */
export interface InstalledSdk {
  /** The name it is installed by: "@xmtp/node-sdk", or an npm alias such as "node-sdk-4.6.0". */
  readonly specifier: string;
  /** For example "5.5.0". */
  readonly version: string;
  /** Version of the native bindings it would load; "" where they are not installed. */
  readonly bindingsVersion: string;
  /** The package's real folder. */
  readonly directory: string;
  /** The real file that `import` of the specifier loads; "" where it is missing. */
  readonly entry: string;
  /** The bindings' real entry file; "" where they are not installed. */
  readonly bindingsEntry: string;
  /** What the package asks of Node, for example ">=22"; "" if nothing. */
  readonly engines: string;
}

const PRIMARY = "@xmtp/node-sdk";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly engines?: { readonly node?: string };
}

function readManifest(directory: string): Manifest | null {
  const file = join(directory, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : null;
}

/** `node_modules` of a folder and of every folder above it, nearest first. */
function moduleFolders(start: string): string[] {
  const folders: string[] = [];
  for (let at = start; ; at = dirname(at)) {
    folders.push(join(at, "node_modules"));
    if (dirname(at) === at) return folders;
  }
}

function* packagesIn(folder: string): Generator<string> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.startsWith(".")) continue;
    if (!name.startsWith("@")) yield name;
    else for (const inner of readdirSync(join(folder, name))) yield `${name}/${inner}`;
  }
}

function describe(specifier: string, folder: string): InstalledSdk | null {
  const manifest = readManifest(join(folder, specifier));
  if (manifest?.name !== PRIMARY) return null;
  const directory = realpathSync(join(folder, specifier));
  const require = createRequire(join(directory, "package.json"));
  const resolve = (name: string): string => {
    try {
      return require.resolve(name);
    } catch {
      // A package that is not whole: the preflight names what is missing when this version is asked for.
      return "";
    }
  };
  const bindingsEntry = resolve("@xmtp/node-bindings");
  const bindings = bindingsEntry === "" ? null : readManifest(dirname(dirname(bindingsEntry)));
  return {
    specifier,
    version: manifest.version ?? "",
    bindingsVersion: bindings?.version ?? "",
    directory,
    // A package resolves itself by its own name, also where it is installed under an alias.
    entry: resolve(PRIMARY),
    bindingsEntry,
    engines: manifest.engines?.node ?? "",
  };
}

let project = (): string => process.cwd();

/** How the folder of the project under test is found: that of Playwright's config. Default: the working directory. */
export function projectFolderIs(find: () => string): void {
  project = find;
}

/** The folder of the project under test. */
export function projectFolder(): string {
  return project();
}

/** Folders that may hold packages, nearest to the project first. */
function folders(): string[] {
  return [
    ...new Set([
      ...moduleFolders(project()),
      ...moduleFolders(process.cwd()),
      ...moduleFolders(dirname(fileURLToPath(import.meta.url))),
    ]),
  ];
}

const projectSdks = new Map<string, InstalledSdk>();

/**
 * The node-sdk that the project imports as `@xmtp/node-sdk`: as Node resolves it from the folder of Playwright's config,
 * else from the working directory, else from this package. Undefined where there is none. Loads no native code.
 */
export function projectSdk(): InstalledSdk | undefined {
  const from = project();
  const known = projectSdks.get(from);
  if (known !== undefined) return known;
  for (const folder of folders()) {
    const sdk = describe(PRIMARY, folder);
    if (sdk === null) continue;
    projectSdks.set(from, sdk);
    return sdk;
  }
  return undefined;
}

/** The node-sdk whose types a package in this folder compiles with; undefined where there is none. */
export function sdkSeenFrom(start: string): InstalledSdk | undefined {
  for (const folder of moduleFolders(start)) {
    const sdk = describe(PRIMARY, folder);
    if (sdk !== null) return sdk;
  }
  return undefined;
}

const found = new Map<string, readonly InstalledSdk[]>();

/**
 * All node-sdk packages that can be imported here, whatever name npm knows them by: from the project's folder upwards,
 * from the working directory, from this package, then from the folders listed in `XMTP_SDK_PATH` (separated as in PATH).
 * Nearest first, packages under their own name before aliases. Read once per process, project and path, or again while a
 * listed folder is missing (it may still be installed); loads no native code.
 */
export function installedSdks(): readonly InstalledSdk[] {
  const path = variable("XMTP_SDK_PATH") ?? "";
  const key = `${project()}\n${path}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  const extra = path.split(delimiter).filter((folder) => folder !== "");
  const byDirectory = new Map<string, InstalledSdk>();
  for (const folder of [...folders(), ...extra.map((one) => join(one, "node_modules"))]) {
    for (const name of packagesIn(folder)) {
      const sdk = describe(name, folder);
      if (sdk !== null && !byDirectory.has(sdk.directory)) byDirectory.set(sdk.directory, sdk);
    }
  }
  const all = [...byDirectory.values()];
  const named = all.filter((sdk) => sdk.specifier === PRIMARY);
  const sdks = [...named, ...all.filter((sdk) => sdk.specifier !== PRIMARY)];
  if (extra.every((folder) => existsSync(folder))) found.set(key, sdks);
  return sdks;
}
