import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { variable } from "../../../environment.js";
import { projectFolder, sdkSeenFrom } from "./discover.js";
import type { InstalledSdk } from "./discover.js";

/** Another node-sdk in the same tree of packages. */
export interface OtherCopy {
  readonly version: string;
  /** Who resolves to it: a dependency of the project, or this package, whose types are then that version's. */
  readonly seenBy: string;
}

const SELF = "playwright-xmtp";

/**
 * The node-sdk versions that others resolve to than the project does: this package (so types and workers differ), and
 * each dependency that the project's package.json names and that needs node-sdk itself, such as `@xmtp/agent-sdk`.
 */
export function otherCopies(sdk: InstalledSdk, folder: string = projectFolder()): readonly OtherCopy[] {
  const places = [
    { seenBy: SELF, from: dirname(fileURLToPath(import.meta.url)) },
    ...dependenciesOn(folder).map((name) => ({ seenBy: name, from: packageFolder(folder, name) })),
  ];
  return places.flatMap(({ seenBy, from }) => {
    const other = from === undefined ? undefined : sdkSeenFrom(from);
    return other === undefined || other.version === sdk.version ? [] : [{ seenBy, version: other.version }];
  });
}

/** The line about them; "" when all agree. */
export function copiesText(sdk: InstalledSdk, copies: readonly OtherCopy[]): string {
  if (copies.length === 0) return "";
  const who = copies.map(({ seenBy, version }) => `${seenBy} has ${version}`).join(", ");
  const types = copies.find(({ seenBy }) => seenBy === SELF);
  const next =
    types === undefined
      ? `npm install @xmtp/node-sdk@${copies[0]?.version} makes it one.`
      : `Types of workers are ${types.version}'s. Install @xmtp/node-sdk@${sdk.version} where ${SELF} is installed, then: npm dedupe`;
  return `workers run on node-sdk ${sdk.version}, but ${who}. ${next}`;
}

let told = false;

/** Says it once per run: in a script, or in the first of the run's Playwright processes. */
export function warnOfCopies(sdk: InstalledSdk): void {
  if (told || (variable("TEST_WORKER_INDEX") ?? "0") !== "0") return;
  told = true;
  const text = copiesText(sdk, otherCopies(sdk));
  if (text !== "") process.stderr.write(`${SELF}: ${text}\n`);
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function read(file: string): Manifest {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : {};
}

/** The direct dependencies of a project that bring node-sdk with them. */
function dependenciesOn(folder: string): string[] {
  const { dependencies, devDependencies } = read(join(folder, "package.json"));
  return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => {
    const at = packageFolder(folder, name);
    return at !== undefined && "@xmtp/node-sdk" in (read(join(at, "package.json")).dependencies ?? {});
  });
}

function packageFolder(start: string, name: string): string | undefined {
  for (let at = start; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) return undefined;
  }
}
